"""Where everything in a manifest file stands, to the character: what an edit needs that a reader does not.

Built from the same events as the reader's nodes (`yaml.py`), so a key is found by the line and column that diagnostics
and layers name. Offsets count characters of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from yaml import events as ev

from reconcile.manifest.events import events
from reconcile.model.late import dataclass


@dataclass(slots=True)
class Part:
    """A scalar, mapping or listing, from `start` to `end`; lines and columns from 1.

    style: of a scalar the sign that it begins with, empty where it is plain. `end` of a block collection is where the
    last thing in it ends, before any comment.
    """

    start: int
    end: int
    line: int
    column: int
    style: str = ""
    text: str | None = None
    is_flow: bool = False
    members: list[tuple[Part, Part]] | None = None
    items: list[Part] | None = None

    def member(self, key: str) -> Part | None:
        """The value of a mapping's key."""
        return next((value for name, value in self.members or () if name.text == key), None)

    @property
    def ends_in_block_text(self) -> bool:
        """True when its last line is one of a text written with `|` or `>`, after which every line counts."""
        last = self.members[-1][1] if self.members else self.items[-1] if self.items else None
        return self.style in ("|", ">") if last is None else not self.is_flow and last.ends_in_block_text

    def pairs(self) -> Iterator[tuple[Part, Part, Part]]:
        """(mapping, key, value) of every mapping inside, itself first."""
        for key, value in self.members or ():
            yield self, key, value
            yield from value.pairs()
        for item in self.items or ():
            yield from item.pairs()


@dataclass(slots=True)
class _Open:
    part: Part
    key: Part | None = None
    done: list[Part] = field(default_factory=list)


def parts(text: str) -> list[Part]:
    """The documents of a text that the strict reader accepts. Raises: SyntaxProblem."""
    roots: list[Part] = []
    stack: list[_Open] = []
    for event in events(text):
        match event:
            case ev.ScalarEvent():
                _add(roots, stack, _part(event, text=event.value, style=event.style or ""))
            case ev.MappingStartEvent():
                stack.append(_Open(_part(event, members=[], is_flow=bool(event.flow_style))))
            case ev.SequenceStartEvent():
                stack.append(_Open(_part(event, items=[], is_flow=bool(event.flow_style))))
            case ev.MappingEndEvent() | ev.SequenceEndEvent():
                closed = stack.pop().part
                mark: Any = event.end_mark  # PyYAML's types say it may be missing; that of a parser never is
                closed.end = mark.index if closed.is_flow else _last(closed)
                _add(roots, stack, closed)
    return roots


def key_at(roots: list[Part], line: int, column: int) -> tuple[Part, Part, Part] | None:
    """(mapping, key, value) of the key that stands there."""
    return next(
        (found for root in roots for found in root.pairs() if (found[1].line, found[1].column) == (line, column)), None
    )


def _add(roots: list[Part], stack: list[_Open], part: Part) -> None:
    if not stack:
        roots.append(part)
        return
    frame = stack[-1]
    if frame.part.items is not None:
        frame.part.items.append(part)
    elif frame.key is None:
        frame.key = part
    else:
        assert frame.part.members is not None, "it is a mapping"
        frame.part.members.append((frame.key, part))
        frame.key = None


def _last(part: Part) -> int:
    """The end of the last thing in a block collection; one that is empty ends where it begins."""
    if part.members:
        key, value = part.members[-1]
        return max(key.end, value.end)
    return part.items[-1].end if part.items else part.start


def _part(
    event: Any,
    *,
    text: str | None = None,
    style: str = "",
    is_flow: bool = False,
    members: list[tuple[Part, Part]] | None = None,
    items: list[Part] | None = None,
) -> Part:
    start, end = event.start_mark, event.end_mark
    return Part(start.index, end.index, start.line + 1, start.column + 1, style, text, is_flow, members, items)
