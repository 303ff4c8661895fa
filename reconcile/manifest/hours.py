"""`windows:` of a rollout or a policy: hours of local days, in a zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reconcile.manifest.holds import BEIJING
from reconcile.manifest.members import list_of
from reconcile.model.rollout import Hours, Window
from reconcile.model.values import JsonObject

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Say: TypeAlias = Callable[[tuple[str | int, ...], str], None]
"""Takes a place below `windows:`, and what is wrong there."""


def read_hours(body: JsonObject, say: Say) -> Hours:
    """The windows and their zone; what is wrong with them is said."""
    return Hours(_windows(body, say), _zone(body, say))


def _windows(body: JsonObject, say: Say) -> tuple[Window, ...]:
    windows = []
    for number, written in enumerate(list_of(body.get("open"))):
        entry = written if isinstance(written, dict) else {}
        begins, ends = (_minutes(str(entry.get(name))) for name in ("from", "to"))
        if begins == ends:
            detail = f"a window from {entry.get('from')} to {entry.get('to')} never opens"
            say(("open", number, "to"), f'{detail}. For a whole day write from: "00:00", to: "24:00"')
            continue
        days = frozenset(_DAYS.index(str(day)) for day in list_of(entry.get("days")))
        windows.append(Window(begins, ends, days or frozenset(range(7))))
    return tuple(windows)


def _zone(body: JsonObject, say: Say) -> tzinfo:
    name = body.get("zone")
    if name is None or name == "Asia/Shanghai":
        return BEIJING
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        detail = f"found zone {name!r}, which the time zone database does not hold"
        say(("zone",), f"{detail}. Write an IANA name such as Asia/Shanghai")
        return BEIJING


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
