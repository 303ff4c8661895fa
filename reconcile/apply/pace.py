"""The quota of one account: requests leave one after the other, 1/rate apart.

The clouds count per second, and nobody knows where their seconds begin: so in no second, wherever it begins, go more
than the quota, which is kept by remembering when the last second's requests went. A slot is taken when a request goes,
not when it asks: after a stall of the program, requests that held slots of the past would go all at once, and those
already waiting would not hear of a `back_off`. A few slots that a stall cost those who waited are made good, within
that rule; nothing is saved up while nobody asks. The first request waits for a slot and for as long as a run may be
behind its slots: the run before may have taken the last one just now, and whoever died could not say when.

Others may use the account as well. An answer that says "too fast" halves the rate, once a second at most (what was on
its way hears the same), and it grows back by a twentieth of the whole each second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar

_SHARE = 0.985
_TOO_SHORT_TO_SLEEP_S = 0.002
_CATCH_UP_SLOTS, _CATCH_UP_LEAST_S, _CATCH_UP_MOST_S = 4, 0.005, 0.1
"""How much of a late wake-up is made good: a little each time for timers, more for a stall of a busy machine."""
_REGAINED_PER_S = 0.05
_LEAST = 1 / 16
_ONE_CUT_S = 1.0


TURN: ContextVar[Callable[[], None] | None] = ContextVar("turn", default=None)
"""Told in the task of a request when its turn has come."""


class Pace:
    """Awaited before each request of one account. `clock` is monotonic, in seconds; `calls` counts the requests."""

    def __init__(self, requests_per_second: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._full_interval_s = self._interval_s = 1.0 / (requests_per_second * _SHARE)
        self._catch_up_s = min(_CATCH_UP_MOST_S, max(_CATCH_UP_LEAST_S, _CATCH_UP_SLOTS * self._interval_s))
        self._went_s: deque[float] = deque(maxlen=max(1, int(requests_per_second)))
        self._share, self._share_at_s = 1.0, clock()
        self._cut_at_s = self._share_at_s - _ONE_CUT_S
        self._next_s = clock() + self._interval_s + self._catch_up_s
        self._turn = asyncio.Lock()
        self.calls = 0

    async def __call__(self) -> None:
        """Returns when the next request may go; first come, first served."""
        asked_s = self._clock()
        async with self._turn:
            while (early_s := self._free_s() - self._clock()) > _TOO_SHORT_TO_SLEEP_S:  # noqa: ASYNC110 - a clock, no event
                await asyncio.sleep(early_s)
            now_s = self._clock()
            if self._share < 1.0:
                self._use(self.share, now_s)
            self._next_s = max(self._next_s, asked_s, now_s - self._catch_up_s) + self._interval_s
            self._went_s.append(now_s)
            self.calls += 1
        if (turn := TURN.get()) is not None:
            turn()

    @property
    def share(self) -> float:
        """Which part of the rate is used now: 1 unless the cloud said that we are too fast."""
        return min(1.0, self._share + (self._clock() - self._share_at_s) * _REGAINED_PER_S)

    @property
    def rate(self) -> float:
        """Requests per second that may go now."""
        return self.share / self._full_interval_s

    def back_off(self, pause_s: float) -> None:
        """No request for a while."""
        self._next_s = max(self._next_s, self._clock() + pause_s)

    def throttled(self) -> float | None:
        """The cloud said that we are too fast. The new rate per second; None when it was cut just before."""
        now_s = self._clock()
        if now_s - self._cut_at_s < _ONE_CUT_S:
            return None
        self._cut_at_s = now_s
        self._use(max(_LEAST, self.share / 2), now_s)
        return self.rate

    def ahead_s(self) -> float:
        """How long it is until the next request may go; what the next run on the account has to keep."""
        return max(0.0, self._free_s() - self._clock())

    def resume(self, ahead_s: float, share: float) -> None:
        """Goes on where an earlier run on the account stood: no request before, and then at that share.

        `ahead_s` below 0 says how long ago that was: the share has grown back since.
        """
        self.back_off(ahead_s)
        grown = share + max(0.0, -ahead_s) * _REGAINED_PER_S
        self._use(min(1.0, max(_LEAST, grown)), self._clock())

    def _free_s(self) -> float:
        """When the next slot is, and a second with no more than the quota."""
        if len(self._went_s) < (self._went_s.maxlen or 0):
            return self._next_s
        return max(self._next_s, self._went_s[0] + len(self._went_s) * self._full_interval_s)

    def _use(self, share: float, now_s: float) -> None:
        self._share, self._share_at_s = share, now_s
        self._interval_s = self._full_interval_s / share
