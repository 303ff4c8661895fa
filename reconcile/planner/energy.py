"""What the requests of one device cost it: see `model/energy.py` for what is counted."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.model.actions import Action, CancelQueued, ExecuteNow, WriteNow
from reconcile.model.energy import Energy, payload_bytes, reaches_device
from reconcile.model.recorded import RecordedResource, RecordedRun
from reconcile.planner.forecast import heard
from reconcile.planner.situation import Situation

_NOW = (WriteNow, ExecuteNow)


def energy_of(situation: Situation, actions: Iterable[Action]) -> Energy:
    """Of one device, given what its plan sends."""
    sent = list(actions)
    taken = [action for action in sent if reaches_device(action)]
    if not taken:
        return Energy()
    later = any(not isinstance(action, _NOW) for action in taken) and not _joins(situation, sent)
    now = any(isinstance(action, _NOW) for action in taken)
    return Energy(later + now, later + (now and _is_awake(situation)), sum(map(payload_bytes, taken)))


def _joins(situation: Situation, sent: Iterable[Action]) -> bool:
    """Whether commands wait for the device already, and still will: then one uplink releases them all."""
    if situation.recorded is None:
        return False
    withdrawn = {action.uuid for action in sent if isinstance(action, CancelQueued)}
    return bool(set(open_now(situation)) - withdrawn)


def open_now(situation: Situation) -> list[str]:
    """Our commands that wait for the device, as its queue says now."""
    record = situation.recorded
    if record is None:
        return []
    items: list[RecordedResource | RecordedRun] = [*record.resources.values(), *record.runs.values()]
    return sorted({i.command_uuid for i in items if i.command_uuid and situation.delivery_of(i).is_open})


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
