"""Asks an account's listing calls, each kind no more often than its page allows, and reads what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from reconcile.model.errors import InDoubt
from reconcile.platforms.aliyun.answers import Answer, Unreadable
from reconcile.platforms.aliyun.directory.limits import pause_s
from reconcile.platforms.aliyun.wire import Call

T = TypeVar("T")


class Reader(Protocol):
    """What is asked; `gateway.Gateway` is one."""

    async def read(self, call: Call) -> Answer:
        """The successful answer to a call that changes nothing. Raises: CallFailed."""
        ...


class Asking:
    """One account, asked politely: calls of one kind keep their distance, as each has a limit of its own."""

    def __init__(self, reader: Reader, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._reader = reader
        self._sleep = sleep
        self._next_at: dict[str, float] = {}

    async def ask(self, call: Call, read: Callable[[Answer], T], entries_so_far: int = 0) -> T:
        """What `read` makes of the answer. Raises: CallFailed; InDoubt for an answer that makes no sense."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_at.get(call.action, now))
        self._next_at[call.action] = at + pause_s(call.action, entries_so_far)
        if at > now:
            await self._sleep(at - now)
        answer = await self._reader.read(call)
        try:
            return read(answer)
        except Unreadable as exc:
            raise InDoubt(f"{call.action}: {exc}") from exc
