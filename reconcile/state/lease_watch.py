"""Whether the holder of a lease on another machine lives: its heartbeat, as we see it, on our own monotonic clock."""

from __future__ import annotations

import time
from datetime import datetime


class LeaseWatch:
    """What was seen of other machines' leases. A mark that moved between two looks is a heartbeat."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[tuple[int, datetime], float]] = {}

    def look(self, lane: str, fence: int, expires: datetime) -> tuple[float, bool]:
        """For how many seconds the lease has been seen without a heartbeat, and whether one was seen just now."""
        mark, now = (fence, expires), time.monotonic()
        known, since = self._seen.get(lane, (mark, now))
        if known != mark:
            since = now
        self._seen[lane] = mark, since
        return now - since, known != mark
