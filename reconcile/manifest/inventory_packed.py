"""Inventories compressed by gzip, unpacked within limits: a few kilobytes may unpack to gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from reconcile.manifest import codes
from reconcile.manifest.codes import problem
from reconcile.manifest.layer_codes import NOT_TEXT, Tally
from reconcile.model.diagnostic import Span
from reconcile.ports import NamedBytes

PACKED = ".gz"
MOST_BYTES = 1 << 30
_PIECE_BYTES = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS


def unpacked(file: NamedBytes, tally: Tally, most_bytes: int = MOST_BYTES) -> bytes | None:
    """What the file holds; None when it is damaged or too large, which goes to `tally`.

    Of what is no list of rows (a NUL, a line beyond a piece) only the beginning is unpacked: enough to tell what it is.
    """
    parts: list[bytes] = []
    size = 0
    try:
        for piece in _pieces(file.content):
            parts.append(piece)
            size += len(piece)
            if size > most_bytes:
                detail = f"Unpacked it is larger than {most_bytes:,} bytes. Split the inventory into several files."
                tally.add(problem(codes.LIMIT, detail, Span(file.name)))
                return None
            if b"\0" in piece or (len(piece) == _PIECE_BYTES and b"\n" not in piece and b"\r" not in piece):
                break
    except (zlib.error, EOFError) as exc:
        tally.add(NOT_TEXT.at(Span(file.name), f"It is no whole gzip file ({exc}). Compress it again with `gzip`"))
        return None
    return b"".join(parts)


def _pieces(content: bytes) -> Iterator[bytes]:
    """The unpacked bytes of all members, up to a mebibyte at a time. Raises: zlib.error, EOFError."""
    while content:
        member, packed = zlib.decompressobj(_GZIP), content
        while not member.eof:
            piece = member.decompress(packed, _PIECE_BYTES)
            packed = member.unconsumed_tail
            if not piece and not packed and not member.eof:
                raise EOFError("it ends too early")
            yield piece
        content = member.unused_data.lstrip(b"\0")
