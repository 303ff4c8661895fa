"""One connection: a request goes out, its answer comes back, then perhaps the next. Never two at a time."""

from __future__ import annotations

import asyncio
from typing import cast

from reconcile.platforms.http1.answer import Conversation
from reconcile.platforms.http1.exchange import Answered, Asked, Broken


class Link(asyncio.Protocol):
    """A connection of a pool. `is_open`: it can carry another request. `idle_since`: on the loop's clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limit_bytes: int) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answered] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._talk = Conversation(limit_bytes)
        self.is_open = False
        self.idle_since = 0.0

    def ask(self, asked: Asked, host: str) -> asyncio.Future[Answered]:
        """The answer to come. It fails with Broken, or TimeoutError after `read_s`; then the connection is gone.

        Raises: Unreached, when not a byte of it left.
        """
        assert self._transport is not None
        request = self._talk.request(asked, host)
        self._waiting = waiting = self._loop.create_future()
        self._timer = self._loop.call_later(asked.read_s, self._give_up)
        self._transport.write(request)
        return waiting

    def abort(self) -> None:
        """Ends it at once, whatever is on its way."""
        self.is_open = False
        self._take()
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Ends it in order."""
        self.is_open = False
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        waiting = self._waiting
        if waiting is None or waiting.done():  # an answer to nothing: what comes next would be believed
            self.abort()
            return
        try:
            answered = self._talk.feed(data)
        except Broken as exc:
            self._fail(exc)
            return
        if answered is not None:
            self._take()
            if not self._talk.stays:
                self.close()
            waiting.set_result(answered)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop, also after the other side ended its half: asyncio then closes ours."""
        self.is_open = False
        waiting = self._take()
        if waiting is None or waiting.done():
            return
        try:
            answered = self._talk.feed(b"") if exc is None else None
        except Broken as broken:
            waiting.set_exception(broken)
            return
        if answered is not None:
            waiting.set_result(answered)
        else:
            waiting.set_exception(Broken("it was closed" if exc is None else type(exc).__name__))

    def _give_up(self) -> None:
        self._fail(TimeoutError())

    def _fail(self, failure: Exception) -> None:
        waiting = self._take()
        self.abort()
        if waiting is not None and not waiting.done():
            waiting.set_exception(failure)

    def _take(self) -> asyncio.Future[Answered] | None:
        """Who waits, for the last time."""
        waiting, self._waiting = self._waiting, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return waiting
