"""Times in recorded state: RFC 3339 in UTC with microseconds, so that their text sorts as they do."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=256)
def write_time(at: datetime) -> str:
    """RFC 3339 in UTC, always with microseconds. Raises: ValueError for a time without a zone."""
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise ValueError(f"time without a zone: {at}")
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:-6] + "Z"


def read_time(text: str) -> datetime:
    """The reverse of `write_time`. Raises: ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"time without a zone: {text}")
    return at
