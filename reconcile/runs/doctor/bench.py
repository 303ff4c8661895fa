"""The bench of a proof: each request durable before it leaves, its outcome and what it moved durable before the next.

Rule: recorded state is true after every transaction. From the first request on the device holds no digest, so that a
killed proof makes the next plan look at it; versions follow what was read back; a queued command is recorded as such
until it was seen to end. After a request in doubt nothing more is sent: the next apply settles it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field, replace
from datetime import datetime

from reconcile.model.actions import Action, CancelQueued, QueueWrite, SetDesired, touched
from reconcile.model.errors import InDoubt
from reconcile.model.examination import Holding, Outcome
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt, intent_id
from reconcile.model.late import dataclass
from reconcile.model.plan import PlannedDevice, Step
from reconcile.model.plan_json import device_json
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import ABSENT, canonical, short_digest
from reconcile.ports import Commit, Stamp, StateStore


@dataclass(frozen=True, slots=True)
class Ground:
    """What a bench stands on: the store with our fences, the lane, and how time passes and a stop is heard."""

    store: StateStore
    fences: Mapping[str, int]
    occasion: str
    now: Callable[[], datetime]
    stop: asyncio.Event
    sleep: Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class JournaledBench:
    """`ports.Bench` for one recorded device. `record` is what is recorded now, `original` what was before."""

    ground: Ground
    original: RecordedDevice
    record: RecordedDevice = field(init=False)
    is_in_doubt: bool = False
    _sent: int = 0
    _held: dict[str, Holding] = field(default_factory=dict)
    _live: dict[str, RecordedResource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.record = self.original

    @property
    def is_stopped(self) -> bool:
        """True once somebody wants to stop, or nothing more may be sent."""
        return self.ground.stop.is_set() or self.is_in_doubt

    async def send(self, action: Action, stamp: Stamp, call: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """See `ports.Bench.send`."""
        if self.is_in_doubt:
            raise InDoubt("an earlier request of the proof is in doubt")
        entry = await self._begin(action, stamp)
        try:
            outcome = await call()
        except InDoubt as exc:
            self.is_in_doubt = True
            await self._close(entry, Outcome(AttemptState.IN_DOUBT, exc.vendor_code or exc.code, exc.args[0]))
            raise
        self._learn(action, stamp, outcome)
        await self._close(entry, outcome)
        return outcome

    async def gone(self, uuid: str) -> None:
        """See `ports.Bench.gone`."""
        if self._live.pop(uuid, None) is not None:
            await self._commit(Commit(devices=(self._now(),)))

    async def pause(self, seconds: float) -> None:
        """See `ports.Bench.pause`."""
        if not self.ground.stop.is_set():
            waits = asyncio.ensure_future(self.ground.stop.wait())
            sleeps = asyncio.ensure_future(self.ground.sleep(seconds))
            await asyncio.wait({waits, sleeps}, return_when=asyncio.FIRST_COMPLETED)
            for each in (waits, sleeps):
                each.cancel()

    async def finish(self) -> bool:
        """Closes the proof; the digest comes back only when all values did and nothing is on its way. True then."""
        is_whole = not self._live and not self.is_in_doubt and not self._is_any_lost()
        record = self._now()
        record = replace(record, digest=self.original.digest) if is_whole else record
        await self._commit(Commit(devices=(record,), consumed_plan=self.ground.occasion))
        self.record = record
        return is_whole

    async def _begin(self, action: Action, stamp: Stamp) -> JournalEntry:
        self._sent += 1
        ref = self.original.ref
        step = Step(f"p{self._sent}", ref, "doctor", 1, action)
        fingerprint = self.record.fingerprint()
        body = step.to_json(fingerprint)
        entry = JournalEntry(
            intent=intent_id(self.ground.occasion, step.id),
            plan=self.ground.occasion,
            step=step.id,
            lane=ref.platform,
            fence=self.ground.fences[ref.platform],
            device=ref,
            operation=action.kind,
            target=" ".join(touched(action)),
            attempt=1,
            state=AttemptState.INFLIGHT,
            at=self.ground.now(),
            body_digest=short_digest(canonical(body["request"])),
            precondition={"versions": dict(action.versions)} if isinstance(action, SetDesired) else {},
            deadline=stamp.not_after,
            marker=stamp.expires_at,
        )
        removals = {path: resource.on_removal for path, resource in self.original.resources.items()}
        planned = PlannedDevice(ref, self.original.identity, "doctor", fingerprint, None, on_removal=removals)
        begun = self.ground.occasion if self._sent == 1 else None
        opened = (OpenAttempt(entry, body, device_json(planned)),)
        await self._commit(Commit(entries=(entry,), opened=opened, devices=(self._now(),), begun_plan=begun))
        return entry

    async def _close(self, entry: JournalEntry, outcome: Outcome) -> None:
        closed = replace(entry, state=outcome.state, at=self.ground.now(), evidence=outcome.evidence())
        await self._commit(Commit(entries=(closed,), devices=(self._now(),)))

    def _learn(self, action: Action, stamp: Stamp, outcome: Outcome) -> None:
        self._held.update(outcome.holds)
        if isinstance(action, QueueWrite) and outcome.command_uuid is not None:
            write = action.writes[0]
            self._live[outcome.command_uuid] = replace(
                self.original.resources[write.path],
                delivery=DeliveryState.QUEUED,
                command_uuid=outcome.command_uuid,
                expires_at=stamp.expires_at,
            )
        if isinstance(action, CancelQueued) and outcome.is_accepted:
            self._live.pop(action.uuid, None)

    def _now(self) -> RecordedDevice:
        """The record as of what is known: a value that is gone is not recorded, a version is the one read back."""
        resources = dict(self.original.resources)
        for path, holding in self._held.items():
            known = resources.get(path)
            if known is None:
                continue
            if holding.value is ABSENT:
                del resources[path]
            else:
                resources[path] = replace(known, version=holding.version)
        for waiting in self._live.values():
            resources[waiting.path] = waiting
        self.record = replace(self.original, resources=resources, digest=None)
        return self.record

    def _is_any_lost(self) -> bool:
        return any(holding.value is ABSENT for path, holding in self._held.items() if path in self.original.resources)

    async def _commit(self, commit: Commit) -> None:
        lane = self.original.ref.platform
        fences = {lane: self.ground.fences[lane]}
        await asyncio.to_thread(self.ground.store.commit, commit, fences=fences)
