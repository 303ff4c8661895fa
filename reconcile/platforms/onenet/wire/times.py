"""OneNET's zone-less times, which are Beijing time (UTC+8, no summer time), to and from aware UTC.

Source: NB-IoT book, list/1, list/2 and the trace sample; for valid_time, expired_time and history assumed
(emulator switch history_zone).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from reconcile.model.values import Json

BEIJING = timezone(timedelta(hours=8), "Beijing")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def to_wire(at: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS`, as valid_time, expired_time, start and end are written; fractions are cut off."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")


def from_wire(text: Json) -> datetime | None:
    """Aware UTC of a time in an answer; None when it is not a time, or the year 1 that Studio prints for "never".

    Forms: `YYYY-MM-DD HH:MM:SS` (or with `T`, with milliseconds, with a zone), and the `Fri Jun 21 17:06:32 CST 2019`
    of `last_ct` and of traces, where CST is China's.
    """
    if not isinstance(text, str):
        return None
    try:
        at = _in_words(text) if text[:1].isalpha() else datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=BEIJING)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year > 1 else None


def from_milliseconds(number: Json) -> datetime | None:
    """Aware UTC of epoch milliseconds, as a number or as text; None when it is neither."""
    if isinstance(number, bool) or not isinstance(number, (int, str)):
        return None
    try:
        return datetime.fromtimestamp(int(number) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _in_words(text: str) -> datetime:
    """Raises: ValueError. Names of months are read by hand, as strptime's depend on the machine's language."""
    _, month, day, clock, zone, year = text.split()
    if zone != "CST" or month not in _MONTHS:
        raise ValueError(text)
    return datetime.fromisoformat(f"{int(year):04}-{_MONTHS.index(month) + 1:02}-{int(day):02}T{clock}")
