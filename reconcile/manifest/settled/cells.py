"""Inventory bytes -> cells of its rows, block by block.

Premise: as one text an inventory takes four bytes a character beside its own; blocks of 32 KiB stay in a core's cache.
Rule: a file without quotes is a line a row and a comma a cell. Anything else in it (quotes, NUL, a lone carriage
return, bytes that are no UTF-8, a line without an end) is left to the reader that knows all of CSV.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import NamedTuple

from reconcile.manifest.inventory_packed import PACKED, unpacked
from reconcile.manifest.layer_codes import Tally
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.ports import Content, NamedBytes, NamedContent

BLOCK_BYTES = 32 << 10
_LONGEST_LINE_BYTES = 1 << 20


def is_csv(name: str) -> bool:
    """Whether a file of that name is a CSV, compressed or not."""
    return name.lower().removesuffix(PACKED).endswith(".csv")


def opened(file: NamedContent) -> NamedContent:
    """The file, a compressed CSV as what it holds. Raises: NotScreenedError when that cannot be unpacked."""
    if not is_csv(file.name) or not file.name.lower().endswith(PACKED):
        return file
    content = unpacked(NamedBytes(file.name, file.content[0 : len(file.content)]), Tally())
    if content is None:
        raise NotScreenedError
    return NamedBytes(file.name, content)


class Lines(NamedTuple):
    """A block: the number of its first line, its lines without their ends, and where its bytes begin and end."""

    number: int
    lines: list[str]
    start: int
    end: int


def header_of(content: Content) -> tuple[str, int]:
    """The first line of a file, and where the second begins. Raises: NotScreenedError."""
    start = len(codecs.BOM_UTF8) if content[0:3] == codecs.BOM_UTF8 else 0
    end = content.find(b"\n", start, start + _LONGEST_LINE_BYTES) + 1 or len(content)
    return text_of(content[start:end]).rstrip("\n"), end


def line_before(content: Content, end: int) -> str:
    """The line that ends there. Raises: NotScreenedError."""
    size = 4 << 10
    while True:
        before = content[max(0, end - size) : end]
        start = before.rfind(b"\n", 0, len(before) - 1) + 1
        if start or size >= end:
            return text_of(before[start:]).rstrip("\n")
        if size > _LONGEST_LINE_BYTES:
            raise NotScreenedError
        size *= 16


def blocks_of(content: Content, start: int, size: int, number: int) -> Iterator[Lines]:
    """The lines of a file from one place to another, in blocks. Raises: NotScreenedError where it is not so simple."""
    while start < size:
        end = _end_of(content, start, size)
        lines = text_of(content[start:end]).split("\n")
        if not lines[-1]:
            lines.pop()
        yield Lines(number, lines, start, end)
        number, start = number + len(lines), end


def _end_of(content: Content, start: int, size: int) -> int:
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


def text_of(block: bytes) -> str:
    """Lines as text, each with a newline behind it. Raises: NotScreenedError."""
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
