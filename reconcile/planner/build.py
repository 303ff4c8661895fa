"""A plan from everything known: the last room before review.

    situation -> delta -> drafts -> room in the queue -> classes -> steps -> digest

Order of input does not matter: devices are taken by ref, classes by size and content, steps by device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta

from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import Diagnostic, in_order
from reconcile.model.energy import NO_ENERGY, Energy, total
from reconcile.model.fleet import Hold, Safety
from reconcile.model.forecast import Forecast
from reconcile.model.late import dataclass
from reconcile.model.plan import Base, Change, Notice, Plan, PlannedDevice, Summary
from reconcile.model.plan_spelling import plan_digest
from reconcile.model.recorded import RecordedDevice
from reconcile.planner import safety as limits
from reconcile.planner.alike import Alike
from reconcile.planner.classes import classify
from reconcile.planner.delta import Delta
from reconcile.planner.energy import by_class
from reconcile.planner.forecast import Outlook
from reconcile.planner.form import Draft
from reconcile.planner.leave import let_go, released
from reconcile.planner.on_air import let_go_later
from reconcile.planner.planned import planned_device
from reconcile.planner.rollout import Rollouts, Spread, spread
from reconcile.planner.rollout_abort import Ground
from reconcile.planner.safety_guard import Guard
from reconcile.planner.situation import Situation
from reconcile.planner.ways import by_class as ways_by_class
from reconcile.ports import Dialect

SWAPPED = "another device bears this name now: what waits for the one before is withdrawn first; then apply again"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a plan is made of. `settled` and `managed` come from the screen; `gone` are records to let go: of undeclared
    devices, and of `swapped` ones, whose name another device bears now. `managed_in`: managed devices of each profile
    with limits of its own, in their order.
    """

    situations: Sequence[Situation]
    dialects: Mapping[str, Dialect]
    rates: Mapping[str, float]
    base: Base
    created: datetime
    settled: int = 0
    managed: int = 0
    managed_in: Sequence[int] = ()
    gone: Sequence[RecordedDevice] = ()
    swapped: Sequence[DeviceRef] = ()
    holds: Sequence[Hold] = ()
    safety: Safety = field(default_factory=Safety)
    diagnostics: Sequence[Diagnostic] = ()
    expires_after: timedelta = timedelta(hours=24)
    rollouts: Rollouts = field(default_factory=Rollouts)


@dataclass(slots=True)
class _Findings:
    """What one pass over the devices leaves behind."""

    guard: Guard
    alike: Alike
    works: list[tuple[Situation, Delta, tuple[Draft, ...]]] = field(default_factory=list)
    held: list[Notice] = field(default_factory=list)
    unknown: list[Notice] = field(default_factory=list)
    conflicts: list[Notice] = field(default_factory=list)
    drift: list[Notice] = field(default_factory=list)
    put_off: list[Notice] = field(default_factory=list)
    blocked: list[Notice] = field(default_factory=list)
    changed: list[Device] = field(default_factory=list)
    settled: int = 0
    waiting: int = 0
    changing: int = 0
    conflicting: int = 0


def build(inputs: Inputs) -> Plan:
    """The plan: changes, classes, steps and everything it leaves alone, with its digest."""
    found = _examine(inputs)
    waves = _spread(inputs, found)
    inputs = _without_awaited(inputs, found)
    changes: list[tuple[DeviceRef, Sequence[Change]]] = [
        (situation.device.ref, work.changes) for situation, work, _ in found.works
    ]
    changes += [(r.ref, released(r, is_swapped=r.ref in inputs.swapped)) for r in inputs.gone]
    classes, class_ids = classify(changes)
    devices = tuple(waves.place(device) for device in _plan_devices(inputs, found, class_ids))
    costs, ways = _costs(found, class_ids), _ways(found, class_ids)
    limited = _check_limits(inputs, found)
    judged = [*limited.diagnostics, *found.guard.diagnostics(), *waves.diagnostics]
    diagnostics = in_order([*inputs.diagnostics, *judged])
    plan = Plan(
        digest="",
        created=inputs.created,
        expires=limited.expires(found.guard.expires(inputs.created + inputs.expires_after)),
        base=inputs.base,
        summary=replace(_summarise(inputs, found, devices), forecast=_foreseen(found), energy=total(costs.values())),
        classes=tuple(
            replace(group, energy=costs.get(group.id, NO_ENERGY), ways=ways.get(group.id, {})) for group in classes
        ),
        devices=devices,
        held=tuple(found.held),
        unknown=tuple(found.unknown),
        conflicts=tuple(found.conflicts),
        drift=tuple(found.drift),
        waiting=tuple(found.put_off),
        blocked=tuple(found.blocked),
        protected=found.guard.allowed(),
        raised=tuple(limited.raised),
        rollouts=waves.notes(devices, inputs.rates),
        diagnostics=diagnostics,
    )
    return replace(plan, digest=plan_digest(plan))


def _spread(inputs: Inputs, found: _Findings) -> Spread:
    """The work by waves of rollouts; what an aborted one keeps back counts as held."""
    alone = {notice.device for notice in (*found.held, *found.unknown)}
    ground = Ground(
        inputs.situations, inputs.dialects, inputs.created, alone, found.guard.blocks, inputs.rollouts.situate
    )
    waves = spread(inputs.rollouts, found.works, ground)
    found.works = waves.works
    found.held.extend(waves.held)
    found.blocked.extend(waves.blocked)
    found.settled += waves.settled
    found.changing += waves.changing
    found.waiting += waves.waiting
    for situation, _, drafts in found.works:
        found.guard.sends(situation.device, [draft.action for draft in drafts])
    return waves


def _without_awaited(inputs: Inputs, found: _Findings) -> Inputs:
    """Without the devices that left and may not be forgotten yet."""
    later = let_go_later(inputs.gone, inputs.dialects)
    found.put_off.extend(later)
    awaited = {notice.device for notice in later}
    return replace(inputs, gone=[record for record in inputs.gone if record.ref not in awaited]) if later else inputs


def _costs(found: _Findings, class_ids: Sequence[str]) -> dict[str, Energy]:
    sent = zip(class_ids, found.works, strict=False)  # the classes of devices that leave come after
    return by_class((class_id, situation, [d.action for d in drafts]) for class_id, (situation, _, drafts) in sent)


def _ways(found: _Findings, class_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    sent = zip(class_ids, found.works, strict=False)
    return ways_by_class((class_id, work.choice, [d.action for d in drafts]) for class_id, (_, work, drafts) in sent)


def _foreseen(found: _Findings) -> Forecast | None:
    outlook = Outlook()
    for situation, work, drafts in found.works:
        outlook.add(situation, [draft.action for draft in drafts], work.turns)
    return outlook.forecast() if outlook.devices else None


def _examine(inputs: Inputs) -> _Findings:
    guard = Guard(inputs.safety, inputs.dialects)
    alike = Alike(is_shared=not inputs.rollouts.rules)  # an abort changes the work of single devices
    found = _Findings(guard, alike, settled=inputs.settled)
    found.held.extend(Notice(ref, SWAPPED) for ref in inputs.swapped)
    for situation in sorted(inputs.situations, key=lambda s: s.device.ref):
        _examine_one(inputs, situation, found)
    return found


def _examine_one(inputs: Inputs, situation: Situation, found: _Findings) -> None:
    ref = situation.device.ref
    if situation.observed is not None and situation.observed.problem is not None:
        found.unknown.append(Notice(ref, situation.observed.problem))
        return
    worked = found.alike.worked(situation)
    work = worked.work
    found.drift.extend(work.drift)
    hold = next((h for h in inputs.holds if ref in h.devices and h.until > inputs.created), None)
    if hold is not None and not work.is_empty:
        found.held.append(Notice(ref, f"{hold.name}, until {hold.until.isoformat()}: {hold.reason}"))
        return
    blocked = found.guard.blocks(situation, work)
    if blocked:
        found.blocked.extend(blocked)
        return
    found.conflicts.extend(work.conflicts)
    drafts = found.alike.formed(situation, worked, inputs.dialects[ref.platform])
    found.put_off.extend(work.waiting)
    is_waiting = bool(work.waiting) or situation.is_waiting
    if work.is_empty and not work.conflicts and (work.waiting or _is_recorded_as_wanted(situation)):
        found.waiting += is_waiting
        found.settled += not is_waiting
        return
    found.works.append((situation, work, drafts))
    if _is_managed(situation) and not work.is_empty:
        found.changed.append(situation.device)
    if work.conflicts:
        found.conflicting += 1
    elif not work.is_empty:
        found.changing += 1
    elif is_waiting:
        found.waiting += 1
    else:
        found.settled += 1


def _is_managed(situation: Situation) -> bool:
    """Brought to a document before. A device whose first apply was interrupted is still on its way into management."""
    return situation.recorded is not None and situation.recorded.digest is not None


def _is_recorded_as_wanted(situation: Situation) -> bool:
    if situation.in_scope is not None:
        return True  # a part of a device is never brought to its document
    return situation.recorded is not None and situation.recorded.digest == situation.document.digest


def _plan_devices(inputs: Inputs, found: _Findings, class_ids: Sequence[str]) -> tuple[PlannedDevice, ...]:
    planned: list[PlannedDevice] = []
    number = 0
    for (situation, work, drafts), class_id in zip(found.works, class_ids, strict=False):
        planned.append(planned_device(situation, work, drafts, class_id, number))
        number += len(drafts)
    for record, class_id in zip(inputs.gone, class_ids[len(found.works) :], strict=True):
        device = let_go(record, class_id, number, can_send=record.ref.platform in inputs.dialects)
        planned.append(device)
        number += len(device.steps)
    return tuple(planned)


def _check_limits(inputs: Inputs, found: _Findings) -> limits.Judgement:
    return limits.check(
        inputs.safety,
        limits.Count(
            inputs.managed,
            len(found.changed),
            sum(record.ends is None and record.ref not in inputs.swapped for record in inputs.gone),
        ),
        [
            limits.Count(managed, sum(map(profile.covers, found.changed)))
            for profile, managed in zip(inputs.safety.profiles, inputs.managed_in, strict=False)
        ],
    )


def _summarise(inputs: Inputs, found: _Findings, devices: Sequence[PlannedDevice]) -> Summary:
    requests: dict[str, int] = {}
    for device in devices:
        if device.steps:
            requests[device.ref.platform] = requests.get(device.ref.platform, 0) + device.calls
    accepted_s = max((count / inputs.rates[name] for name, count in requests.items()), default=0.0)
    return Summary(
        devices=inputs.settled + len(inputs.situations) + len(inputs.swapped),
        settled=found.settled,
        changing=found.changing,
        waiting=found.waiting,
        held=len({notice.device for notice in (*found.held, *found.blocked)}),
        unknown=len(found.unknown),
        conflicts=found.conflicting,
        requests=requests,
        accepted_s=round(accepted_s, 2),
    )
