"""What an apply tells while it runs, as JSON objects: `apply --json-events`, schemas/apply-event.schema.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reconcile.model.device import DeviceRef
from reconcile.model.plan import Plan
from reconcile.model.plan_devices import steps_by_platform
from reconcile.model.plan_json import timestamp
from reconcile.model.values import Json, JsonObject

FORMAT = "reconcile-apply-event/1"


def event_json(name: str, facts: Mapping[str, Any], at: datetime) -> JsonObject:
    """One event: its name, when, and its facts; what is empty is left out."""
    said: JsonObject = {key: _plain(value) for key, value in facts.items() if value not in ("", None)}
    return {"event": name, "at": timestamp(at), **said}


def planned_json(plan: Plan, at: datetime) -> JsonObject:
    """The plan that is about to be applied."""
    requests: JsonObject = dict(plan.summary.requests)
    facts = {
        "format": FORMAT,
        "digest": plan.digest,
        "devices": len(plan.devices),
        "steps": steps_by_platform(plan.devices).total(),
        "requests": requests,
        "accepted_s": plan.summary.accepted_s,
    }
    return event_json("planned", facts, at)


def finished_json(exit_code: int, counts: Mapping[str, int], left_out: Sequence[DeviceRef], at: datetime) -> JsonObject:
    """How it ended: the exit code, and a count for every outcome that occurred."""
    facts: dict[str, Any] = {"exit_code": exit_code, "counts": {name: n for name, n in counts.items() if n}}
    if left_out:
        facts["left_out"] = [str(ref) for ref in left_out]
    return event_json("finished", facts, at)


def _plain(value: Any) -> Json:
    match value:
        case DeviceRef():
            return str(value)
        case datetime():
            return timestamp(value)
        case _:
            plain: Json = value
            return plain
