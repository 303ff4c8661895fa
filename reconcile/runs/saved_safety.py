"""Whether what a saved plan needs to be allowed still is, by the manifests of the moment it is applied.

Premise: a line of `allow:` that was taken away says that somebody thought again; a saved plan must not carry the
permission past that, nor past a `protected:` line that came since.
Rule: the plan is refused whole; a new one says what of it is blocked. What needs no line is not judged again.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.device import Device
from reconcile.model.errors import PlanRefused
from reconcile.model.fleet import Limits, Safety
from reconcile.model.plan import Plan
from reconcile.model.protection import RaisedLimit
from reconcile.runs.session import Session

_FIELDS = {
    "maxChangedDevices": "max_changed_devices",
    "maxChangedPercent": "max_changed_percent",
    "maxInventoryShrinkPercent": "max_inventory_shrink_percent",
}


def check_allowed(session: Session, plan: Plan) -> None:
    """Raises: PlanRefused (RCL309) when today's manifests do not allow what the plan sends, or how far it goes."""
    safety = session.fleet.safety
    missing = next((one for one in plan.raised if not _is_allowed(one, safety)), None)
    if missing is not None:
        owner = f"profile {missing.profile}: " if missing.profile else ""
        raise _refusal(f"{owner}{missing.limit} is exceeded ({missing.found:g}), which {missing.at} allowed")
    if not (plan.protected or safety.protected):
        return
    found = next(_forbidden(session, plan), None)
    if found is not None:
        raise _refusal(f"it sends {found}, which is protected")


def _forbidden(session: Session, plan: Plan) -> Iterator[str]:
    from reconcile.planner.safety_guard import Guard  # brings the planner, which few saved plans need

    guard = Guard(session.fleet.safety, {name: session.dialect(name) for name in session.fleet.platforms})
    declared = {one.device.ref: one.device for one in session.devices()}
    for planned in plan.devices:
        device = declared.get(planned.ref, Device(planned.ref, planned.identity, {}))
        sent = [action for step in planned.steps for action in (step.action, step.otherwise) if action is not None]
        resource = guard.forbidden(device, sent)
        if resource is not None:
            yield f"{resource} to {planned.ref}"


def _is_allowed(raised: RaisedLimit, safety: Safety) -> bool:
    stated: Safety | Limits | None = safety
    if raised.profile:
        stated = next((one for one in safety.profiles if one.profile == raised.profile), None)
    limit = getattr(stated, _FIELDS.get(raised.limit, ""), None)
    if stated is None or limit is None or raised.found <= limit:
        return True
    return any(line.kind == raised.limit and raised.found <= line.up_to for line in stated.allowances)


def _refusal(what: str) -> PlanRefused:
    return PlanRefused(
        f"the plan needs a line of `allow:` that today's manifests do not have: {what}. "
        "Plan again: the new plan shows what is blocked.",
        code="RCL309",
    )
