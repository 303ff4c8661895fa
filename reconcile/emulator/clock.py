"""One instant in all the notations the two clouds use. Instants are integer milliseconds since 1970, UTC.

OneNET writes Beijing time (UTC+8, no daylight saving) without saying so: reference, section 4.6.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import formatdate

BEIJING = timezone(timedelta(hours=8))
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return (moment - _EPOCH) // _MILLISECOND


def to_datetime(moment_ms: int) -> datetime:
    """Aware UTC datetime of an instant."""
    return _EPOCH + timedelta(milliseconds=moment_ms)


def iso(moment_ms: int) -> str:
    """`2026-01-31T08:00:00.123Z`, as the control calls print it."""
    return to_datetime(moment_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def http_date(moment_ms: int) -> str:
    """The `Date` header of an instant."""
    return formatdate(moment_ms // 1000, usegmt=True)


def parse_zoneless(text: str, *, utc: bool = False) -> int:
    """Instant of `YYYY-MM-DDTHH:MM:SS`, Beijing time unless `utc`. Raises ValueError for any other text."""
    parsed = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC if utc else BEIJING)
    if not 1970 < parsed.year < 9000:
        raise ValueError(f"{text} is no time a platform deals with")
    return to_ms(parsed)


def beijing(moment_ms: int) -> str:
    """`2017-08-28 11:34:58`, the form of OneNET's history replies."""
    return to_datetime(moment_ms).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def beijing_ms(moment_ms: int) -> str:
    """`2020-12-02 09:02:24:185`, the form inside OneNET's trace texts."""
    return f"{beijing(moment_ms)}:{moment_ms % 1000:03d}"


def beijing_trace(moment_ms: int) -> str:
    """`Wed Dec 02 09:02:24 CST 2020`, the `time` of OneNET's trace entries."""
    local = to_datetime(moment_ms).astimezone(BEIJING)
    return f"{_WEEKDAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local:%d %H:%M:%S} CST {local.year}"


def parse_utc(text: str) -> int:
    """Instant of Aliyun's `YYYY-MM-DDThh:mm:ssZ`. Raises ValueError for any other text."""
    return to_ms(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))


def gmt(moment_ms: int) -> str:
    """`2026-01-31 08:00:00`, the `Gmt…` times of Aliyun's device calls (assumed to be UTC)."""
    return to_datetime(moment_ms).strftime("%Y-%m-%d %H:%M:%S")
