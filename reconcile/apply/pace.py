"""The pace of a lane: never more requests per second than the account's share of its quota.

Rule (GCRA): each request takes the next free slot, slots are 1/rate apart, a request waits for its slot. No bursts: the
clouds count per second, and a burst at a second's edge would be counted twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_SHARE = 0.98
_TOO_SHORT_TO_SLEEP_S = 0.002


class Pace:
    """Awaited before each request of one account. `clock` is monotonic, in seconds."""

    def __init__(self, requests_per_second: float, clock: Callable[[], float]) -> None:
        self._interval_s = 1.0 / (requests_per_second * _SHARE)
        self._clock = clock
        self._next_s = 0.0

    async def __call__(self) -> None:
        """Returns when the next request may go."""
        now_s = self._clock()
        slot_s = max(now_s, self._next_s)
        self._next_s = slot_s + self._interval_s
        if slot_s - now_s > _TOO_SHORT_TO_SLEEP_S:
            await asyncio.sleep(slot_s - now_s)

    def back_off(self, pause_s: float) -> None:
        """No request for a while: the cloud said that we are too fast."""
        self._next_s = max(self._next_s, self._clock() + pause_s)
