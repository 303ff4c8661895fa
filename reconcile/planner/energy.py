"""What the requests of one device cost it: see `model/energy.py` for what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from reconcile.model.actions import Action, ExecuteNow, WriteNow
from reconcile.model.energy import NO_ENERGY, Energy, is_unfetched, payload_bytes, reaches_device, total
from reconcile.planner.forecast import heard
from reconcile.planner.situation import Situation

_NOW = (WriteNow, ExecuteNow)


def energy_of(
    situation: Situation, actions: Iterable[Action], size_of: Callable[[Action], int] = payload_bytes
) -> Energy:
    """Of one device, given what its plan sends. `size_of`: bytes of one action."""
    taken = [action for action in actions if reaches_device(action)]
    if not taken:
        return Energy()
    later = any(not isinstance(action, _NOW) for action in taken) and not has_something_waiting(situation)
    now = any(isinstance(action, _NOW) for action in taken)
    return Energy(later + now, later + (now and _is_awake(situation)), sum(map(size_of, taken)))


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
    costs: dict[str, Counter[Energy]] = {}
    sizes = _Sizes()
    for class_id, situation, actions in devices:
        costs.setdefault(class_id, Counter())[energy_of(situation, actions, sizes.of)] += 1
    found = {class_id: total(cost.times(number) for cost, number in some.items()) for class_id, some in costs.items()}
    return {class_id: cost for class_id, cost in found.items() if cost != NO_ENERGY}


class _Sizes:
    """Bytes of actions, each counted once: devices share them."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Action, int]] = {}

    def of(self, action: Action) -> int:
        known = self._known.get(id(action))
        if known is None:
            known = self._known[id(action)] = action, payload_bytes(action)  # kept, so that the number stays its own
        return known[1]
