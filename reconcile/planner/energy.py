"""What the requests of one device cost it: see `model/energy.py` for what is counted."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.model.actions import Action, ExecuteNow, WriteNow
from reconcile.model.energy import Energy, is_unfetched, payload_bytes, reaches_device
from reconcile.planner.forecast import heard
from reconcile.planner.situation import Situation

_NOW = (WriteNow, ExecuteNow)


def energy_of(situation: Situation, actions: Iterable[Action]) -> Energy:
    """Of one device, given what its plan sends."""
    taken = [action for action in actions if reaches_device(action)]
    if not taken:
        return Energy()
    later = any(not isinstance(action, _NOW) for action in taken) and not has_something_waiting(situation)
    now = any(isinstance(action, _NOW) for action in taken)
    return Energy(later + now, later + (now and _is_awake(situation)), sum(map(payload_bytes, taken)))


def has_something_waiting(situation: Situation) -> bool:
    """Whether the device has to take something of ours anyway: what is sent now joins it, or takes its place."""
    record = situation.recorded
    if record is None:
        return False
    if situation.capabilities.has_cloud_copy:
        return is_unfetched(record)
    return situation.is_waiting


def _is_awake(situation: Situation) -> bool:
    last = heard(situation).last
    window_s = situation.document.delivery.reachable_within_s
    return last is not None and (situation.server_now - last).total_seconds() <= window_s


def by_class(devices: Iterable[tuple[str, Situation, Iterable[Action]]]) -> dict[str, Energy]:
    """Summed over the devices of each class."""
    found: dict[str, Energy] = {}
    for class_id, situation, actions in devices:
        cost = energy_of(situation, actions)
        if cost != Energy():
            found[class_id] = found.get(class_id, Energy()) + cost
    return found
