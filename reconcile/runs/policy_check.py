"""A plan under the policies that count: verdicts among its diagnostics, who has to look, and what it was checked by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import Diagnostic, Severity, in_order
from reconcile.model.errors import PlanRefused
from reconcile.model.fleet import DesiredDevice
from reconcile.model.plan import Plan
from reconcile.model.policy import Look, PolicyNote, Rule, Subject
from reconcile.model.recorded import RecordedDevice
from reconcile.planner.policy.judge import judge_declared, judge_hours, judge_sent
from reconcile.planner.policy.owners import looks_of
from reconcile.planner.policy.reach import Reach
from reconcile.planner.policy.verdicts import Verdicts
from reconcile.runs.session import Session

LOOK = ("RCL724", "owners have to look at this change")
_LISTED = 5


def checked(
    session: Session,
    plan: Plan,
    devices: Sequence[DesiredDevice],
    recorded: Mapping[DeviceRef, RecordedDevice],
    *,
    sends: bool,
) -> Plan:
    """The plan with what policies say of it and of `devices`, the declared ones; as it is where there is no policy.

    `sends`: it is about to be applied, so a closed window blocks it.
    """
    base, rules = session.base, session.fleet.policies.rules
    if base is None and not rules:
        return plan
    verdicts = Verdicts(_reach(session))
    judge_declared(rules, devices, verdicts)
    ours = _devices(devices, plan)
    judge_sent(rules, plan, recorded, ours, verdicts)
    judge_hours(rules, plan, ours, session.options.now(), verdicts)
    looks = looks_of(rules, () if base is None else base.changed)
    found = [*verdicts.diagnostics(sends=sends), *(_look(rules, look) for look in looks)]
    source, commit = ("manifests", None) if base is None else ("base", base.commit)
    policies = session.fleet.policies
    note = PolicyNote(source, policies.digest, policies.names, commit, tuple(looks))
    return replace(plan, diagnostics=in_order([*plan.diagnostics, *found]), policy=note)


def check_saved(session: Session, plan: Plan, recorded: Mapping[DeviceRef, RecordedDevice]) -> None:
    """Raises: PlanRefused (RCL311) when today's policies deny what a saved plan sends, or sends now."""
    rules = session.fleet.policies.rules
    if not rules:
        return
    verdicts, ours = Verdicts(_reach(session)), _devices(session.devices(), plan)
    judge_sent(rules, plan, recorded, ours, verdicts)
    judge_hours(rules, plan, ours, session.options.now(), verdicts)
    denial = next(verdicts.denials(), None)
    if denial is not None:
        raise PlanRefused(
            f"the policies of today deny the plan: {denial}. Plan again when they allow it: the new plan shows all of "
            "it.",
            code="RCL311",
        )


def _reach(session: Session) -> Reach:
    return Reach() if session.base is None else session.base.reach


def _devices(devices: Iterable[DesiredDevice], plan: Plan) -> Mapping[DeviceRef, Device]:
    wanted = {one.ref for one in plan.devices}
    return {one.device.ref: one.device for one in devices if one.device.ref in wanted}


def _look(rules: Sequence[Rule], look: Look) -> Diagnostic:
    more = f" and {len(look.files) - _LISTED} more" if len(look.files) > _LISTED else ""
    detail = f"{' and '.join(look.owners)}: {', '.join(look.files[:_LISTED])}{more}"
    span = next(rule.span for rule in rules if rule.subject is Subject.OWNERS)
    return Diagnostic(*LOOK, f"{detail}. That they did is for your forge to require.", span, Severity.WARNING)
