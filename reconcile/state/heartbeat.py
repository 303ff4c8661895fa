"""Keeps a lease alive while its holder works."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from reconcile.model.errors import StateError
from reconcile.state.lease import Claim, renew
from reconcile.state.open import connect


class Heartbeat:
    """Renews a lease at a third of its TTL from a thread of its own, until it is stopped or the lease is lost.

    Time is the acquirer's `now` plus our monotonic clock: a jump of the wall clock neither ends nor prolongs a lease.
    """

    def __init__(self, path: Path, claim: Claim, fence: int) -> None:
        self._path, self._claim, self._fence = path, claim, fence
        self._began = self._renewed = time.monotonic()
        self._stop = threading.Event()
        self._is_lost = False
        self._thread = threading.Thread(target=self._run, name=f"lease {claim.lane}", daemon=True)
        self._thread.start()

    @property
    def is_lost(self) -> bool:
        """True when somebody else has the lane, or when it could not be renewed for the whole TTL."""
        return self._is_lost or time.monotonic() - self._renewed > self._claim.ttl_s

    def stop(self) -> None:
        """Ends the thread; returns when it has."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        wait_s = self._claim.ttl_s / 3
        while not self._is_lost and not self._stop.wait(wait_s):
            wait_s = self._claim.ttl_s / (3 if self._beat() else 10)

    def _beat(self) -> bool:
        began = time.monotonic()
        expires = self._claim.expiry(began - self._began)
        try:
            self._is_lost = not self._renew(expires)
        except (sqlite3.Error, OSError, StateError):
            return False  # busy or gone: tried again soon, and lost when the TTL has passed
        self._renewed = began
        return True

    def _renew(self, expires: str) -> bool:
        with closing(connect(self._path)) as connection:
            return renew(connection, self._claim.lane, self._fence, expires)
