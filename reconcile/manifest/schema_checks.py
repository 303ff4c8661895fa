"""Checks that JSON Schema has no words for, keyed on annotations: x-duration, x-maxBytes, x-date."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def seconds(value: object) -> int | None:
    """A duration (`25s`, `10m`, `72h`, `7d` or a whole number of seconds) in seconds; None when it is not one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 10**12 else None
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) * _SECONDS[found[2]] if found else None


def duration_problem(limits: Mapping[str, Any], value: object) -> str | None:
    """What a duration must be, when this one is not; e.g. `5s to 40s (OneNET)`. Other types pass."""
    if not isinstance(value, int | str) or isinstance(value, bool):
        return None
    found = seconds(value)
    if found is None:
        return "a duration such as 25s, 10m, 72h or 7d, or a whole number of seconds"
    low, high = limits["min_s"], limits.get("max_s")
    if found >= low and (high is None or found <= high):
        return None
    words = f"{low}s to {high}s" if high is not None else f"at least {low}s"
    return f"{words} ({limits['of']})" if "of" in limits else words


def bytes_problem(limit: int, value: object) -> str | None:
    """What a text must be, when its UTF-8 is too long."""
    if not isinstance(value, str):
        return None
    size_bytes = len(value.encode("utf-8", "surrogatepass"))
    return f"at most {limit:,} bytes of UTF-8, not {size_bytes:,}" if size_bytes > limit else None


def date_problem(_: object, value: object) -> str | None:
    """What a text must be, when it is neither a day nor an RFC 3339 moment of the calendar."""
    if not isinstance(value, str) or _is_in_calendar(value):
        return None
    return "a date such as 2026-12-31, or a time with its zone such as 2026-12-31T08:00:00Z"


def _is_in_calendar(text: str) -> bool:
    try:
        if _DAY.fullmatch(text):
            date.fromisoformat(text)
        else:
            datetime.fromisoformat(text.upper())
            return _MOMENT.fullmatch(text) is not None
    except ValueError:
        return False
    return True


CHECKS: dict[str, Callable[[Any, object], str | None]] = {
    "x-duration": duration_problem,
    "x-maxBytes": bytes_problem,
    "x-date": date_problem,
}
"""Annotation to check: (its value in the schema, the instance) -> what was expected, or None when all is well."""
