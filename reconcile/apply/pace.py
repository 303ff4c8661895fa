"""The quota of one account: requests leave one after the other, 1/rate apart.

No bursts: the clouds count per second, and a burst at a second's edge would be counted twice. A slot is taken when a
request goes, not when it asks: after a stall of the program, requests that held slots of the past would go all at once,
and those already waiting would not hear of a `back_off`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_SHARE = 0.98
_TOO_SHORT_TO_SLEEP_S = 0.002
_CATCH_UP_S = 0.01
"""How much of a late wake-up may be made good: timers are late by a little each time. With the line above 1.2 % of a
second, which `_SHARE` leaves room for."""


class Pace:
    """Awaited before each request of one account. `clock` is monotonic, in seconds; `calls` counts the requests."""

    def __init__(self, requests_per_second: float, clock: Callable[[], float]) -> None:
        self._interval_s = 1.0 / (requests_per_second * _SHARE)
        self._clock = clock
        self._next_s = 0.0
        self._turn = asyncio.Lock()
        self.calls = 0

    async def __call__(self) -> None:
        """Returns when the next request may go; first come, first served."""
        async with self._turn:
            while (early_s := self._next_s - self._clock()) > _TOO_SHORT_TO_SLEEP_S:  # noqa: ASYNC110 - a clock, no event
                await asyncio.sleep(early_s)
            self._next_s = max(self._next_s, self._clock() - _CATCH_UP_S) + self._interval_s
            self.calls += 1

    def back_off(self, pause_s: float) -> None:
        """No request for a while: the cloud said that we are too fast."""
        self._next_s = max(self._next_s, self._clock() + pause_s)
