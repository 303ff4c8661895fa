"""A cloud and a state store in memory that write down, in one list, what they were asked in which order."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from reconcile.apply.executor import Undertaking, execute
from reconcile.apply.lane import Lane
from reconcile.model.actions import QueueExecute, Queueing, QueueWrite, SetDesired, Write, WriteNow
from reconcile.model.desired import TRIGGERS, WriteMode
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.journal import AttemptState, OpenAttempt
from reconcile.model.observed import ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.plan import Base, Plan, PlannedDevice, Step, Summary
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.model.values import UNKNOWN, same
from reconcile.ports import Accepted
from reconcile.testing.builders import AT

LANE = "onenet-prod"
METER = DeviceRef(LANE, "meter-0001")
IDENTITY = Identity.of(imei="860000000000001")
QUEUEING = Queueing(60, 3600, 0, TRIGGERS)
TEMPERATURE, ALARM, REBOOT = "/3303/0/5603", "/3303/0/5604", "/3/0/4"


def queue_write(value=-10.0, path=TEMPERATURE):
    return QueueWrite(path.rpartition("/")[0], (Write(path, value),), WriteMode.UPDATE, 25, QUEUEING)


def write_now(*writes):
    return WriteNow("/3303/0", writes or (Write(TEMPERATURE, -10.0),), WriteMode.UPDATE, 25)


def queue_execute(key="values-one"):
    return QueueExecute(REBOOT, None, "reboot", key, 25, QUEUEING)


def set_desired(value=60, version=4, path="Brightness"):
    return SetDesired((Write(path, value),), ((path, version),))


def planned(*actions, ref=METER, after=None, **fields):
    steps = tuple(
        Step(f"{ref.name}-s{n}", ref, "c1", 1, action, tuple(f"{ref.name}-s{m}" for m in (after or {}).get(n, ())))
        for n, action in enumerate(actions, 1)
    )
    return PlannedDevice(ref, IDENTITY, "c1", "none", "the document", steps, **fields)


def plan(*devices, digest="sha256:plan"):
    base = Base("sha256:manifests", None, "lineage", 1, "changed")
    return Plan(digest, AT, AT + timedelta(days=1), base, Summary(), devices=devices)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time jumps to the next timer when nothing else is to do, and threads are none: nothing ever really waits."""

    def __init__(self):
        super().__init__()
        self.now_s = 1000.0

    def time(self):
        return self.now_s

    def run_in_executor(self, executor, func, *args):
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as exc:  # noqa: BLE001 - as an executor would
            done.set_exception(exc)
        return done

    def _run_once(self):
        if not self._ready and self._scheduled:
            self.now_s = max(self.now_s, self._scheduled[0]._when)
        super()._run_once()


def run(make):
    """What the coroutine that `make()` returns comes to, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(make())


class FakeStore:
    """`ports.StateStore` as far as an apply needs it. `failing` is raised by every commit while it is set."""

    def __init__(self, log=None):
        self.log = [] if log is None else log
        self.entries, self.records, self.opened = [], {}, {}
        self.failing = None
        self.begun = self.consumed = None
        self.commits = 0

    def commit(self, commit, *, fences):
        if self.failing is not None:
            raise self.failing
        self.commits += 1
        for entry in commit.entries:
            self.entries.append(entry)
            self.log.append((entry.state.value, entry.step, entry.attempt))
            if not entry.state.is_open:
                self.opened.pop(entry.intent, None)
            elif entry.intent in self.opened:
                self.opened[entry.intent] = replace(self.opened[entry.intent], entry=entry)
        self.opened.update((one.entry.intent, one) for one in commit.opened)
        self.records.update((record.ref, record) for record in commit.devices)
        for ref in commit.forgotten:
            self.records.pop(ref, None)
        self.begun = commit.begun_plan or self.begun
        self.consumed = commit.consumed_plan or self.consumed

    def devices(self, refs):
        return iter([self.records[ref] for ref in refs if ref in self.records])

    def open_attempts(self) -> list[OpenAttempt]:
        return list(self.opened.values())


class FakeClient:
    """`ports.Client`. `script` gives the outcome of each send by its kind, the last one for ever; `sees` what is read."""

    def __init__(self, log=None, **script):
        self.log = [] if log is None else log
        self.script = {kind: list(outcomes) for kind, outcomes in script.items()}
        self.sent = []
        self.queue: list[ObservedCommand] | Exception = []
        self.resources: dict[str, ObservedResource] = {}
        self.problem = None
        self.looks = 0
        self.uuids = 0

    async def send(self, identity, action, stamp):
        await asyncio.sleep(0)
        self.log.append(("sent", action.kind))
        self.sent.append((action, stamp))
        outcomes = self.script.get(action.kind, [])
        outcome = outcomes.pop(0) if len(outcomes) > 1 else (outcomes[0] if outcomes else None)
        if callable(outcome) and not isinstance(outcome, Exception):
            outcome = outcome(self, action, stamp)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome or self.accepted(action)

    def accepted(self, action):
        if isinstance(action, QueueWrite | QueueExecute):
            self.uuids += 1
            return Accepted(command_uuid=f"uuid-{self.uuids}")
        if isinstance(action, SetDesired):
            return Accepted(versions={path: version + 1 for path, version in action.versions})
        return Accepted(is_confirmed=True)

    def land(self, action, stamp, uuid="landed"):
        """The command is in the cloud's queue, whatever the answer."""
        operation = "execute" if isinstance(action, QueueExecute) else "write"
        self.queue.append(ObservedCommand(uuid, operation, DeliveryState.QUEUED, stamp.expires_at))

    async def observe(self, ref, identity, look):
        self.looks += 1
        queue = tuple(self.queue) if isinstance(self.queue, list) else UNKNOWN
        return ObservedDevice(ref, dict(self.resources), queue, problem=self.problem)

    async def list_commands(self, identity, since):
        self.looks += 1
        if isinstance(self.queue, Exception):
            raise self.queue
        return tuple(self.queue)

    async def learn_clock(self, identity):
        self.log.append(("clock",))

    def server_now(self):
        return AT + timedelta(seconds=asyncio.get_running_loop().time() - 1000)

    def answer_timeout_s(self, action):
        return 15.0

    async def close(self):
        """Nothing to close."""


class Bench:
    """One lane, one plan, one run. `log` is the order of commits and sends."""

    def __init__(self, *devices, recorded=(), done=None, width=64, fixed_plan=None, **script):
        self.log = []
        self.store = FakeStore(self.log)
        self.client = FakeClient(self.log, **script)
        self.events, self.pauses = [], []
        self.plan = fixed_plan or plan(*devices)
        self.recorded = {record.ref: record for record in recorded}
        self.store.records.update(self.recorded)
        self.done = done or {}
        self.width = width
        self.on_event = lambda _event: None
        self.may_begin = lambda _planned: True

    def lane(self):
        return Lane(LANE, self.client, 7, lambda _identity: lambda _path, left, right: same(left, right), self.width)

    async def _execute(self):
        self.stop = asyncio.Event()
        return await execute(
            Undertaking(
                self.plan,
                self.store,
                {LANE: self.lane()},
                lambda _devices: self.recorded,
                self.done,
                self._emit,
                lambda: AT,
                self.stop,
                lambda lane, seconds: self.pauses.append(seconds),
                may_begin=self.may_begin,
            ),
            {LANE: 7},
        )

    def _emit(self, event):
        self.events.append(event)
        self.on_event(event)

    def execute(self):
        return run(self._execute)

    @property
    def record(self) -> RecordedDevice:
        return self.store.records[METER]

    def states(self, step="meter-0001-s1"):
        return [entry.state for entry in self.store.entries if entry.step == step]


DONE, REFUSED, ADOPTED = AttemptState.DONE, AttemptState.REFUSED, AttemptState.ADOPTED
INFLIGHT, IN_DOUBT, NOT_LANDED = AttemptState.INFLIGHT, AttemptState.IN_DOUBT, AttemptState.NOT_LANDED
CONFLICT, NEEDS_OPERATOR = AttemptState.CONFLICT, AttemptState.NEEDS_OPERATOR
