"""Inventory bytes -> cells of its rows, block by block.

Premise: as one text an inventory takes four bytes a character beside its own; blocks of 32 KiB stay in a core's cache.
Rule: a file without quotes is a line a row and a comma a cell. Anything else in it (quotes, NUL, a lone carriage
return, bytes that are no UTF-8, a line without an end) is left to the reader that knows all of CSV.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import TypeAlias

from reconcile.manifest.settled.screened import NotScreenedError

BLOCK_BYTES = 32 << 10
_LONGEST_LINE_BYTES = 1 << 20

Lines: TypeAlias = "tuple[int, list[str]]"
"""The number of the first line of a block, and its lines without their ends."""


def blocks_of(content: bytes) -> Iterator[Lines]:
    """The lines of a file in blocks. Raises: NotScreenedError for a file that is not so simple."""
    size, start = len(content), len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    number = 1
    while start < size:
        end = _end_of(content, start, size)
        lines = _text(content[start:end]).split("\n")
        if not lines[-1]:
            lines.pop()
        yield number, lines
        number, start = number + len(lines), end


def _end_of(content: bytes, start: int, size: int) -> int:
    """Where the block ends that begins there: after the first line end beyond its size."""
    if start + BLOCK_BYTES >= size:
        return size
    at = start + BLOCK_BYTES
    end = content.find(b"\n", at, at + _LONGEST_LINE_BYTES)
    if end >= 0:
        return end + 1
    if at + _LONGEST_LINE_BYTES < size:
        raise NotScreenedError
    return size


def _text(block: bytes) -> str:
    if b'"' in block or b"\0" in block:
        raise NotScreenedError
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
        if b"\r" in block:
            raise NotScreenedError
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        raise NotScreenedError from None
