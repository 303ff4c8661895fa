"""Where every device of a plan stands, once each: what is sent to it and how, or why it is left alone."""

from __future__ import annotations

from collections import Counter

from reconcile.model.actions import CancelQueued, ClearDesired, QueueExecute, QueueWrite, SetDesired
from reconcile.model.plan import Plan, PlannedDevice

SENT = ("now", "desired", "queue", "withdraw", "record")
LEFT = ("waiting", "held", "unknown", "conflicts")
NOTED = ("guarded", "conflicts", "drift", "held", "unknown", "put_off")
"""Kinds of notices, as `outline.notices_of` names them."""


def way_of(device: PlannedDevice) -> str:
    """How a planned device is sent what it is sent; `record` when nothing is."""
    ways = {_way(step.action) for step in device.steps}
    return next((way for way in ("queue", "now", "desired", "withdraw") if way in ways), "record")


def standings(plan: Plan) -> dict[str, int]:
    """Devices by standing, in the order of a picture; those of none are left out."""
    summary = plan.summary
    disputed = {notice.device for notice in plan.conflicts}
    ways = Counter(way_of(device) for device in plan.devices if device.class_id and device.ref not in disputed)
    counts = {"settled": summary.settled, **{way: ways[way] for way in SENT}}
    counts |= {name: getattr(summary, name) for name in LEFT}
    return {name: count for name, count in counts.items() if count}


def _way(action: object) -> str:
    match action:
        case QueueWrite() | QueueExecute():
            return "queue"
        case SetDesired() | ClearDesired():
            return "desired"
        case CancelQueued():
            return "withdraw"
        case _:
            return "now"
