"""One connection's side of HTTP/1.1, by h11: requests to bytes, bytes to whole answers, however they are cut. Pure.

Rule: what is not plainly an answer is refused, and so is one of which the end is not certain: where one answer ends
decides to whom the next one belongs.
"""

from __future__ import annotations

import zlib
from typing import Final

import h11

from reconcile.platforms.http1.exchange import Answered, AnswerTooLong, Asked, Broken, Unreached

_HEAD_BYTES: Final = 64 * 1024


class Conversation:
    """Requests and their answers, one after the other. `stays` says whether another request may follow."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)
        self._head: h11.Response | None = None
        self._parts: list[bytes] = []
        self._taken = 0
        self.stays = False

    def request(self, asked: Asked, host: str) -> bytes:
        """The bytes of the next request. Raises: Unreached for what HTTP cannot carry."""
        headers = [("host", host), *((name, value) for name, value in asked.headers if name != "host")]
        if asked.body or asked.method != "GET":
            headers.append(("content-length", str(len(asked.body))))
        self._head, self._parts, self._taken, self.stays = None, [], 0, False
        try:
            head = self._http.send(h11.Request(method=asked.method, target=asked.target, headers=headers))
        except (h11.LocalProtocolError, UnicodeEncodeError) as exc:
            advice = "the address or a header holds characters that HTTP cannot carry; check keys and endpoint"
            raise Unreached(advice) from exc
        self._http.send(h11.Data(data=asked.body))
        self._http.send(h11.EndOfMessage())
        return (head or b"") + asked.body

    def feed(self, data: bytes) -> Answered | None:
        """The answer once it is whole; empty `data`: the connection ended. Raises: Broken."""
        try:
            self._http.receive_data(data)
            while True:
                event = self._http.next_event()
                if isinstance(event, h11.Data):
                    self._take(event.data)
                elif isinstance(event, h11.Response):
                    self._begin(event)
                elif isinstance(event, h11.EndOfMessage):
                    return self._whole(is_last=not data)
                elif not isinstance(event, h11.InformationalResponse):  # NEED_DATA, or the connection ended before it
                    return None
        except h11.RemoteProtocolError as exc:
            raise Broken("what came is not an answer of HTTP") from exc

    def _begin(self, head: h11.Response) -> None:
        self._head = head
        names = {name for name, _ in head.headers}
        if b"transfer-encoding" in names and b"content-length" in names:
            raise Broken("the answer does not say where it ends")
        length = next((value for name, value in head.headers if name == b"content-length"), b"0")
        self._check(int(length))

    def _take(self, data: bytes) -> None:
        self._taken += len(data)
        self._check(self._taken)
        self._parts.append(bytes(data))

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise AnswerTooLong(f"the answer is longer than {self._limit} bytes")

    def _whole(self, *, is_last: bool) -> Answered:
        assert self._head is not None
        headers = list(self._head.headers)
        body = b"".join(self._parts)
        self.stays = not is_last and self._http.states == _BOTH_DONE and not self._http.trailing_data[0]
        if self.stays:
            self._http.start_next_cycle()
        encoding = next((value.lower() for name, value in headers if name == b"content-encoding"), b"identity")
        if body and encoding != b"identity":
            body = _decompressed(body, encoding, self._limit)
        return Answered(self._head.status_code, headers, body)


_BOTH_DONE: Final = {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}


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
