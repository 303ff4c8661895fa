"""One HTTP exchange with the gateway: sent once, its failure named by whether it may have landed.

Premise: after a lost answer everything hangs on whether a byte left.
Rule: only a failure to connect is "not sent"; everything else is in doubt.
"""

from __future__ import annotations

from dataclasses import field
from typing import Final

from reconcile.model.errors import CallFailed, InDoubt, NotSent
from reconcile.model.late import dataclass
from reconcile.platforms.connections import Connections, Limits, tls_for
from reconcile.platforms.http1.exchange import LOST, AnswerTooLong, Asked, Unreached
from reconcile.platforms.http1.origin import origin_of

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
        self._origin = origin_of(endpoint)
        self.host = self._origin.host
        self._connections = Connections(_LIMITS, tls=tls_for)

    async def post(self, query: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Exchanged:
        """One POST, exactly once. Raises: NotSent when no connection came about, InDoubt for every other failure."""
        target = f"{self._origin.path}/?{query}"  # encoded already, and signed as it is
        asked = Asked("POST", target, (*_HEADERS, *headers), body, _CONNECT_S, ANSWER_TIMEOUT_S)
        try:
            answered = await self._connections.exchange(self._origin, asked)
        except LOST as exc:
            raise _failure(exc) from exc
        date, retry_after = answered.header(b"date"), answered.header(b"x-acs-retry-after")
        return Exchanged(answered.status, answered.body, date, retry_after)

    async def close(self) -> None:
        """Closes all connections."""
        await self._connections.aclose()


def _failure(exc: Exception) -> CallFailed:
    if isinstance(exc, Unreached):
        return NotSent(f"Aliyun could not be reached: {exc}")
    if isinstance(exc, AnswerTooLong):
        return InDoubt(str(exc))
    if isinstance(exc, TimeoutError):
        return InDoubt(f"no answer within {ANSWER_TIMEOUT_S:.0f} s")
    return InDoubt(f"the connection broke before the answer was complete ({str(exc) or type(exc).__name__})")
