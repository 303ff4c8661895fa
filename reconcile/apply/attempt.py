"""One step, sent: durable before its first byte, its outcome durable before the next.

Never more than one copy on its way: a step goes again only when the copy before provably had no effect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import field, replace
from datetime import datetime

from reconcile.apply import fold, metering
from reconcile.apply.admission import Admission
from reconcile.apply.deadlines import stamp as stamp_of
from reconcile.apply.deadlines import together
from reconcile.apply.events import Attempted, Event
from reconcile.apply.fallback import instead
from reconcile.apply.lane import LOOK_BACK, Doubt, Lane, settle
from reconcile.apply.rollout_mark import after_refusal, as_failed, told, untold
from reconcile.apply.verdict import Landed, Moved, NeedsOperator, NotLanded, Undecided
from reconcile.apply.wording import Wordings
from reconcile.apply.writer import Writer
from reconcile.model.actions import CancelQueued, QueueExecute, QueueWrite, WriteNow, touched
from reconcile.model.errors import CallFailed, Conflict, InDoubt, NotSent, Refused
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt, intent_id
from reconcile.model.late import dataclass
from reconcile.model.plan import PlannedDevice, Step
from reconcile.model.plan_json import device_json
from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import JsonObject
from reconcile.ports import Accepted, Commit, Stamp

_ATTEMPTS = 4
_MAX_PAUSE_S = 30.0


@dataclass(slots=True)
class Run:
    """What the steps of one run share. `may_begin`: see `Undertaking`."""

    plan: str
    writer: Writer
    emit: Callable[[Event], None]
    now: Callable[[], datetime]
    stop: asyncio.Event
    pause: Callable[[str, float], None]
    throttled: Callable[[str], object]
    may_begin: Callable[[PlannedDevice], bool]
    wordings: Wordings = field(default_factory=Wordings)


@dataclass(slots=True)
class Work:
    """One device while it is worked on: its record grows with every outcome. `is_recorded`: the store has a row.

    `released_at`: the valid_time that its queued steps share. `blames_account`: its last attempt failed in a way that
    tells of the account and not of the device: nothing left, no usable answer came, or the keys are refused.
    """

    planned: PlannedDevice
    record: RecordedDevice
    is_recorded: bool = True
    taken: set[datetime] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    has_missed: bool = False
    released_at: datetime | None = None
    blames_account: bool = False


async def perform(run: Run, lane: Lane, work: Work, step: Step, *, is_last: bool) -> AttemptState | None:
    """Brings one step to an outcome. With `is_last`, the device is finished in the same transaction.

    None when its device may not be begun any more; that may have changed while it waited for its turn.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        step = instead(step, has_missed=work.has_missed)
        async with Admission(lane.gate, step.action):
            if attempt == 1 and not work.done and not run.may_begin(work.planned):
                return None
            close = await _begin(run, lane, work, step, attempt)
            close.is_last = is_last
            state, pause_s = await _send(lane, close)
        if state is AttemptState.REFUSED and instead(step, has_missed=work.has_missed) is not step:
            pause_s = 0.0
        may_go_again = state in (AttemptState.NOT_LANDED, AttemptState.REFUSED) and pause_s is not None
        if not may_go_again or attempt == _ATTEMPTS or run.stop.is_set():
            return state
        run.pause(lane.name, min(pause_s or 0.0, _MAX_PAUSE_S))
        await asyncio.sleep(min(pause_s or 0.0, _MAX_PAUSE_S))
    raise AssertionError


async def _begin(run: Run, lane: Lane, work: Work, step: Step, attempt: int) -> _Closing:
    server_now = lane.client.server_now()
    stamp = stamp_of(step.action, server_now, lane.client.answer_timeout_s(step.action), work.taken)
    stamp = together(stamp, work.released_at)
    work.released_at = stamp.valid_from or work.released_at
    if stamp.expires_at is not None:
        work.taken.add(stamp.expires_at)
    if not isinstance(step.action, CancelQueued):
        left = [other for other in work.planned.steps if other.id not in work.done]
        work.record = fold.owe_waiting_runs(fold.owe_runs(work.record, left, run.now()), work.planned, run.now())
        work.record = told(work.record)
    wording = run.wordings.of(step.action)
    entry = JournalEntry(
        intent=intent_id(run.plan, step.id),
        plan=run.plan,
        step=step.id,
        lane=lane.name,
        fence=lane.fence,
        device=step.device,
        operation=step.action.kind,
        target=wording.target,
        attempt=attempt,
        state=AttemptState.INFLIGHT,
        at=run.now(),
        body_digest=wording.digest,
        precondition=wording.precondition,
        deadline=stamp.not_after,
        marker=stamp.expires_at,
    )
    body = step.to_json(work.planned.recorded, wording.request)
    opened = OpenAttempt(entry, body, device_json(work.planned, with_steps=False))
    # A device of which nothing is recorded, nor owed, needs no row to say so.
    devices = (work.record,) if work.record.resources or work.record.runs or work.is_recorded else ()
    await run.writer.commit(Commit(entries=(entry,), opened=(opened,), devices=devices))
    return _Closing(run, work, step, entry, stamp)


async def _send(lane: Lane, close: _Closing) -> tuple[AttemptState, float | None]:
    """The outcome, and after how many seconds the step may go again (None: it may not)."""
    work, step = close.work, close.step
    work.blames_account = False
    try:
        accepted = await lane.client.send(work.planned.identity, step.action, close.stamp)
    except NotSent as exc:
        work.blames_account = True
        work.record = untold(work.record)
        return await close.failed(AttemptState.NOT_LANDED, exc.args[0], exc.code), float(close.entry.attempt)
    except Refused as exc:
        if exc.retry_after_s is not None:
            close.run.throttled(lane.name)
        work.blames_account = exc.is_account_wide and exc.retry_after_s is None
        if exc.is_unreachable:
            _miss(lane, work)
        elif isinstance(step.action, WriteNow) and len(step.action.writes) > 1 and not exc.is_account_wide:
            work.record = fold.doubt(work.record, work.planned, step.action, close.run.now())
        work.record = after_refusal(work.record, work.planned, step.action, exc)
        return await close.failed(AttemptState.REFUSED, exc.args[0], exc.code), exc.retry_after_s
    except Conflict as exc:
        return await close.failed(AttemptState.CONFLICT, exc.args[0], exc.code), None
    except InDoubt as exc:
        await close.failed(AttemptState.IN_DOUBT, exc.args[0], exc.code)
        state, pause_s = await _resolve(lane, close)
        is_device = close.is_silent and exc.is_answered
        work.blames_account = state in (AttemptState.NOT_LANDED, AttemptState.IN_DOUBT) and not is_device
        return state, pause_s
    await _withdraw_copies(lane, close, accepted)
    return await close.landed(AttemptState.DONE, accepted), None


async def _withdraw_copies(lane: Lane, close: _Closing, accepted: Accepted) -> None:
    """Looks whether a cached Execute arrived twice, which nothing but its expiry would tell, and takes copies back."""
    if not isinstance(close.step.action, QueueExecute):
        return
    try:
        listed = await lane.client.list_commands(close.work.planned.identity, close.stamp.server_now - LOOK_BACK)
    except CallFailed:
        return  # the command itself was accepted; a copy, if any, shows in the device's history
    mine = [c for c in listed if c.operation == "execute" and c.marker == close.stamp.expires_at]
    copies = [command.uuid for command in mine if command.delivery.is_open]
    await withdraw(lane, close.work, tuple(uuid for uuid in copies if uuid != accepted.command_uuid), close.step)


async def _resolve(lane: Lane, close: _Closing) -> tuple[AttemptState, float | None]:
    run, work, step = close.run, close.work, close.step
    doubt = Doubt(step.device, work.planned.identity, step.action, close.entry.deadline, close.entry.marker)
    match await settle(lane, doubt, run.emit, run.stop):
        case Landed(accepted, duplicates):
            await withdraw(lane, work, duplicates, step)
            return await close.landed(AttemptState.ADOPTED, accepted), None
        case NotLanded(is_partial, is_silent):
            if is_partial and isinstance(step.action, WriteNow):
                work.record = fold.doubt(work.record, work.planned, step.action, run.now())
                work.record = work.record if is_silent else as_failed(work.record, work.planned)
            work.record = fold.stray(work.record, step.action)
            close.is_silent = is_silent
            if is_silent:  # asleep or out of reach: the next run plans it anew, perhaps queued
                _miss(lane, work)
                return await close.failed(AttemptState.NOT_LANDED, "the device did not answer in time", "RCL404"), None
            return await close.failed(AttemptState.NOT_LANDED, "no copy had an effect", ""), 0.0
        case Moved():
            return await close.failed(AttemptState.CONFLICT, "changed by somebody else meanwhile", "RCL403"), None
        case NeedsOperator(evidence):
            work.record = fold.surrender(work.record, step.action, run.now())
            return await close.failed(AttemptState.NEEDS_OPERATOR, evidence, "RCL404"), None
        case Undecided():
            return AttemptState.IN_DOUBT, None


def _miss(lane: Lane, work: Work) -> None:
    """The device did not answer: asleep, or out of reach."""
    work.has_missed = True
    work.record = replace(work.record, unreachable_at=lane.client.server_now())


async def withdraw(lane: Lane, work: Work, duplicates: tuple[str, ...], step: Step) -> None:
    """Takes back further copies of a queued command; what was already sent cannot be, and is idempotent for writes."""
    if not isinstance(step.action, QueueWrite | QueueExecute):
        return
    for uuid in duplicates:
        try:
            await lane.client.send(
                work.planned.identity, CancelQueued(uuid, touched(step.action)), Stamp(lane.client.server_now())
            )
        except (NotSent, Refused, Conflict, InDoubt):
            continue


@dataclass(slots=True)
class _Closing:
    """Writes the end of one attempt: journal entry and folded record in one transaction."""

    run: Run
    work: Work
    step: Step
    entry: JournalEntry
    stamp: Stamp
    is_last: bool = False
    is_silent: bool = False

    async def landed(self, state: AttemptState, accepted: Accepted) -> AttemptState:
        work = self.work
        action = self.step.action
        work.record = metering.accept(work.record, work.planned, action, accepted, self.stamp, self.run.now())
        work.done.add(self.step.id)
        if self.is_last:
            work.record = fold.finish(work.record, work.planned)
        evidence: JsonObject = dict(accepted.evidence)
        if accepted.command_uuid is not None:
            evidence["uuid"] = accepted.command_uuid
        if accepted.versions:
            evidence["versions"] = dict(accepted.versions)
        await self._write(state, evidence)
        self.run.emit(Attempted(self.step.device, self.step.id, action.kind, state))
        return state

    async def failed(self, state: AttemptState, message: str, code: str) -> AttemptState:
        await self._write(state, {"message": message, "code": code})
        self.run.emit(Attempted(self.step.device, self.step.id, self.step.action.kind, state, message, code))
        return state

    async def _write(self, state: AttemptState, evidence: JsonObject) -> None:
        entry = replace(self.entry, state=state, at=self.run.now(), evidence=evidence)
        await self.run.writer.commit(Commit(entries=(entry,), devices=(self.work.record,)))
