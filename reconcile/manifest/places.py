"""The places in a document as a tree of lines and columns: to keep, and packed for fleets of many documents.

A place is `[line, column]` or `[line, column, inside]`, where `inside` holds the places of members by key, or of items
in order. The place of a member is that of its key.
"""

from __future__ import annotations

import collections.abc
import marshal
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from reconcile.manifest.document import Pointer
from reconcile.manifest.yaml import Listing, Mapping, Node, Scalar
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject

Shift: TypeAlias = "tuple[int, int, int]"
"""By how many columns everything moves that stands behind a column of a line."""


class KeptPositions(collections.abc.Mapping[Pointer, tuple[int, int]]):
    """Positions of a document from its tree of places, in the order of the document."""

    __slots__ = ("_root",)

    def __init__(self, root: list[Json]) -> None:
        self._root = root

    def __getitem__(self, pointer: Pointer) -> tuple[int, int]:
        place: Json = self._root
        for part in pointer:
            place = _inside(place, part)
        return _place(place)

    def __iter__(self) -> Iterator[Pointer]:
        return _pointers(self._root, ())

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Offset:
    """Where a document stands, beside one of the same shape: so many lines further down, and some of it shifted."""

    lines: int = 0
    shifts: tuple[Shift, ...] = ()

    def moved(self, line: int, column: int) -> tuple[int, int]:
        """A place of that one in this one."""
        behind = (by for at, before, by in self.shifts if at == line and before < column)
        return line + self.lines, column + sum(behind)


class PackedPositions(collections.abc.Mapping[Pointer, tuple[int, int]]):
    """Positions from a tree that is packed: a tenth of the nodes that it comes from, and one for all documents of the
    same shape.
    """

    __slots__ = ("_offset", "_packed")

    def __init__(self, packed: bytes, offset: Offset) -> None:
        self._packed, self._offset = packed, offset

    def __getitem__(self, pointer: Pointer) -> tuple[int, int]:
        return self._offset.moved(*_unpacked(self._packed)[pointer])

    def __iter__(self) -> Iterator[Pointer]:
        return iter(_unpacked(self._packed))

    def __len__(self) -> int:
        return len(_unpacked(self._packed))


@lru_cache(maxsize=4)
def _unpacked(places: bytes) -> KeptPositions:
    """Documents are asked for their places one after the other."""
    return KeptPositions(unpacked(places, Offset()))


def packed(root: Node) -> bytes:
    """The places in a document, packed. Raises: TypeError for one of which something was refused."""
    return marshal.dumps(tree(root))


def unpacked(places: bytes, offset: Offset) -> list[Json]:
    """The tree that was packed, of a document that stands elsewhere."""
    found: list[Json] = marshal.loads(places)  # noqa: S302  # packed by this very process
    return found if offset == Offset() else _moved(found, offset)


def tree(node: Node) -> list[Json]:
    """Line and column of a node, and what is inside: by key (with the key's place), or in order."""
    return [node.line, node.column, *_members(node)]


def _members(node: Node) -> list[Json]:
    match node:
        case Mapping():
            inside: JsonObject = {
                key: [line, column, *_members(member)] for key, (line, column, member) in node.members.items()
            }
            return [inside]
        case Listing():
            return [[tree(item) for item in node.items]]
        case Scalar():
            return []
    raise TypeError(type(node).__name__)


def _moved(place: Json, offset: Offset) -> list[Json]:
    match place:
        case [int(line), int(column), *rest]:
            return [*offset.moved(line, column), *(_moved_inside(part, offset) for part in rest)]
    raise TypeError(type(place).__name__)


def _moved_inside(part: Json, offset: Offset) -> Json:
    match part:
        case dict(members):
            return {key: _moved(member, offset) for key, member in members.items()}
        case list(items):
            return [_moved(item, offset) for item in items]
    return part


def _inside(place: Json, part: str | int) -> Json:
    inside = place[2] if isinstance(place, list) and len(place) > 2 else None
    if isinstance(inside, dict) and isinstance(part, str):
        return inside[part]
    if isinstance(inside, list) and isinstance(part, int) and 0 <= part < len(inside):
        return inside[part]
    raise KeyError(part)


def _place(place: Json) -> tuple[int, int]:
    match place:
        case [int(line), int(column), *_]:
            return line, column
    raise KeyError


def _pointers(place: Json, at: Pointer) -> Iterator[Pointer]:
    yield at
    match place:
        case [_, _, dict(members)]:
            for key, member in members.items():
                yield from _pointers(member, (*at, key))
        case [_, _, list(items)]:
            for index, item in enumerate(items):
                yield from _pointers(item, (*at, index))
