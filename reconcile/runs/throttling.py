"""What follows when a cloud says that a run is too fast, whether it asked or sent: slower at once, told, and kept.

It is kept when it is heard, with the lease: a run that is killed leaves its pause and its lower rate to the next one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reconcile.model.errors import StateError
from reconcile.ports import Reservation, StateStore

if TYPE_CHECKING:
    from reconcile.apply.pace import Pace

_WORTH_KEEPING = timedelta(seconds=0.25)


class Throttling:
    """The paces of a session. `fences` and `tell` are there once leases are held; before, nothing is kept nor told."""

    def __init__(self, paces: Mapping[str, Pace], store: StateStore, now: Callable[[], datetime]) -> None:
        self._paces, self._store, self._now = paces, store, now
        self._asked: dict[str, datetime] = {}
        self._writing: set[str] = set()
        self._waiting: set[str] = set()
        self._one_at_a_time = threading.Lock()
        self.fences: Mapping[str, int] = {}
        self.tell: Callable[[str, float], None] = lambda _platform, _rate: None

    def heard(self, platform: str) -> float | None:
        """An answer said that we are too fast. The new rate per second; None when it was cut just before."""
        rate = self._paces[platform].throttled()
        if rate is not None:
            self.tell(platform, rate)
            self._keep_soon(platform)
        return rate

    def pause(self, platform: str, seconds: float) -> None:
        """No request on the account for a while."""
        pace = self._paces[platform]
        pace.back_off(seconds)
        until = self._now() + timedelta(seconds=pace.ahead_s())
        if seconds > 0 and until - _WORTH_KEEPING > self._asked.get(platform, until - 2 * _WORTH_KEEPING):
            self._asked[platform] = until
            self._keep_soon(platform)

    def keep(self, platform: str) -> None:
        """Leaves to the next run on the account how its quota stands; of two at once the later tells of later."""
        with self._one_at_a_time:
            pace, fence = self._paces.get(platform), self.fences.get(platform)
            if pace is None or fence is None or not pace.calls:
                return
            until = self._now() + timedelta(seconds=pace.ahead_s())
            with suppress(StateError):  # a run that fails says why; that it cannot reserve either is no news
                self._store.reserve(platform, fence, Reservation(until, pace.share))

    def _keep_soon(self, platform: str) -> None:
        """As `keep`, beside the work: where the state is far away, it takes longer than requests may wait."""
        import asyncio  # an offline plan never comes here

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.keep(platform)
            return
        if platform in self._writing:
            self._waiting.add(platform)
            return
        self._writing.add(platform)
        loop.run_in_executor(None, self.keep, platform).add_done_callback(lambda _done: self._kept(platform))

    def _kept(self, platform: str) -> None:
        self._writing.discard(platform)
        if platform in self._waiting:
            self._waiting.discard(platform)
            self._keep_soon(platform)
