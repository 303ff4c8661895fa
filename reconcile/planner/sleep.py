"""How a device sleeps, as far as anybody knows: its lifetime, its rhythm, and whether it answered when it was awake.

Premise: a platform calls a device online until its lifetime ends, so "online" proves no more than that it spoke within
that time; a short lifetime proves much, a day nothing. A device that was called within the window and did not answer
sleeps sooner than the window says.
Rule: the lifetime counts where it is known: confirmed by the device, or told by it in a look. Silences that were all
longer than the window make a sleeper; one that missed an instant call is not called for `RESTS` more, heard or not.
Source: OneNET FAQ-NB protocol#5, #7: `online` depends on the lifetime alone, and is shown about a minute longer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from reconcile.model.values import Known
from reconcile.planner.situation import Situation

SHOWN_LATE_S = 60
"""How long after the end of its lifetime a device may still be shown online, at the most."""

RESTS = timedelta(days=7)
"""How long a sleeper that did not answer while it should have been awake is only written to by its queue."""


def lifetime_s(situation: Situation) -> int | None:
    """The device's registration lifetime in seconds; None where nobody knows it."""
    path = situation.capabilities.lifetime
    if path is None:
        return None
    record = situation.recorded_resource(path)
    for told in (situation.observed_resource(path).reported, None if record is None else record.confirmed):
        seconds = _seconds(told)
        if seconds is not None:
            return seconds
    return None


def _seconds(told: Known) -> int | None:
    if isinstance(told, str) and told.isascii() and told.isdigit():
        told = int(told)
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None


def is_sleeper(situation: Situation) -> bool:
    """Whether every silence that is known of it was longer than the window in which it is taken to be reachable."""
    silences = () if situation.recorded is None else situation.recorded.silences_s
    return bool(silences) and min(silences) > situation.document.delivery.reachable_within_s


def missed_awake(situation: Situation) -> datetime | None:
    """When a sleeper did not answer an instant call of late; None for any other device."""
    missed = None if situation.recorded is None else situation.recorded.unreachable_at
    is_late = missed is not None and situation.server_now - missed < RESTS
    return missed if is_late and is_sleeper(situation) else None


def rhythm(situation: Situation) -> str:
    """What is known of how it sleeps, to stand behind a reason."""
    silences = () if situation.recorded is None else situation.recorded.silences_s
    lifetime = lifetime_s(situation)
    said = f"; it speaks about every {age(int(median(silences)))}" if silences else ""
    return said if lifetime is None else f"{said}; lifetime {age(lifetime)}"


def ago(situation: Situation, at: datetime) -> str:
    """`3h ago`, by the cloud's clock."""
    return f"{age(max(0, int((situation.server_now - at).total_seconds())))} ago"


def age(seconds: int) -> str:
    """`2d`, `3h`, `5m`, `45s`: the largest unit, whole."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
