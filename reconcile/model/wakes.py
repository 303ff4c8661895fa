"""When a device is heard: a short memory of how far apart its uplinks were, and what radio traffic we caused it.

Premise: nobody listens all the time; what is known of a device's uplinks is what looks at its account told: its last
contact, the time of a reported value, the time a queued command was answered.
Rule: what is kept is the silence between two known uplinks, the last five of them. Uplinks between two looks are not
seen, so a silence is what the device takes at the most, and a forecast made of it errs on the late side.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from reconcile.model.late import dataclass

SESSION_S = 60
"""Uplinks closer together belong to one radio session (the network takes the path back a minute or two after)."""

KEPT = 5
"""How many silences are kept of a device."""

_AHEAD = timedelta(minutes=5)
"""How far a cloud's clock may be ahead of ours; what is said of a later time is not believed."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The last known uplink, and the silences (seconds) between earlier ones, oldest first."""

    last: datetime | None = None
    silences_s: tuple[int, ...] = ()

    def and_then(self, uplinks: Iterable[datetime], now: datetime) -> Heard:
        """With the uplinks that one more look told about, in any order; what is known already changes nothing."""
        last, silences = self.last, list(self.silences_s)
        for uplink in sorted(set(uplinks)):
            if uplink > now + _AHEAD or (last is not None and uplink <= last):
                continue
            if last is not None and (silence_s := int((uplink - last).total_seconds())) >= SESSION_S:
                silences.append(silence_s)
            last = uplink
        return Heard(last, tuple(silences[-KEPT:]))


@dataclass(frozen=True, slots=True)
class Spent:
    """What a device with a budget was asked to take since `since`: radio sessions and payload bytes.

    The time runs from the first of them on, for a day; then the budget is whole again.
    """

    since: datetime
    wakeups: int = 0
    payload_bytes: int = 0
    last: datetime | None = None


A_DAY = timedelta(days=1)
