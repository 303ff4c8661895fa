"""Where something stands in a JSON text. Slow and only for messages: the parser itself keeps no places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import field
from typing import Final

from reconcile.model.late import dataclass
from reconcile.platforms.aliyun.thing_model.faults import Place

_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


@dataclass(slots=True)
class _Open:
    """An object or list that is not closed yet; `step` is the member or index that is being read."""

    is_object: bool
    step: str | int
    expects_key: bool
    keys: set[str] = field(default_factory=set)


def line_and_column(source: str, offset: int) -> tuple[int, int]:
    """Both count from 1."""
    return source.count("\n", 0, offset) + 1, offset - source.rfind("\n", 0, offset)


def find(source: str, wanted: Place) -> tuple[int, int]:
    """Line and column of the value at a place, or of the nearest value around it that is there."""
    best, found = 0, 0
    for opened, offset, key in _walk(source):
        if key is not None or not best <= len(opened) <= len(wanted):
            continue
        if all(one.step == step for one, step in zip(opened, wanted, strict=False)):
            best, found = len(opened), offset
        if best == len(wanted):
            break
    return line_and_column(source, found)


def find_repeated_key(source: str) -> tuple[int, int]:
    """Line and column of the first key that stands twice in one object; of the begin when none does."""
    repeated = (at for opened, at, key in _walk(source) if key is not None and key in opened[-1].keys)
    return line_and_column(source, next(repeated, 0))


def find_depth(source: str, depth: int) -> tuple[int, int]:
    """Line and column of the first value nested that deep; of the begin when none is."""
    deep = (at for opened, at, key in _walk(source) if key is None and len(opened) >= depth)
    return line_and_column(source, next(deep, 0))


def _walk(source: str) -> Iterator[tuple[list[_Open], int, str | None]]:
    """Every value and every key, in order: what is open around it, its offset, and the key itself when it is one."""
    opened: list[_Open] = []
    for match in _PIECE.finditer(source):
        piece, offset = match[0], match.start()
        top = opened[-1] if opened else None
        if piece in "]}":
            del opened[-1:]
        elif piece == ",":
            if top is not None:
                top.expects_key = top.is_object
                top.step = top.step if isinstance(top.step, str) else top.step + 1
        elif piece == ":":
            continue
        elif top is not None and top.expects_key and piece[0] == '"':
            top.step, top.expects_key = _decoded(piece), False
            yield opened, offset, top.step
            top.keys.add(top.step)
        else:
            yield opened, offset, None
            if piece in "[{":
                is_object = piece == "{"
                opened.append(_Open(is_object, "" if is_object else 0, is_object))


def _decoded(key: str) -> str:
    try:
        return str(json.loads(key, strict=False))
    except ValueError:
        return key
