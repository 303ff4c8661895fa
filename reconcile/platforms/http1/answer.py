"""Reads one answer from the bytes of a connection, however they are cut. Pure.

Rule: what is not plainly an answer is refused, and so is one of which the end is not certain (two lengths, a length
beside chunks): where one answer ends decides to whom the next one belongs.
Source: RFC 9112, sections 4, 5, 6 and 7.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

from reconcile.platforms.http1.exchange import Answered, AnswerTooLong, Broken

_HEAD_BYTES: Final = 64 * 1024
_NO_BODY: Final = (204, 304)
_STATUS: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n\0]*)?")
_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")
_TO_THE_END: Final = -1
_CHUNKED: Final = -2

Head = tuple[int, list[tuple[bytes, bytes]], int, bool, bytes]
"""Status, headers, how long the body is (or one of the two above), whether the connection stays, its encoding."""


class Reader:
    """The answer to one request; `feed` it until it gives one. `stays` says then whether the connection may be used."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._head: Head | None = None
        self._data = b""
        self._chunks: list[bytes] = []
        self._taken = 0
        self.stays = False

    def feed(self, data: bytes) -> Answered | None:
        """The answer once it is whole. Raises: Broken."""
        self._data = data = self._data + data if self._data else data
        while self._head is None:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                if len(data) > _HEAD_BYTES or not b"HTTP/1.".startswith(data[:7]):
                    raise Broken("what came is not an answer of HTTP")
                return None
            head = _read_head(data[:end])
            self._data = data = data[end + 4 :]
            if head[0] >= 200:
                self._head = head
        length = self._head[2]
        if length == _CHUNKED:
            return self._whole(b"".join(self._chunks)) if self._is_last_chunk() else None
        if max(length, len(data)) > self._limit:
            raise AnswerTooLong(f"the answer is longer than {self._limit} bytes")
        if length == _TO_THE_END or len(data) < length:
            return None
        body, self._data = (data, b"") if len(data) == length else (data[:length], data[length:])
        return self._whole(body)

    def end(self) -> Answered | None:
        """The connection ended: an answer without a length ends there too, every other is cut off."""
        if self._head is None or self._head[2] != _TO_THE_END:
            return None
        return self._whole(self._data)

    def _whole(self, body: bytes) -> Answered:
        assert self._head is not None
        status, headers, length, stays, encoding = self._head
        self.stays = stays and length != _TO_THE_END and not self._data
        if encoding and body:
            body = _decompressed(body, encoding, self._limit)
        return Answered(status, headers, body)

    def _is_last_chunk(self) -> bool:
        """Takes the chunks that are whole; the last one is followed by trailers, which tell us nothing."""
        data, at = self._data, 0
        try:
            while (end := data.find(b"\r\n", at)) >= 0:
                found = _SIZE.fullmatch(data, at, end)
                if found is None:
                    raise Broken("what came is not a chunk of an answer")
                size = int(found[1], 16)
                if size == 0:
                    trailers = data.find(b"\r\n\r\n", end)
                    if trailers < 0:
                        return False
                    at = trailers + 4
                    return True
                self._taken += size
                if self._taken > self._limit:
                    raise AnswerTooLong(f"the answer is longer than {self._limit} bytes")
                if len(data) < end + 2 + size + 2:
                    self._taken -= size
                    return False
                if data[end + 2 + size : end + 4 + size] != b"\r\n":
                    raise Broken("a chunk of the answer does not end where it says")
                self._chunks.append(data[end + 2 : end + 2 + size])
                at = end + 4 + size
            if len(data) - at > _HEAD_BYTES:
                raise Broken("what came is not a chunk of an answer")
            return False
        finally:
            self._data = data[at:]


def _read_head(data: bytes) -> Head:
    """The head of an answer. Raises: Broken."""
    first, *lines = data.split(b"\r\n")
    found = _STATUS.fullmatch(first)
    if found is None or b"\0" in data or data.count(b"\n") != len(lines) or data.count(b"\r") != len(lines):
        raise Broken("what came is not an answer of HTTP")
    headers = []
    lengths: set[bytes] = set()
    codings, encoding, connection = b"", b"", b""
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or _TOKEN.fullmatch(name) is None:
            raise Broken("what came is not a header of HTTP")
        name, value = name.lower(), value.strip(b" \t")
        headers.append((name, value))
        if name == b"content-length":
            lengths.add(value)
        elif name == b"transfer-encoding":
            codings += value.lower()
        elif name == b"content-encoding":
            encoding += value.lower()
        elif name == b"connection":
            connection += b"," + value.lower()
    status = int(found[2])
    options = connection.replace(b" ", b"").split(b",") if connection else ()
    stays = b"close" not in options if found[1] == b"1" else b"keep-alive" in options
    return status, headers, _length(status, lengths, codings), stays, encoding if encoding != b"identity" else b""


def _length(status: int, lengths: set[bytes], codings: bytes) -> int:
    if status in _NO_BODY or status < 200:
        if status == 101:
            raise Broken("the answer changes to a protocol that nobody asked for")
        return 0
    if codings:
        if codings != b"chunked" or lengths:
            raise Broken("the answer does not say where it ends")
        return _CHUNKED
    if not lengths:
        return _TO_THE_END
    (length, *others) = lengths
    if others or not length.isdigit() or len(length) > 18:
        raise Broken("the answer does not say where it ends")
    return int(length)


def _decompressed(body: bytes, encoding: bytes, limit_bytes: int) -> bytes:
    if encoding not in (b"gzip", b"x-gzip", b"deflate"):
        raise Broken("the answer is compressed in a way that nobody asked for")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: gzip or zlib, by what it begins with
    try:
        unpacked = unpacking.decompress(body, limit_bytes + 1)
    except zlib.error as exc:
        raise Broken("the answer is compressed, and damaged") from exc
    if len(unpacked) > limit_bytes:
        raise AnswerTooLong(f"the answer is longer than {limit_bytes} bytes")
    if not unpacking.eof:
        raise Broken("the answer is compressed, and cut off")
    return unpacked
