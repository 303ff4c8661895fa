"""OneNET's zone-less times, which are Beijing time (UTC+8, no summer time), to and from aware UTC.

Source: NB-IoT book, list/1 and the trace sample; for valid_time, expired_time and history assumed
(emulator switch history_zone).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from reconcile.model.values import Json

BEIJING = timezone(timedelta(hours=8), "Beijing")


def to_wire(at: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS`, as valid_time, expired_time, start and end are written; fractions are cut off."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")


def from_wire(text: Json) -> datetime | None:
    """Aware UTC from `YYYY-MM-DD HH:MM:SS` (or with `T`, or with milliseconds); None when it is not such a time."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=BEIJING)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
