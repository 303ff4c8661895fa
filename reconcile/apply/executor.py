"""A plan, carried out: lanes side by side, devices of a lane up to its width, the steps of a device in order."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime

from reconcile.apply import fold
from reconcile.apply.attempt import Run, Work, perform
from reconcile.apply.events import Blocked, Event, LaneStopped, Recorded
from reconcile.apply.fallback import is_pointless
from reconcile.apply.lane import Lane
from reconcile.apply.order import must_wait
from reconcile.apply.read_back import holds
from reconcile.apply.side_by_side import side_by_side
from reconcile.apply.stopping import cancel_when_stopped
from reconcile.apply.turns import RecordsOf, Turn, Turns
from reconcile.apply.writer import Writer
from reconcile.model.actions import ExecuteNow, WriteNow
from reconcile.model.attempt_machine import may_begin
from reconcile.model.forecast import Foretold
from reconcile.model.journal import AttemptState
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan, PlannedDevice, Step
from reconcile.model.plan_devices import alike, on_platform, platforms_of
from reconcile.model.recorded import RecordedDevice
from reconcile.ports import Commit, StateStore

_TROUBLE_LIMIT = 25
_SUCCESS = (AttemptState.DONE, AttemptState.ADOPTED)


@dataclass(slots=True)
class Tally:
    """How an apply ended: steps per final state, steps blocked, devices finished, devices not begun.

    `put_off` are steps left until what they follow is confirmed.
    """

    states: Counter[AttemptState] = field(default_factory=Counter)
    blocked: int = 0
    put_off: int = 0
    finished: int = 0
    not_begun: int = 0

    @property
    def is_complete(self) -> bool:
        """True when every step succeeded."""
        return not self.blocked and not self.not_begun and all(state in _SUCCESS for state in self.states)

    @property
    def in_doubt(self) -> int:
        """Attempts whose outcome is still unknown."""
        return self.states[AttemptState.IN_DOUBT] + self.states[AttemptState.NEEDS_OPERATOR]


@dataclass(frozen=True, slots=True)
class Undertaking:
    """Everything one apply needs. `done` are steps that an earlier run did.

    Not `is_whole`: waves of the plan are kept back, and it may be applied again. `may_begin` is asked before a device
    is begun, and `ended` told its record when it is done with.
    """

    plan: Plan
    store: StateStore
    lanes: Mapping[str, Lane]
    recorded: RecordsOf
    done: Mapping[str, AttemptState]
    emit: Callable[[Event], None]
    now: Callable[[], datetime]
    stop: asyncio.Event
    pause: Callable[[str, float], None] = lambda _lane, _seconds: None
    is_whole: bool = True
    may_begin: Callable[[PlannedDevice], bool] = lambda _planned: True
    ended: Callable[[PlannedDevice, RecordedDevice], None] = lambda _planned, _record: None
    throttled: Callable[[str], object] = lambda _lane: None


async def execute(job: Undertaking, fences: Mapping[str, int]) -> Tally:
    """Carries out the plan; resumable: what is not finished stays recorded as such. Raises: StateError, LeaseHeld."""
    tally = Tally()
    async with Writer(job.store, fences) as writer:
        forecast = job.plan.summary.forecast
        foretold = None if forecast is None else Foretold(job.now(), forecast)
        await writer.commit(Commit(begun_plan=job.plan.occasion, foretold=foretold, generation=job.plan.base.commit))
        run = Run(job.plan.occasion, writer, job.emit, job.now, job.stop, job.pause, job.throttled, job.may_begin)
        by_lane = {name: on_platform(job.plan.devices, name) for name in platforms_of(job.plan.devices)}
        await side_by_side(
            *(_drive(job, run, job.lanes.get(name), devices, tally) for name, devices in by_lane.items())
        )
        if tally.is_complete and job.is_whole:
            await writer.commit(Commit(consumed_plan=job.plan.occasion))
    return tally


async def _drive(job: Undertaking, run: Run, lane: Lane | None, devices: Sequence[PlannedDevice], tally: Tally) -> None:
    """One lane. Devices that need no request (`lane` may be None then) are recorded in groups by the writer."""
    queue = Turns(devices, job.recorded)
    health = _Health(lane.name if lane else "", job.emit)
    width = min(_width(lane, devices), len(devices))
    workers = [asyncio.create_task(_worker(job, run, lane, queue, tally, health)) for _ in range(width)]
    cutting = asyncio.create_task(cancel_when_stopped(job.stop, workers))
    try:
        await asyncio.gather(*workers)
    except BaseException:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        raise
    finally:
        cutting.cancel()
    tally.not_begun += queue.left


def _width(lane: Lane | None, devices: Sequence[PlannedDevice]) -> int:
    """How many devices are in work at once: an instant call may stay open for long."""
    if lane is None:
        return 64
    is_instant = any(
        isinstance(step.action, WriteNow | ExecuteNow) for each, _ in alike(devices) for step in each.steps
    )
    return max(lane.width, lane.width_instant) if is_instant else lane.width


@dataclass(slots=True)
class _Health:
    """Counts failures of the account in a row: one that does not answer must not be asked for every device in turn.

    Devices that are silent are none: the cloud answered, and said so.
    """

    lane: str
    emit: Callable[[Event], None]
    in_a_row: int = 0
    is_stopped: bool = False

    def note(self, *, blames_account: bool) -> None:
        self.in_a_row = self.in_a_row + 1 if blames_account else 0
        if self.in_a_row >= _TROUBLE_LIMIT and not self.is_stopped:
            self.is_stopped = True
            self.emit(LaneStopped(self.lane, f"{self.in_a_row} requests in a row failed for what is no device's"))


async def _worker(job: Undertaking, run: Run, lane: Lane | None, queue: Turns, tally: Tally, health: _Health) -> None:
    while not job.stop.is_set() and not health.is_stopped:
        turn = next(queue, None)
        if turn is None:
            return
        planned, known = turn
        try:
            if planned.steps:
                assert lane is not None
                await _work(job, run, lane, turn, tally, health)
            else:
                await _record_only(run, planned, known, job.now())
                tally.finished += 1
        except asyncio.CancelledError:  # between two steps, or while the device's end is written
            if not job.stop.is_set():
                raise
            tally.not_begun += 1


async def _record_only(run: Run, planned: PlannedDevice, known: RecordedDevice | None, now: datetime) -> None:
    if planned.is_released:
        await run.writer.commit(Commit(forgotten=(planned.ref,)))
    else:
        record = fold.begin(known, planned, now)
        await run.writer.commit(Commit(devices=(fold.finish(record, planned),)))
    run.emit(Recorded(planned.ref))


async def _work(job: Undertaking, run: Run, lane: Lane, turn: Turn, tally: Tally, health: _Health) -> None:
    planned, known = turn
    work = Work(planned, fold.begin(known, planned, job.now()), is_recorded=known is not None)
    work.done = {step.id for step in planned.steps if job.done.get(step.id) in _SUCCESS}
    work.taken = _expiries(work.record)
    left = [step for step in planned.steps if step.id not in work.done]
    waiting: set[str] = set()
    for position, step in enumerate(left):
        if job.stop.is_set():
            tally.not_begun += len(left) - position
            return
        if _is_over(job, step, tally) or not await _may_go(run, lane, work, step, waiting, tally):
            continue
        is_last = position == len(left) - 1 and len(work.done) == len(planned.steps) - 1
        try:
            state = await perform(run, lane, work, step, is_last=is_last)
        except asyncio.CancelledError:
            if not job.stop.is_set():
                raise
            state = AttemptState.IN_DOUBT  # the journal says how far it got; the next run settles it
        if state is None:
            tally.not_begun += 1
            return
        tally.states[state] += 1
        health.note(blames_account=work.blames_account)
        if state in (AttemptState.IN_DOUBT, AttemptState.NEEDS_OPERATOR):
            tally.blocked += len(left) - position - 1
            return
    await _leave(run, work, tally, had_work=bool(left))
    job.ended(planned, work.record)


async def _leave(run: Run, work: Work, tally: Tally, *, had_work: bool) -> None:
    """A device of which every step succeeded is finished; the last of them has done so in its own transaction."""
    planned = work.planned
    if len(work.done) < len(planned.steps):
        return
    if planned.is_released:
        await run.writer.commit(Commit(forgotten=(planned.ref,)))
    elif not had_work:
        await run.writer.commit(Commit(devices=(fold.finish(work.record, planned),)))
    tally.finished += 1


def _is_over(job: Undertaking, step: Step, tally: Tally) -> bool:
    """Whether the run that was interrupted ended the step in a way that nothing may follow."""
    state = job.done.get(step.id)
    if state is None or may_begin(state):
        return False
    tally.states[state] += 1
    return True


async def _may_go(run: Run, lane: Lane, work: Work, step: Step, waiting: set[str], tally: Tally) -> bool:
    """Whether the step's turn has come. `waiting` gathers those that a later run has to send."""
    if must_wait(step, work.record, work.done, waiting):
        waiting.add(step.id)
        tally.put_off += 1
        return False
    is_next = work.done.issuperset(step.after) and not is_pointless(step, has_missed=work.has_missed)
    if not (is_next and await holds(run, lane, work, step)):
        tally.blocked += 1
        run.emit(Blocked(step.device, step.id, step.action.kind))
        return False
    return True


def _expiries(record: RecordedDevice) -> set[datetime]:
    expiries = [r.expires_at for r in record.resources.values()] + [r.expires_at for r in record.runs.values()]
    return {moment for moment in expiries if moment is not None}
