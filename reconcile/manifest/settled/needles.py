"""Lines of an inventory found by the bytes in them."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.manifest.settled.cells import text_of
from reconcile.manifest.settled.layout import Sheet
from reconcile.model.settled import Key


def needle(value: str, column: int, width: int) -> bytes:
    """A value as it stands in that column of a line, with the commas that are sure to be there."""
    written = value.encode("utf-8", "surrogatepass")  # what no file holds is found nowhere
    return b"," * (column > 0) + written + b"," * (column < width - 1)


def places(content: bytes, found: bytes, begin: int = 0) -> Iterator[int]:
    """Where these bytes are found, from a place on."""
    at = content.find(found, begin)
    while at >= 0:
        yield at
        at = content.find(found, at + 1)


def line_starts(content: bytes) -> Iterator[int]:
    """Where lines begin."""
    start = 0
    while start < len(content):
        yield start
        start = content.find(b"\n", start) + 1 or len(content)


def line_at(content: bytes, start: int) -> str:
    """The line that begins there. Raises: NotScreenedError."""
    return text_of(content[start : content.find(b"\n", start) + 1 or len(content)]).rstrip("\n")


def line_of(content: bytes, begin: int, key: Key, sheet: Sheet) -> int | None:
    """Where the line of a device begins, from a place on; None where none is its. Raises: NotScreenedError."""
    for at in places(content, needle(key[1], sheet.columns.name, sheet.columns.width), begin):
        start = content.rfind(b"\n", 0, at) + 1
        if sheet.key_of_line(line_at(content, start)) == key:
            return start
    return None
