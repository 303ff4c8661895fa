"""Attempts that an earlier run left open: settled before anything new is sent, whatever plan they came from."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from reconcile.apply import fold, metering
from reconcile.apply.attempt import Work, withdraw
from reconcile.apply.events import Event, Settled
from reconcile.apply.lane import Doubt, Lane, learns_time, settle
from reconcile.apply.rollout_mark import untold
from reconcile.apply.side_by_side import side_by_side
from reconcile.apply.verdict import Landed, Moved, NeedsOperator, NotLanded, Undecided
from reconcile.apply.writer import Writer
from reconcile.model.actions import WriteNow
from reconcile.model.device import DeviceRef
from reconcile.model.journal import AttemptState, OpenAttempt
from reconcile.model.late import dataclass
from reconcile.model.plan_json import device_from_json, step_from_json
from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import JsonObject
from reconcile.ports import Commit, Stamp, StateStore

_AT_ONCE = 512
_UNREADABLE = 25


@dataclass(frozen=True, slots=True)
class Recovery:
    """What settling needs."""

    store: StateStore
    lanes: Mapping[str, Lane]
    emit: Callable[[Event], None]
    now: Callable[[], datetime]
    stop: asyncio.Event


async def recover(job: Recovery) -> int:
    """Settles open attempts; returns how many stay undecided. Nothing is sent but withdrawals of duplicate copies.

    What waits for a person is told again and does not count: it will never be sent again, so others may go on.
    """
    attempts = [attempt for attempt in job.store.open_attempts() if attempt.entry.lane in job.lanes]
    by_device: dict[DeviceRef, list[OpenAttempt]] = {}
    for attempt in attempts:
        by_device.setdefault(attempt.entry.device, []).append(attempt)
    timeless = await _without_clock(job, attempts)
    records = {record.ref: record for record in job.store.devices(by_device)}
    async with Writer(job.store, {name: lane.fence for name, lane in job.lanes.items()}) as writer:
        settling = _Settling(job, records, writer, timeless)
        left = await side_by_side(*(settling.device(group) for group in by_device.values()))
    return sum(left)


async def _without_clock(job: Recovery, attempts: Sequence[OpenAttempt]) -> frozenset[str]:
    """The lanes whose cloud could not be asked for the time: nothing on them can be decided.

    Deadlines are on the clouds' clocks: by our own, a copy that may yet land could pass for one that cannot.
    """
    one_each = {attempt.entry.lane: attempt for attempt in attempts}
    timeless = set()
    for name, attempt in one_each.items():
        about = attempt.entry.device, device_from_json(attempt.device).identity, attempt.entry.operation
        if not await learns_time(job.lanes[name], about, job.emit, job.stop):
            timeless.add(name)
    return frozenset(timeless)


@dataclass(slots=True)
class _Settling:
    """The attempts of many devices, some hundreds at a time, their outcomes written in groups.

    `unreadable` counts devices in a row, by lane, of which nothing could be read: an account that does not answer is
    not asked for every device in turn. On a `timeless` lane only what waits for a person is told.
    """

    job: Recovery
    records: dict[DeviceRef, RecordedDevice]
    writer: Writer
    timeless: frozenset[str]
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    unreadable: Counter[str] = field(default_factory=Counter)

    async def device(self, attempts: Sequence[OpenAttempt]) -> int:
        """Settles those of one device, oldest first; how many stay undecided."""
        async with self.slots:
            return sum([not await self._one(attempt) for attempt in attempts])

    async def _one(self, attempt: OpenAttempt) -> bool:
        entry = attempt.entry
        if entry.state is AttemptState.NEEDS_OPERATOR:
            text = str(entry.evidence.get("message", ""))
            self.job.emit(Settled(entry.device, entry.operation, entry.state, text))
            return True
        if entry.lane in self.timeless or self.unreadable[entry.lane] >= _UNREADABLE:
            return False
        known = self.records.get(entry.device)
        commit = await _settled(self.job, attempt, known)
        if commit is None:
            self.unreadable[entry.lane] += 1
            return False
        self.unreadable[entry.lane] = 0
        await self.writer.commit(commit)
        self.records.update((record.ref, record) for record in commit.devices)
        (closed,) = commit.entries
        text = str(closed.evidence.get("message", ""))
        self.job.emit(Settled(closed.device, closed.operation, closed.state, text))
        return True


async def _settled(job: Recovery, attempt: OpenAttempt, known: RecordedDevice | None) -> Commit | None:
    """What to write of an attempt that is decided; None when it is not."""
    entry, lane = attempt.entry, job.lanes[attempt.entry.lane]
    step = step_from_json(attempt.step)
    planned = device_from_json(attempt.device)
    work = Work(planned, known or RecordedDevice(entry.device, planned.identity))
    doubt = Doubt(entry.device, planned.identity, step.action, entry.deadline, entry.marker)
    evidence: JsonObject = {}
    match await settle(lane, doubt, job.emit, job.stop):
        case Landed(accepted, duplicates):
            await withdraw(lane, work, duplicates, step)
            stamp = Stamp(lane.client.server_now(), expires_at=entry.marker)
            work.record = metering.accept(work.record, planned, step.action, accepted, stamp, job.now())
            state = AttemptState.ADOPTED
            evidence = {"uuid": accepted.command_uuid} if accepted.command_uuid else {}
        case NotLanded(is_partial, is_silent):
            if is_partial and isinstance(step.action, WriteNow):
                died = entry.state is AttemptState.INFLIGHT
                work.record = fold.doubt(work.record, planned, step.action, job.now(), died=died)
            work.record = fold.stray(work.record, step.action)
            if entry.state is AttemptState.INFLIGHT and not is_silent:
                work.record = untold(work.record)
            if is_silent:  # the next plan does not call it again before it was heard of
                work.record = replace(work.record, unreachable_at=lane.client.server_now())
            state = AttemptState.NOT_LANDED
        case Moved():
            state = AttemptState.CONFLICT
        case NeedsOperator(text):
            work.record = fold.surrender(work.record, step.action, job.now())
            state = AttemptState.NEEDS_OPERATOR
            evidence = {"message": text}
        case Undecided():
            return None
    closed = replace(entry, state=state, at=job.now(), evidence=evidence, fence=lane.fence)
    return Commit(entries=(closed,), devices=(replace(work.record, digest=None),))
