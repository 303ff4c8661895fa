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

FORM = "manifest-1"
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
    """The same, packed: a tenth of the nodes that they come from, for fleets of a hundred thousand documents."""

    __slots__ = ("_packed",)

    def __init__(self, root: Node) -> None:
        """Raises: TypeError for a document of which something was refused."""
        self._packed = marshal.dumps(_tree(root))

    def __getitem__(self, pointer: Pointer) -> tuple[int, int]:
        return _unpacked(self._packed)[pointer]

    def __iter__(self) -> Iterator[Pointer]:
        return iter(_unpacked(self._packed))

    def __len__(self) -> int:
        return len(_unpacked(self._packed))


@lru_cache(maxsize=4)
def _unpacked(packed: bytes) -> KeptPositions:
    """Documents are asked for their places one after the other."""
    return KeptPositions(marshal.loads(packed))  # noqa: S302  # packed by this very process


def kept(headers: Sequence[Header], documents: Sequence[Document], roots: Sequence[Node]) -> Json:
    """The form to keep of a file; `roots` are the nodes of its documents."""
    return [
        [header.kind, header.name, header.full_name, header.span.line, header.span.column, document.body, _tree(root)]
        for header, document, root in zip(headers, documents, roots, strict=True)
    ]


def read_kept(file: str, body: Json) -> Read | None:
    """The reverse of `kept`; None when it is not of that form."""
    headers, documents = [], []
    for entry in body if isinstance(body, list) else ():
        match entry:
            case [str(kind), str(name), str(full), int(line), int(column), dict(spec), list(at)]:
                headers.append(Header(kind, name, full, Span(file, line, column)))
                documents.append(Document(file, kind, name, spec, KeptPositions(at)))
            case _:
                return None
    return (headers, documents) if documents else None


def _tree(node: Node) -> list[Json]:
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
            return [[_tree(item) for item in node.items]]
        case Scalar():
            return []
    raise TypeError(type(node).__name__)


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
