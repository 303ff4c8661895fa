"""Policies over a fleet: what is declared, and what a plan would send.

Premise: a million devices have a few hundred documents. Rule: a rule about values is answered once per document and
asks whom it covers only where it is broken; a rule about identities is asked of each device, there is no other way.
What a plan sends is judged besides, as it may be what no document says: a value of `onRemoval`, of an aborted rollout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from reconcile.model.actions import (
    Action,
    CancelQueued,
    ClearDesired,
    ExecuteNow,
    QueueExecute,
    QueueWrite,
    SetDesired,
    WriteNow,
)
from reconcile.model.desired import DesiredDocument, Ownership
from reconcile.model.device import Device, DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.plan import Change, Plan, PlannedDevice
from reconcile.model.policy import Rule, Subject
from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import Json, Missing
from reconcile.planner.policy.breach import IDENTITY_SUBJECTS, Breach, Matter, breaches
from reconcile.planner.policy.verdicts import Verdicts

_OURS = (Ownership.ENFORCE, Ownership.SEED)
_NOT_OF_VALUES = IDENTITY_SUBJECTS | {Subject.WINDOWS, Subject.OWNERS}


def judge_declared(rules: Sequence[Rule], devices: Iterable[DesiredDevice], verdicts: Verdicts) -> None:
    """Judges what is declared of every device."""
    named = [rule for rule in rules if rule.subject in IDENTITY_SUBJECTS]
    valued = [rule for rule in rules if rule.subject not in _NOT_OF_VALUES]
    if not (named or valued):
        return
    known: dict[int, list[tuple[Rule, list[Breach]]]] = {}
    for desired in devices:
        device, document = desired.device, desired.document
        found = known.get(id(document))
        if found is None:
            matter = _declared(device, document)
            judged = ((rule, list(breaches(rule, matter))) for rule in valued)
            found = known[id(document)] = [(rule, broken) for rule, broken in judged if broken]
        for rule, broken in found:
            _add(verdicts, rule, device, broken)
        for rule in named:
            _add(verdicts, rule, device, list(breaches(rule, Matter(device.identity))))


def judge_sent(
    rules: Sequence[Rule],
    plan: Plan,
    recorded: Mapping[DeviceRef, RecordedDevice],
    devices: Mapping[DeviceRef, Device],
    verdicts: Verdicts,
) -> None:
    """Judges every step of a plan; withdrawing what waits sends a device nothing. `devices` are those declared."""
    asked = [rule for rule in rules if rule.subject not in (Subject.WINDOWS, Subject.OWNERS)]
    if not asked:
        return
    changes = {group.id: group.changes for group in plan.classes}
    for planned in plan.devices:
        actions = sent_by(planned)
        if actions:
            device = devices.get(planned.ref) or Device(planned.ref, planned.identity, {})
            matter = _sent(planned, actions, recorded.get(planned.ref), changes.get(planned.class_id, ()))
            for rule in asked:
                _add(verdicts, rule, device, list(breaches(rule, matter)))


def judge_hours(
    rules: Sequence[Rule], plan: Plan, devices: Mapping[DeviceRef, Device], now: datetime, verdicts: Verdicts
) -> None:
    """Judges whether anything of the plan may be sent now."""
    for rule in rules:
        hours = rule.hours
        if hours is not None and not hours.is_open(now) and _concerns(rule, plan, devices, verdicts):
            verdicts.add_closed(rule, hours.opens(now))


def sent_by(planned: PlannedDevice) -> list[Action]:
    """What a device would be sent, a step's other way included."""
    actions = [action for step in planned.steps for action in (step.action, step.otherwise) if action is not None]
    return [action for action in actions if not isinstance(action, CancelQueued)]


def _concerns(rule: Rule, plan: Plan, devices: Mapping[DeviceRef, Device], verdicts: Verdicts) -> bool:
    for planned in plan.devices:
        if sent_by(planned):
            device = devices.get(planned.ref) or Device(planned.ref, planned.identity, {})
            if verdicts.reach.covers(rule, device) and verdicts.reach.waiver(rule, device) is None:
                return True
    return False


def _add(verdicts: Verdicts, rule: Rule, device: Device, found: Sequence[Breach]) -> None:
    if found and verdicts.reach.covers(rule, device):
        for breach in found:
            verdicts.add(rule, device, breach)


def _declared(device: Device, document: DesiredDocument) -> Matter:
    values = {one.path: one.value for one in document.resources if one.ownership in _OURS}
    executes = tuple(command.execute for command in document.commands)
    return Matter(device.identity, values, executes, values)


def _sent(
    planned: PlannedDevice, actions: Iterable[Action], record: RecordedDevice | None, changes: Iterable[Change]
) -> Matter:
    writes: dict[str, Json] = {}
    executes: list[str] = []
    for action in actions:
        match action:
            case WriteNow() | QueueWrite():
                writes |= {write.path: write.value for write in action.writes}
            case SetDesired():
                writes |= {write.path: write.value for write in action.items}
            case ClearDesired():
                writes |= dict.fromkeys(action.paths)
            case ExecuteNow() | QueueExecute():
                executes.append(action.path)
    holds: dict[str, Json] = {} if record is None else {path: one.value for path, one in record.resources.items()}
    before = holds | {one.resource: one.before for one in changes if not isinstance(one.before, Missing)}
    return Matter(planned.identity, writes, tuple(executes), holds | writes, before)
