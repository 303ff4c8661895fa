"""Which parts of an inventory must be read again, and which are blocks known to be settled.

Premise: between two plans a few rows of an inventory change, and what stands after them moves.
Rule: blocks are compared by content where they should stand; after one that differs, the first line of one of the next
blocks is looked for, and what is before it is read. What is not found again soon is read to the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from reconcile.model.late import dataclass
from reconcile.model.settled import LOWEST, Key, SettledBlock
from reconcile.ports import Content

_LOOK_AHEAD = 8
_WINDOW_BYTES = 128 << 10


@dataclass(frozen=True, slots=True)
class Region:
    """Bytes of an inventory from `start` to `end` that are to be read; `number` is the first line's.

    Records are those from `first` on and before `until`, or before no other; without `first` there are none. `opening`
    is the line that stands after it, if any.
    """

    start: int
    end: int
    number: int
    first: Key | None = LOWEST
    until: Key | None = None
    opening: bytes = b""


@dataclass(frozen=True, slots=True)
class Standing:
    """A block that stands where it should, with its bytes; its lines are numbered from `number` on."""

    block: SettledBlock
    content: bytes
    number: int


def regions_of(
    content: Content, start: int, blocks: Sequence[SettledBlock], after: Key | None
) -> Iterator[Standing | Region]:
    """A file from its first row on. `blocks` are all of the file's, `after` is the first device of the next file."""
    number, at, size = 2, start, len(content)
    index, last = 0, len(blocks)
    while at < size or index < last:
        block = blocks[index] if index < last else None
        standing = _standing(content, at, block) if block is not None and block.digest else None
        if block is not None and standing is not None:
            yield Standing(block, standing, number)
            index, at, number = index + 1, at + block.size, number + block.lines
            continue
        found, end = _next(content, at, blocks, index)
        until, opening = (blocks[found].first, blocks[found].opening) if found < last else (after, b"")
        # What was put between two blocks has no record: it would be in the one before, which is settled.
        first = block.first if block is not None and found > index else None
        yield Region(at, end, number, first, until, opening)
        number += content.count(b"\n", at, end)
        index, at = found, end


def _standing(content: Content, at: int, block: SettledBlock) -> bytes | None:
    found = content[at : at + block.size]
    return found if hashlib.sha256(found).digest() == block.digest else None


def _next(content: Content, at: int, blocks: Sequence[SettledBlock], index: int) -> tuple[int, int]:
    """The next block that is found again and where, beyond what is read: at least a line of it, or a whole block."""
    for number in range(index, min(index + _LOOK_AHEAD, len(blocks))):
        until = at + (number - index + 1) * _WINDOW_BYTES
        if not blocks[number].opening:
            continue
        place = content.find(b"\n" + blocks[number].opening + b"\n", at, until) + 1
        if place > at:
            return number, place
    return len(blocks), len(content)
