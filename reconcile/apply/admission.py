"""Thousands of open instant commands: how many may be begun and not yet sent.

Premise: the answer to an instant call may take half a minute, so a lane at 80 requests a second has thousands of them
open; but each carries a deadline that runs from when it is begun, and the pace lets them go one by one. Rule: of those
that wait for an answer there may be as many as the lane is wide, of those that wait for their turn only a few.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

from reconcile.apply.pace import TURN
from reconcile.model.actions import Action, ExecuteNow, WriteNow

AT_THE_GATE = 16
"""At one request a second, the slowest sensible quota, the last of them waits well below the shortest deadline."""


class Admission:
    """One attempt at the gate of its lane, from before it is begun until its request goes. Only instant calls wait."""

    def __init__(self, gate: asyncio.Semaphore | None, action: Action) -> None:
        self._gate = gate if isinstance(action, WriteNow | ExecuteNow) else None

    async def __aenter__(self) -> None:
        if self._gate is not None:
            await self._gate.acquire()
            TURN.set(self._leave)

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.release()
