"""One HTTP exchange: paced, signed with its own token, sent once, and its failure named by whether it may have landed.

| what happened                                          | class    |
| ------------------------------------------------------ | -------- |
| lookup, connect or TLS failed; our own deadline passed  | not sent |
| anything else before a whole answer was read            | in doubt |
| HTTP 4xx                                               | refused  |
| other HTTP status, answer too long or not the envelope  | in doubt |

No redirects, no retries, no proxies from the environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import field
from datetime import datetime, timedelta

from reconcile.model.errors import CallFailed, InDoubt, NotSent, Refused
from reconcile.model.late import dataclass
from reconcile.platforms.connections import Connections, Limits, tls_for
from reconcile.platforms.http1.exchange import LOST, Asked, Unreached
from reconcile.platforms.http1.origin import origin_of
from reconcile.platforms.onenet import errors
from reconcile.platforms.onenet.auth import Signs
from reconcile.platforms.onenet.clock import ServerClock
from reconcile.platforms.onenet.config import Side
from reconcile.platforms.onenet.wire import answers
from reconcile.platforms.onenet.wire.answers import Envelope, Unparsable
from reconcile.platforms.onenet.wire.requests import WireRequest
from reconcile.ports import ClientSettings

CONNECT_TIMEOUT_S = 10.0
KEEP_ALIVE_S = 15.0
TOKEN_MARGIN = timedelta(seconds=5)
ANSWER_LIMIT_BYTES = 4 * 1024 * 1024

_WITHOUT = (("accept", "*/*"), ("accept-encoding", "identity"), ("user-agent", "reconcile"))
_WITH_BODY = (*_WITHOUT, ("content-type", "application/json"))
_LIMITS = Limits(connections=0, idle_s=KEEP_ALIVE_S, answer_bytes=ANSWER_LIMIT_BYTES)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for an answer, until when the request may take effect at all, and texts never to be shown."""

    answer_s: float
    not_after: datetime | None = None
    secrets: Sequence[str] = field(default=(), repr=False)


class Transport:
    """Calls to one account; `clock` learns from every answer."""

    def __init__(self, settings: ClientSettings, signer: Signs, connections: int) -> None:
        self.clock = ServerClock(settings.now)
        self._pace, self._throttled = settings.pace, settings.throttled
        self._signer = signer
        self._slots = asyncio.Semaphore(connections)
        self._connections = Connections(_LIMITS, tls=tls_for)

    async def call(self, side: Side, request: WireRequest, patience: Patience) -> Envelope:
        """The envelope of a success. Raises: NotSent, Refused, InDoubt.

        A token that had expired by the server's clock, and keys for which there are others now, are replaced once,
        never beyond `not_after`.
        """
        expires_at, issue = self._token_expiry(patience), self._signer.issue()
        answer, failed = await self._attempt(side, request, expires_at, patience)
        if self._is_refusal_of_keys(failed, answer, patience) and self._has_others(side, expires_at, issue):
            answer, failed = await self._attempt(side, request, self._token_expiry(patience), patience)
        if failed is not None:
            if isinstance(failed, Refused) and failed.retry_after_s is not None:
                self._throttled()
            raise failed
        assert answer is not None
        return answer

    async def close(self) -> None:
        """Closes connections."""
        await self._connections.aclose()

    def _token_expiry(self, patience: Patience) -> datetime:
        enough = self.clock.now() + timedelta(seconds=patience.answer_s) + TOKEN_MARGIN
        return enough if patience.not_after is None else min(enough, patience.not_after)

    def _is_refusal_of_keys(self, failed: CallFailed | None, answer: Envelope | None, patience: Patience) -> bool:
        has_time = patience.not_after is None or patience.not_after > self.clock.now()
        return isinstance(failed, Refused) and has_time and errors.is_about_credentials(failed, answer)

    def _has_others(self, side: Side, expires_at: datetime, issue: int) -> bool:
        had_expired = self._signer.is_token(side.api) and expires_at <= self.clock.now()
        return had_expired or self._signer.renew(issue)

    async def _attempt(
        self, side: Side, request: WireRequest, expires_at: datetime, patience: Patience
    ) -> tuple[Envelope | None, CallFailed | None]:
        async with self._slots:
            await self._pace()
            if patience.not_after is not None and patience.not_after <= self.clock.now():
                raise NotSent("the deadline of the request passed before it was sent")
            headers = self._signer.headers(side.api, expires_at)
            status, content = await self._exchange(side, request, headers, patience)
        if not 200 <= status < 300:
            return None, errors.http_failure(status)
        try:
            answer = answers.envelope(content)
        except Unparsable as exc:
            raise InDoubt(f"OneNET's answer cannot be read: {exc}") from exc
        return answer, None if answer.is_success else errors.failure(request.family, answer, patience.secrets)

    async def _exchange(
        self, side: Side, request: WireRequest, headers: dict[str, str], patience: Patience
    ) -> tuple[int, bytes]:
        sent_at = self.clock.sent()
        try:
            origin = origin_of(side.endpoint)
            answered = await self._connections.exchange(origin, _asked(origin.path, request, headers, patience))
        except LOST as exc:
            raise _failure(exc, patience) from exc
        self.clock.learn(answered.header(b"date") or None, sent_at)
        return answered.status, answered.body


def _asked(path: str, request: WireRequest, headers: dict[str, str], patience: Patience) -> Asked:
    own = _WITH_BODY if request.body is not None else _WITHOUT
    target = path + request.target
    return Asked(
        request.method, target, (*own, *headers.items()), request.body or b"", CONNECT_TIMEOUT_S, patience.answer_s
    )


def _failure(exc: Exception, patience: Patience) -> CallFailed:
    if isinstance(exc, Unreached):
        return NotSent(f"OneNET could not be reached: {exc}")
    if isinstance(exc, TimeoutError):
        return InDoubt(f"OneNET did not answer within {patience.answer_s:g} s")
    return InDoubt(f"the connection to OneNET was lost ({str(exc) or type(exc).__name__})")
