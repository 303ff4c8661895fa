"""Rollouts in an apply run: which waves go now, and what is remembered of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from reconcile.model.device import DeviceRef
from reconcile.model.epoch import is_over
from reconcile.model.errors import PlanRefused
from reconcile.model.journal import AttemptState
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan, PlannedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.model.rollout import RolloutMark, Ticket
from reconcile.model.rollout_note import RolloutNote
from reconcile.planner.rollout_gate import Standing
from reconcile.planner.rollout_stage import Member, Stage, has_failed, stage
from reconcile.ports import Commit
from reconcile.runs.rollout import members_of
from reconcile.runs.rollout_watch import Watch
from reconcile.runs.session import Session


@dataclass(frozen=True, slots=True)
class Gated:
    """A plan reduced to the waves that go now, over records that bear their marks. `kept_back` counts devices."""

    plan: Plan
    recorded: Mapping[DeviceRef, RecordedDevice]
    stages: tuple[Stage, ...] = ()
    kept_back: int = 0


def gated(
    session: Session,
    plan: Plan,
    recorded: Mapping[DeviceRef, RecordedDevice],
    fences: Mapping[str, int],
    up_to: int | None = None,
) -> Gated:
    """The plan as its rollouts let it go now, judged by recorded state; an abort is remembered before anything is sent.

    Raises: PlanRefused when the manifests speak of another rollout than a saved plan does.
    """
    profiles = {note.profile for note in plan.rollouts}
    if not profiles:
        return Gated(plan, recorded)
    _check_current(session, plan)
    members = _recorded_members(session, profiles, recorded)
    stages = tuple(_stage_of(session, plan, name, members) for name in sorted(profiles))
    recorded = _remember(session, stages, members, recorded, fences)
    limits = {one.rollout.profile: one.may_send if up_to is None else min(one.may_send, up_to) for one in stages}
    going = [one for one in plan.devices if one.rollout is None or one.rollout.wave <= limits[one.rollout.profile]]
    kept = tuple(_unfinished(session, plan, going))
    left = len(plan.devices) - len(going)
    return Gated(replace(plan, devices=kept), _marked(session, kept, recorded), stages, left)


def _unfinished(session: Session, plan: Plan, devices: Sequence[PlannedDevice]) -> list[PlannedDevice]:
    """Without those that an earlier run of this very plan finished: what became of them since is not to be undone."""
    if session.store.begun_plan() != plan.occasion:
        return list(devices)
    done = session.store.outcomes(plan.occasion)
    good = (AttemptState.DONE, AttemptState.ADOPTED)
    return [one for one in devices if not one.steps or any(done.get(step.id) not in good for step in one.steps)]


def _check_current(session: Session, plan: Plan) -> None:
    ours = session.fleet.rollouts
    for note in plan.rollouts:
        if note.profile not in ours or ours[note.profile].id != note.id:
            raise PlanRefused(
                f"the plan is stale: profile {note.profile}, by whose waves it goes, says something else now. "
                "Plan again.",
                code="RCL302",
            )


def _recorded_members(
    session: Session, profiles: set[str], recorded: Mapping[DeviceRef, RecordedDevice]
) -> list[Member]:
    governed = [one for one in session.devices() if one.document.rollout in profiles]
    missing = [one.device.ref for one in governed if one.device.ref not in recorded]
    known = {**{record.ref: record for record in session.store.devices(missing)}, **recorded}
    return members_of(session, governed, known)


def _stage_of(session: Session, plan: Plan, profile: str, members: Sequence[Member]) -> Stage:
    mine = [member for member in members if member.desired.document.rollout == profile]
    now = session.options.now()
    sent = {member.desired.device.ref for member in mine if member.mark(now) is not None}
    unsent = {
        device.ref: device.rollout.wave
        for device in plan.devices
        if device.rollout is not None and device.rollout.profile == profile and device.ref not in sent
    }
    return stage(session.fleet.rollouts[profile], unsent, mine, now)


def _remember(
    session: Session,
    stages: Sequence[Stage],
    members: Sequence[Member],
    recorded: Mapping[DeviceRef, RecordedDevice],
    fences: Mapping[str, int],
) -> Mapping[DeviceRef, RecordedDevice]:
    """Keeps an abort with the devices it is blamed on: later confirmations of others do not undo it."""
    blamed = {ref for one in stages if one.standing is Standing.ABORTED for ref in one.blamed}
    changed = [
        replace(member.record, rollout=replace(mark, is_aborted=True))
        for member in members
        if member.record.ref in blamed and (mark := member.record.rollout) is not None and not mark.is_aborted
    ]
    if not changed:
        return recorded
    session.store.commit(Commit(devices=changed), fences=fences)
    return {**recorded, **{record.ref: record for record in changed}}


def _marked(
    session: Session, devices: Iterable[PlannedDevice], recorded: Mapping[DeviceRef, RecordedDevice]
) -> Mapping[DeviceRef, RecordedDevice]:
    """The records that the waves run on; each mark is kept with the first step of its device."""
    marked = dict(recorded)
    now = session.options.now()
    for device in devices:
        ticket = device.rollout
        if ticket is None:
            continue
        record = marked.get(device.ref, RecordedDevice(device.ref, device.identity))
        if is_over(record, device.identity):
            record = RecordedDevice(device.ref, device.identity)
            if device.ref in marked:
                continue  # the record of another device: it is left behind when the first step begins
        mark = record.rollout
        if mark is not None and mark.is_told and _is_of(mark, ticket):
            mark = replace(mark, has_failed=mark.has_failed or has_failed(record, mark))
        else:
            mark = ticket.mark(now)
        marked[device.ref] = replace(record, rollout=mark)
    return marked


def _is_of(mark: RolloutMark, ticket: Ticket) -> bool:
    return (mark.profile, mark.id, mark.document) == (ticket.profile, ticket.id, ticket.document)


def watched(session: Session, gate: Gated, recorded: Mapping[DeviceRef, RecordedDevice]) -> Watch:
    """Watches the waves that go now. recorded: as they were before their marks."""
    governed = {device.ref for device in gate.plan.devices if device.rollout is not None}
    desired = {one.device.ref: one for one in session.devices() if one.device.ref in governed}
    watch = Watch(gate.stages, gate.plan.devices, desired, recorded, session.options.now())
    watch.is_whole = not gate.kept_back
    return watch


def notes_after(
    session: Session, plan: Plan, gate: Gated, fences: Mapping[str, int], stopped: Collection[str] = ()
) -> tuple[RolloutNote, ...]:
    """Where the rollouts of a plan stand once its waves were sent. An abort found only now is remembered too, and one
    of those that were `stopped` on their way, whatever was confirmed after that.
    """
    if not gate.stages:
        return ()
    profiles = {one.rollout.profile for one in gate.stages}
    members = _recorded_members(session, profiles, {})
    stages = tuple(
        replace(one, standing=Standing.ABORTED, opens=None) if one.rollout.profile in stopped else one
        for one in (_stage_of(session, plan, name, members) for name in sorted(profiles))
    )
    _remember(session, stages, members, {}, fences)
    return tuple(one.note() for one in stages)
