"""Thousands of open calls: how many may be begun and not yet sent.

Premise: the answer to an instant call may take half a minute, so a lane at 80 requests a second has thousands of them
open; but each carries a deadline that runs from when it is begun, as a cached command does with its valid_time, and the
pace lets them go one by one. Rule: of those that wait for an answer there may be as many as the lane is wide, of those
that wait for their turn only what the account takes in a short while.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

from reconcile.apply.pace import TURN
from reconcile.model.actions import Action, ExecuteNow, QueueExecute, QueueWrite, WriteNow

_LEAST, _MOST = 16, 4096
_AHEAD_S = 2.0


def at_the_gate(requests_per_second: float) -> int:
    """How many may be begun and not yet sent: two seconds' worth, and a few on the slowest accounts.

    At one request a second the last of them waits well below the shortest deadline.
    """
    return max(_LEAST, min(_MOST, int(requests_per_second * _AHEAD_S)))


class Admission:
    """One attempt at the gate of its lane, from before it is begun until it goes. Only what bears a deadline waits."""

    def __init__(self, gate: asyncio.Semaphore | None, action: Action) -> None:
        self._gate = gate if isinstance(action, WriteNow | ExecuteNow | QueueWrite | QueueExecute) else None

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
