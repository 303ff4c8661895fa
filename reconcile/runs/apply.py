"""The apply run: settle what is open, plan or check the saved plan, review, send, record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import field, replace
from typing import TYPE_CHECKING

from reconcile.apply.events import Event
from reconcile.apply.executor import Tally, Undertaking, execute
from reconcile.apply.follow import follow
from reconcile.apply.stopping import unless_stopped
from reconcile.apply.turns import RecordsOf
from reconcile.model.device import DeviceRef
from reconcile.model.errors import PlanRefused
from reconcile.model.journal import AttemptState
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan, PlannedDevice
from reconcile.model.plan_devices import first_asked
from reconcile.model.recorded import RecordedDevice
from reconcile.model.rollout_note import RolloutNote
from reconcile.ports import Commit
from reconcile.runs.drift_rounds import with_rounds
from reconcile.runs.generation import check_generation
from reconcile.runs.lanes import Fences, learn_clocks, settle_open, take_leases
from reconcile.runs.looks_kept import noted
from reconcile.runs.request import Planned, Request
from reconcile.runs.saved_plan import recall
from reconcile.runs.session import Session
from reconcile.runs.stored_records import StoredRecords

if TYPE_CHECKING:
    from reconcile.runs.rollout_watch import Watch


@dataclass(frozen=True, slots=True)
class Approval:
    """How a plan gets its yes: `expected` is the digest somebody reviewed; `confirm` asks (True: go on)."""

    expected: str | None
    confirm: Callable[[Plan], bool]


@dataclass(slots=True, repr=False)  # asyncio.run words what a coroutine returns, whole and twice
class Applied:
    """What became of an apply. `plan` is None when attempts in doubt kept it from planning.

    `for_operator` counts attempts of earlier runs that only a person can settle; they keep nobody else from going on.
    `left_out` are devices of a saved plan that moved since. `rollouts` say where waves stand now.
    """

    plan: Plan | None = None
    tally: Tally = field(default_factory=Tally)
    is_declined: bool = False
    still_open: int = 0
    for_operator: int = 0
    left_out: tuple[DeviceRef, ...] = ()
    rollouts: tuple[RolloutNote, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 done, 1 partly failed or declined, 4 blocked, 5 attempts in doubt remain."""
        if self.still_open or self.for_operator or self.tally.in_doubt:
            return 5
        if self.plan is not None and self.plan.is_blocked:
            return 4
        if any(one.standing == "aborted" for one in self.rollouts):
            return 4
        if self.is_declined or self.left_out or not self.tally.is_complete:
            return 1
        if self.plan is not None and self.plan.unknown:
            return 1
        return 4 if self.plan is not None and (self.plan.conflicts or self.plan.blocked) else 0


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """How to apply: a saved plan, or plan by `request`.

    `is_partial`: devices of the saved plan whose precondition no longer holds are left out, and the rest runs. `wave`:
    the last wave of a rollout that may be sent, whatever its gates say. `goes_back`: even manifests of an older commit
    than was applied.
    """

    request: Request
    approval: Approval
    emit: Callable[[Event], None]
    stop: asyncio.Event
    owner: str
    saved: Plan | None = None
    is_partial: bool = False
    wave: int | None = None
    goes_back: bool = False


async def apply(session: Session, job: ApplyRequest) -> Applied:
    """Applies. Raises: InputRejectedError, PlanRefused, StateError, LeaseHeld; then nothing was sent."""
    with ExitStack() as stack:
        fences = await take_leases(stack, session, job.owner, job.emit, job.stop)
        still_open = await settle_open(session, fences, job.emit, job.stop)
        if still_open:
            return Applied(still_open=still_open)
        for_operator = len(session.store.open_attempts())
        left_out: tuple[DeviceRef, ...] = ()
        planned: Planned | None
        if job.saved is None:
            planned = await _planned(session, job)
        else:
            recalled = recall(session, job.saved, is_partial=job.is_partial)
            planned, left_out = recalled.planned, recalled.left_out
        if planned is None:
            return Applied(is_declined=True, for_operator=for_operator)
        plan = planned.plan
        if not job.goes_back:
            check_generation(session.options.manifests, plan.base.commit, session.store.generation())
        if job.approval.expected is not None and plan.digest != job.approval.expected:
            message = f"the plan is not the expected one: found {plan.digest}, expected {job.approval.expected}."
            raise PlanRefused(f"{message} Review it, and pass its digest.", code="RCL303")
        if plan.is_blocked:
            return Applied(plan, for_operator=for_operator)
        if plan.classes and not job.approval.confirm(plan):
            return Applied(plan, is_declined=True, for_operator=for_operator)
        recorded = with_rounds(session, plan, await _follow(session, fences, planned))
        if plan.rollouts:
            tally, notes = await _in_waves(session, fences, job, plan, recorded)
        else:
            tally, notes = await _execute(session, fences, job, plan, recorded), ()
        return Applied(plan, tally, for_operator=for_operator, left_out=left_out, rollouts=notes)


async def _planned(session: Session, job: ApplyRequest) -> Planned | None:
    from reconcile.runs.plan import make_plan  # brings the planner, which a saved plan never needs

    planned = await unless_stopped(make_plan(session, replace(job.request, sends=True)), job.stop, grace_s=0.0)
    return None if job.stop.is_set() else planned


async def _follow(session: Session, fences: Fences, planned: Planned) -> Mapping[DeviceRef, RecordedDevice]:
    """Recorded devices with what the look at the clouds told about their deliveries; kept before anything is sent."""
    if not planned.observed:
        return planned.recorded
    recorded = dict(planned.recorded)
    changed = []
    for ref, observed in planned.observed.items():
        record = recorded.get(ref)
        if record is None:
            continue
        same, server_now = session.same_for(ref.platform, record.identity), session.server_now(ref.platform)
        after = follow(record, observed, same, session.options.now(), server_now=server_now)
        if planned.keeps_looks:
            after = noted(after, observed, session.options.now())
        if after != record:
            recorded[ref] = after
            changed.append(after)
    if changed:
        await asyncio.to_thread(session.store.commit, Commit(devices=changed), fences=fences.by_lane)
    return recorded


async def _in_waves(
    session: Session, fences: Fences, job: ApplyRequest, plan: Plan, recorded: Mapping[DeviceRef, RecordedDevice]
) -> tuple[Tally, tuple[RolloutNote, ...]]:
    from reconcile.runs.rollout_apply import gated, notes_after, watched  # brings the planner

    recorded = recorded.held() if isinstance(recorded, StoredRecords) else recorded
    gate = gated(session, plan, recorded, fences.by_lane, job.wave)
    watch = watched(session, gate, recorded)
    tally = await _execute(session, fences, job, gate.plan, gate.recorded, watch)
    return tally, notes_after(session, plan, gate, fences.by_lane, watch.stopped)


def _anyone(_planned: PlannedDevice) -> bool:
    return True


def _unnoticed(_planned: PlannedDevice, _record: RecordedDevice) -> None:
    return None


def _records_of(recorded: Mapping[DeviceRef, RecordedDevice]) -> RecordsOf:
    if isinstance(recorded, StoredRecords):
        return lambda devices: recorded.of(device.ref for device in devices)
    return lambda _devices: recorded


async def _execute(
    session: Session,
    fences: Fences,
    job: ApplyRequest,
    plan: Plan,
    recorded: Mapping[DeviceRef, RecordedDevice],
    watch: Watch | None = None,
) -> Tally:
    first = first_asked(plan.devices)
    session.require_keys(first)
    lanes = {name: fences.lane(session, name) for name in sorted(first)}
    await learn_clocks(session, first.items())
    # Steps count as done only where this very plan was interrupted: one begun since may have undone them.
    is_resumed = job.saved is not None and session.store.begun_plan() == plan.occasion
    done: Mapping[str, AttemptState] = session.store.outcomes(plan.occasion) if is_resumed else {}
    return await execute(
        Undertaking(
            plan=plan,
            store=session.store,
            lanes=lanes,
            recorded=_records_of(recorded),
            done=done,
            emit=job.emit,
            now=session.options.now,
            stop=job.stop,
            pause=session.throttling.pause,
            throttled=session.throttling.heard,
            is_whole=watch is None or watch.is_whole,
            may_begin=_anyone if watch is None else watch.may_begin,
            ended=_unnoticed if watch is None else watch.ended,
        ),
        fences.by_lane,
    )
