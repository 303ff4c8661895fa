"""Where things stand: pointers into a document, looked up in its nodes when asked.

A document has a place for every key and asks for few of them, so none is copied.
"""

from __future__ import annotations

import collections.abc
from collections.abc import Iterator

from reconcile.manifest.document import Pointer
from reconcile.manifest.yaml import Listing, Mapping, Node


class Positions(collections.abc.Mapping[Pointer, tuple[int, int]]):
    """Pointer to (line, column): of the key for members of mappings, of the value for items of lists and the root."""

    __slots__ = ("_root",)

    def __init__(self, root: Node) -> None:
        self._root = root

    def __getitem__(self, pointer: Pointer) -> tuple[int, int]:
        place = _place(self._root, pointer)
        if place is None:
            raise KeyError(pointer)
        return place

    def __iter__(self) -> Iterator[Pointer]:
        return _pointers(self._root, ())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def node_at(root: Node, pointer: Pointer) -> Node | None:
    """The node a pointer leads to, or None."""
    node: Node = root
    for part in pointer:
        step = _step(node, part)
        if step is None:
            return None
        node = step[2]
    return node


def key_at(root: Node, pointer: Pointer) -> tuple[int, int]:
    """The place of a member, or of the nearest thing around it."""
    while (place := _place(root, pointer)) is None:
        pointer = pointer[:-1]
    return place


def _place(root: Node, pointer: Pointer) -> tuple[int, int] | None:
    node, place = root, (root.line, root.column)
    for part in pointer:
        step = _step(node, part)
        if step is None:
            return None
        place, node = step[:2], step[2]
    return place


def _step(node: Node, part: str | int) -> tuple[int, int, Node] | None:
    if type(node) is Mapping and isinstance(part, str):
        return node.members.get(part)
    if type(node) is Listing and isinstance(part, int) and 0 <= part < len(node.items):
        item = node.items[part]
        return item.line, item.column, item
    return None


def _pointers(node: Node, at: Pointer) -> Iterator[Pointer]:
    yield at
    if type(node) is Mapping:
        for key, (_, _, member) in node.members.items():
            yield from _pointers(member, (*at, key))
    elif type(node) is Listing:
        for index, item in enumerate(node.items):
            yield from _pointers(item, (*at, index))
