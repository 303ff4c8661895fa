"""Edits of manifest files that leave everything else as it was, byte for byte: comments, order, quotes, blank lines.

An edit is a splice: characters from `start` to `end` give way to `text`. Whoever makes one reads the outcome again and
compares; nothing here decides that an edit is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconcile.manifest.edit_spell import spell_text
from reconcile.manifest.edit_tree import Part
from reconcile.model.late import dataclass

_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Splice:
    """Characters from `start` to `end` give way to `text`."""

    start: int
    end: int
    text: str


class CannotEdit(Exception):
    """The place is written in a way that no splice can change; the text says which."""


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text after all splices, whose places are those of the text before. Raises: CannotEdit where two overlap."""
    done: list[str] = []
    at = 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        if splice.start < at:
            raise CannotEdit("two edits meet at one place")
        done += [text[at : splice.start], splice.text]
        at = splice.end
    return "".join([*done, text[at:]])


def replaced(value: Part, text: str) -> Splice:
    """Another value in place of one. Raises: CannotEdit."""
    if value.style in ("|", ">"):
        raise CannotEdit("a text written with | or > over several lines")
    if value.start == value.end:
        raise CannotEdit("a key without a value")
    return Splice(value.start, value.end, text)


def added(text: str, mapping: Part, entries: Mapping[str, str]) -> Splice:
    """Members after the last one of a mapping, values as YAML of one line. Raises: CannotEdit."""
    members = mapping.members
    assert members is not None, "members are added to a mapping"
    written = [f"{spell_text(key)}: {value}" for key, value in entries.items()]
    if mapping.is_flow:
        if not members:
            return Splice(mapping.end - 1, mapping.end - 1, ", ".join(written))
        end = max(members[-1][0].end, members[-1][1].end)
        return Splice(end, end, "".join(f", {one}" for one in written))
    return _lines(text, mapping, written)


def added_section(text: str, mapping: Part, section: str, entries: Mapping[str, str]) -> Splice:
    """A member that is itself a mapping, after the last one of a mapping. Raises: CannotEdit."""
    if mapping.is_flow:
        inner = ", ".join(f"{spell_text(key)}: {value}" for key, value in entries.items())
        return added(text, mapping, {section: f"{{{inner}}}"})
    lines = [f"{_INDENT}{spell_text(key)}: {value}" for key, value in entries.items()]
    return _lines(text, mapping, [f"{section}:", *lines])


def _lines(text: str, mapping: Part, lines: list[str]) -> Splice:
    """Lines after the last one of a block mapping, indented as its keys are."""
    if mapping.ends_in_block_text:
        raise CannotEdit("a text written with | or > ends the mapping")
    assert mapping.members, "a block mapping has members"
    newline = "\r\n" if "\r\n" in text else "\n"
    pad = " " * (mapping.members[0][0].column - 1)
    end = text.find("\n", mapping.end)
    if end < 0:
        end = len(text)
    elif text[end - 1 : end] == "\r":
        end -= 1
    return Splice(end, end, "".join(f"{newline}{pad}{line}" for line in lines))
