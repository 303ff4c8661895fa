"""When devices will have confirmed what a plan sends them, from when they were heard before.

Premise: a queued command is delivered by the next uplink; uplinks repeat about as they did. What is known of a device
is its last uplink and the silences between earlier ones (`model/wakes.py`), which nobody saw in between.
Rule: each silence is one guess of equal weight: uplinks go on at that distance from the last one, and the first of them
after the command may be delivered confirms it. Without silences the interval that the manifests state (`wakesEvery`)
stands in, at four phases when the last uplink is unknown. Where nothing is known, nothing is said but how many.
What waits for its turn takes an uplink more for each link of its chain, if a run comes between them.
Cost: five guesses a device, kept as counts of whole seconds; the time is that of the plan, so the same inputs give the
same forecast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import datetime

from reconcile.model.actions import Action, ExecuteNow, QueueExecute, QueueWrite, WriteNow
from reconcile.model.energy import reaches_device
from reconcile.model.forecast import Forecast, Later
from reconcile.model.late import dataclass
from reconcile.model.uplinks import uplinks_told
from reconcile.model.wakes import Heard
from reconcile.planner.situation import Situation

_WEIGHT = 60
"""Of one device: divisible by the number of its guesses, 1 to 5."""


@dataclass(slots=True)
class Outlook:
    """The forecast while devices are added, in any order."""

    devices: int = 0
    unknown: int = 0
    outlived: int = 0
    later: int = 0
    turns: int = 0
    _waits: Counter[int] = field(default_factory=Counter)
    _all: Counter[int] = field(default_factory=Counter)

    def add(self, situation: Situation, actions: Iterable[Action], turns: int = 0) -> None:
        """One device, given what its plan sends and how many uplinks more it takes until what waits for its turn is
        confirmed as well; one with nothing to confirm is passed over.
        """
        taken = [action for action in actions if reaches_device(action)]
        if not taken:
            return
        self.devices += 1
        self.later += turns > 0
        self.turns = max(self.turns, turns)
        waits = _waits(situation, taken)
        if not waits:
            self.unknown += 1
            return
        queued = [action for action in taken if isinstance(action, QueueWrite | QueueExecute)]
        expiry_s = min((action.queueing.expire_after_s for action in queued), default=None)
        weight = _WEIGHT // len(waits)
        for wait_s, every_s in waits:
            if expiry_s is not None and wait_s >= expiry_s:
                self.outlived += weight
                continue
            self._waits[wait_s] += weight
            if not turns or expiry_s is None or every_s < expiry_s:
                self._all[wait_s + turns * every_s] += weight

    def forecast(self) -> Forecast:
        """What is known so far. A device outlives its expiry by as many of its guesses; the sum is rounded."""
        outlive = (self.outlived + _WEIGHT // 2) // _WEIGHT
        half_s, most_s = self._after(50, self._waits), self._after(99, self._waits)
        then = Later(self.later, self.turns, self._after(99, self._all)) if self.later else None
        return Forecast(self.devices, self.unknown, half_s, most_s, outlive, then)

    def _after(self, percent: int, waits: Counter[int]) -> int | None:
        needed, so_far = (self.devices - self.unknown) * _WEIGHT * percent, 0
        for wait_s in sorted(waits):
            so_far += waits[wait_s] * 100
            if so_far >= needed > 0:
                return wait_s
        return None


def heard(situation: Situation) -> Heard:
    """What is known of the device's uplinks: as recorded, and as this plan's own look told."""
    record = situation.recorded
    known = Heard() if record is None else Heard(record.last_uplink, record.silences_s)
    observed = situation.observed
    return known if observed is None else known.and_then(uplinks_told(observed), situation.server_now)


def _waits(situation: Situation, taken: Sequence[Action]) -> list[tuple[int, int]]:
    """Guesses of the seconds until the last of it is confirmed, each with those between uplinks from then on; none when
    nothing is known.
    """
    if all(isinstance(action, WriteNow | ExecuteNow) for action in taken):
        return [(0, 0)]
    if situation.capabilities.has_cloud_copy and _is_online(situation):
        return [(0, 0)]
    queued = [action.queueing for action in taken if isinstance(action, QueueWrite | QueueExecute)]
    if any(queueing.trigger == ("register",) for queueing in queued):
        return []  # uplinks that were heard are not registrations as a rule
    valid_after_s = max((queueing.valid_after_s for queueing in queued), default=0)
    known = heard(situation)
    stated_s = situation.document.delivery.wakes_every_s
    silences: Sequence[int] = known.silences_s or ((stated_s,) if stated_s else ())
    if known.last is None:
        return [(valid_after_s + every_s * part // 4, every_s) for every_s in silences for part in (1, 2, 3, 4)]
    return [(_until(known.last, every_s, situation.server_now, valid_after_s), every_s) for every_s in silences]


def _is_online(situation: Situation) -> bool:
    return situation.observed is not None and situation.observed.is_online is True


def _until(last: datetime, every_s: int, now: datetime, valid_after_s: int) -> int:
    """Seconds until the first uplink at that distance from the last one, not before the command may be delivered."""
    since_s = int((now - last).total_seconds()) + valid_after_s
    return valid_after_s + (max(every_s, 1) - since_s) % max(every_s, 1)
