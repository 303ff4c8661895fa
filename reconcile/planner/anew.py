"""Verdicts on a device that began anew: it was registered again, or its hardware was swapped under its name.

Premise: what was accepted before was meant for a device that is no longer what it was. Rule: a queued write from before
is withdrawn and written again, in one plan; what was recorded as held is not there any more (`model/epoch.py`), so it
is taken over as on a new device.
"""

from __future__ import annotations

from dataclasses import replace

from reconcile.model.desired import DesiredResource, Ownership
from reconcile.model.epoch import is_from_before
from reconcile.model.recorded import RecordedRun
from reconcile.model.values import UNKNOWN
from reconcile.planner.situation import Situation
from reconcile.planner.verdict import Action, Verdict

BEGAN_ANEW = "the device began anew: it holds nothing from before"
"""Why a value is written again that was recorded as accepted."""


def anew(situation: Situation, desired: DesiredResource, verdict: Verdict) -> Verdict:
    """The verdict on a resource of a device that began anew; on any other the one given."""
    device = situation.recorded
    if device is None or device.reset_at is None or desired.ownership not in (Ownership.ENFORCE, Ownership.SEED):
        return verdict
    record = device.resources.get(desired.path)
    if record is None:
        is_again = verdict.action is Action.WRITE and verdict.reason == "manifest"
        return replace(verdict, reason=BEGAN_ANEW) if is_again else verdict
    if desired.value is None or not is_from_before(device, record):
        return verdict
    return Verdict(Action.WRITE, UNKNOWN, BEGAN_ANEW)


def must_run_anew(situation: Situation, last: RecordedRun | None, key: str) -> bool:
    """Whether a run that still waits was queued for the device as it was: it is withdrawn and queued again."""
    device = situation.recorded
    if device is None or last is None or last.key != key:
        return False
    return situation.delivery_of(last).is_open and is_from_before(device, last)
