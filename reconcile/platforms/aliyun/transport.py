"""One HTTP exchange with the gateway: sent once, its failure named by whether it may have landed.

Premise: after a lost answer everything hangs on whether a byte left.
Rule: only a failure to connect is "not sent"; everything else is in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import httpx

from reconcile.model.errors import CallFailed, InDoubt, NotSent
from reconcile.platforms.connections import (
    LOST,
    NEVER_SENT,
    AnswerTooLongError,
    Connections,
    Limits,
    body_of,
    header_of,
    tls_for,
    unreached,
)

ANSWER_TIMEOUT_S: Final = 15.0
CONNECTIONS: Final = 64

_CONNECT_S: Final = 5.0
_IDLE_S: Final = 5.0
"""Shorter than servers keep an idle connection: one that is closed under a request leaves that request in doubt."""
_LIMITS: Final = Limits(CONNECTIONS, _IDLE_S, answer_bytes=8 * 1024 * 1024)
_HEADERS: Final = (
    ("user-agent", "reconcile"),
    ("accept", "application/json, text/xml"),
    ("accept-encoding", "identity"),
)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What came back, whatever its status."""

    http_status: int
    body: bytes = field(repr=False)
    date: str
    retry_after: str


class Http:
    """A pool of connections to one endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._url = httpx.URL(f"{endpoint}/")
        self._path = self._url.raw_path
        self.host = self._url.netloc.decode("ascii")
        self._connections = Connections(_LIMITS, tls=tls_for(self._url.scheme))

    async def post(self, query: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Exchanged:
        """One POST, exactly once. Raises: NotSent when no connection came about, InDoubt for every other failure."""
        # The query is encoded already, and signed as it is: it goes past httpx's parser, which costs a fifth of a call.
        request = httpx.Request(
            "POST",
            self._url,
            headers=[*_HEADERS, *headers],
            stream=httpx.ByteStream(body),
            extensions={
                "target": b"%b?%b" % (self._path, query.encode("ascii")),
                "timeout": {"connect": _CONNECT_S, "read": ANSWER_TIMEOUT_S},
            },
        )
        try:
            response = await self._connections.handle_async_request(request)
        except LOST as exc:
            raise _failure(exc) from exc
        date, retry_after = header_of(response, b"date"), header_of(response, b"x-acs-retry-after")
        return Exchanged(response.status_code, await body_of(response), date, retry_after)

    async def close(self) -> None:
        """Closes all connections."""
        await self._connections.aclose()


def _failure(exc: Exception) -> CallFailed:
    if isinstance(exc, NEVER_SENT):
        return NotSent(f"Aliyun could not be reached: {unreached(exc)}")
    if isinstance(exc, AnswerTooLongError):
        return InDoubt(str(exc))
    if isinstance(exc, TimeoutError):
        return InDoubt(f"no answer within {ANSWER_TIMEOUT_S:.0f} s")
    return InDoubt(f"the connection broke before the answer was complete ({type(exc).__name__})")
