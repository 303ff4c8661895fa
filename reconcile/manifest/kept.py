"""What a manifest file without a fault was read as, in a form to keep: its headers, documents and the places in them.

Premise: a fleet of a thousand files changes one of them at a time, and reading them is half of a run.
Rule: only a file about which nothing was to be said is kept; what was kept is as if the file was read again.
"""

from __future__ import annotations

import collections.abc
import marshal
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol, TypeAlias

from reconcile.manifest.document import Document, Pointer
from reconcile.manifest.parse_header import Header
from reconcile.manifest.yaml import Listing, Mapping, Node, Scalar
from reconcile.model.diagnostic import Span
from reconcile.model.values import Json, JsonObject

FORM = "manifest-2"
"""The form of what is kept; another form is another key."""

Read: TypeAlias = tuple[Sequence[Header], Sequence[Document]]


class KeptFiles(Protocol):
    """Where files without a fault are kept, by their content."""

    def get(self, content: bytes) -> Json:
        """What `kept` made of a file of this content; None when it is not known."""
        ...

    def keep(self, content: bytes, body: Json) -> None:
        """Keeps it for a later run."""
        ...


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


class PackedPositions(collections.abc.Mapping[Pointer, tuple[int, int]]):
    """The same of a document that stands so many lines further down, from a tree that is packed: a tenth of the nodes
    that it comes from, and one for all documents of the same shape.
    """

    __slots__ = ("_before", "_packed")

    def __init__(self, packed: bytes, lines_before: int = 0) -> None:
        self._packed, self._before = packed, lines_before

    def __getitem__(self, pointer: Pointer) -> tuple[int, int]:
        line, column = _unpacked(self._packed)[pointer]
        return line + self._before, column

    def __iter__(self) -> Iterator[Pointer]:
        return iter(_unpacked(self._packed))

    def __len__(self) -> int:
        return len(_unpacked(self._packed))


@lru_cache(maxsize=4)
def _unpacked(places: bytes) -> KeptPositions:
    """Documents are asked for their places one after the other."""
    return KeptPositions(unpacked(places))


def packed(root: Node) -> bytes:
    """The places in a document, packed. Raises: TypeError for one of which something was refused."""
    return marshal.dumps(tree(root))


def unpacked(places: bytes, lines_before: int = 0) -> list[Json]:
    """The tree that was packed, so many lines further down."""
    found: list[Json] = marshal.loads(places)  # noqa: S302  # packed by this very process
    return _moved(found, lines_before) if lines_before else found


def kept(headers: Sequence[Header], documents: Sequence[Document], trees: Sequence[list[Json]]) -> Json:
    """The form to keep of a file; `trees` are the places in its documents."""
    return [
        [header.kind, header.name, header.full_name, header.span.line, header.span.column, one.body, one.said, at]
        for header, one, at in zip(headers, documents, trees, strict=True)
    ]


def read_kept(file: str, entries: Json) -> Read | None:
    """The reverse of `kept`; None when it is not of that form."""
    headers, documents = [], []
    for entry in entries if isinstance(entries, list) else ():
        match entry:
            case [str(kind), str(name), str(full), int(line), int(column), dict(body), str(said), list(at)]:
                headers.append(Header(kind, name, full, Span(file, line, column)))
                documents.append(Document(file, kind, name, body, KeptPositions(at), said))
            case _:
                return None
    return (headers, documents) if documents else None


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


def _moved(place: Json, lines: int) -> list[Json]:
    match place:
        case [int(line), *rest]:
            return [line + lines, *(_moved_inside(part, lines) for part in rest)]
    raise TypeError(type(place).__name__)


def _moved_inside(part: Json, lines: int) -> Json:
    match part:
        case dict(members):
            return {key: _moved(member, lines) for key, member in members.items()}
        case list(items):
            return [_moved(item, lines) for item in items]
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
