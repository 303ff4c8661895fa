"""Never more commands wait for a device than its cloud holds, over random fleets, foreign commands and edits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconcile.apply import fold
from reconcile.apply.follow import follow
from reconcile.model.actions import CancelQueued, QueueExecute, QueueWrite
from reconcile.model.desired import Command, Delivery, DeliveryMode, DesiredDocument, DesiredResource, OnRemoval
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedCommand, ObservedDevice
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.platforms import registry
from reconcile.ports import Accepted, Stamp
from reconcile.testing.fleets import NOON, Truths, plan_of, same_for

DIALECT = registry.find("onenet").dialect
LIMIT = DIALECT.capabilities("").queue_limit
IDENTITY = Identity.of(imei="860000000000001")
METER = DeviceRef("onenet-prod", "meter")
INSTANCES = 14
"""More than the queue takes: each instance is a request of its own."""

PATHS = [f"/3303/{instance}/{resource}" for instance in range(INSTANCES) for resource in (5603, 5604)]
QUEUED = replace(Delivery(), mode=DeliveryMode.QUEUE)
commands = st.lists(
    st.one_of(
        st.builds(
            lambda n, after: Command(f"run-{n}", f"/3/{n}/4", after=tuple(after)),
            st.integers(0, 3),
            st.lists(st.sampled_from(PATHS), min_size=1, max_size=4, unique=True),
        ),
        st.builds(
            lambda n, text: Command(f"run-{n}", f"/3/{n}/4", trigger=text), st.integers(0, 3), st.sampled_from("ab")
        ),
    ),
    max_size=4,
    unique_by=lambda command: command.name,
)
documents = st.builds(
    lambda values, removal, runs: DesiredDocument.build(
        tuple(DesiredResource(path, value, on_removal=removal) for path, value in values.items()),
        tuple(runs),
        QUEUED,
    ),
    st.dictionaries(st.sampled_from(PATHS), st.integers(1, 2), max_size=len(PATHS)),
    st.sampled_from([OnRemoval(), OnRemoval("set", 0)]),
    commands,
)


def instances(numbers):
    """A document of one request for each instance, released when they leave."""
    return DesiredDocument.build(tuple(DesiredResource(f"/3303/{n}/5603", 1) for n in numbers), (), QUEUED)


FULL = DesiredDocument.build(tuple(DesiredResource(path, 1) for path in PATHS), (), QUEUED)


@dataclass
class Queue:
    """One device's queue and values. It fails the test for a command it has no room for."""

    foreign: int = 0
    is_seen: bool = True
    commands: dict[str, tuple[object, DeliveryState]] = field(default_factory=dict)
    held: dict[str, object] = field(default_factory=dict)
    ran: list[tuple[str, str]] = field(default_factory=list)
    unwithdrawable: int = -1

    def waiting(self):
        return [uuid for uuid, (_, delivery) in self.commands.items() if delivery.is_open]

    def send(self, action):
        """The answer, or None for a refusal."""
        if isinstance(action, CancelQueued):
            assert action.uuid in self.waiting()
            self.unwithdrawable -= 1
            if self.unwithdrawable == -1:
                return None
            self.commands[action.uuid] = (self.commands[action.uuid][0], DeliveryState.CANCELLED)
            return Accepted()
        assert len(self.waiting()) + self.foreign < LIMIT, "one more than the queue holds"
        uuid = f"u{len(self.commands)}"
        self.commands[uuid] = (action, DeliveryState.QUEUED)
        return Accepted(command_uuid=uuid)

    def wake(self):
        """Everything is delivered, in order; nothing of others waits any more."""
        self.foreign = 0
        for uuid in self.waiting():
            action = self.commands[uuid][0]
            self.commands[uuid] = (action, DeliveryState.CONFIRMED)
            if isinstance(action, QueueWrite):
                self.held |= {write.path: write.value for write in action.writes}
            else:
                self.ran.append((action.command, action.run_key))

    def observed(self):
        listed = [ObservedCommand(uuid, "write", delivery) for uuid, (_, delivery) in self.commands.items()]
        others = [ObservedCommand(f"f{n}", "write", DeliveryState.QUEUED) for n in range(self.foreign)]
        return ObservedDevice(METER, queue=(*listed, *others)) if self.is_seen else ObservedDevice(METER)


@dataclass
class World:
    document: DesiredDocument
    queue: Queue = field(default_factory=Queue)
    records: dict[DeviceRef, RecordedDevice] = field(default_factory=dict)

    def plan(self):
        device = DesiredDevice(Device(METER, IDENTITY, {}), self.document)
        observed = {METER: self.queue.observed()}
        return plan_of(Truths([device], {"onenet-prod": DIALECT}, tuple(self.records.values()), observed))

    def look(self):
        same = same_for(DIALECT, IDENTITY)
        self.records = {r: follow(d, self.queue.observed(), same, NOON) for r, d in self.records.items()}

    def apply(self, plan):
        """The steps in order, each only when those it waits for succeeded, as the executor does it."""
        self.look()
        for planned in plan.devices:
            record, done = fold.begin(self.records.get(METER), planned, NOON), set()
            for number, step in enumerate(planned.steps):
                if not done.issuperset(step.after):
                    continue
                if not isinstance(step.action, CancelQueued):
                    left = [other for other in planned.steps if other.id not in done]
                    record = fold.owe_waiting_runs(fold.owe_runs(record, left, NOON), planned, NOON)
                accepted = self.queue.send(step.action)
                if accepted is None:
                    continue
                stamp = Stamp(NOON, expires_at=NOON + timedelta(seconds=number))
                record = fold.accept(record, planned, step.action, accepted, stamp, NOON)
                done.add(step.id)
            self.records[METER] = fold.finish(record, planned) if len(done) == len(planned.steps) else record

    def come_to_rest(self):
        """Plan, apply and wake until there is nothing left to do."""
        for _ in range(12):
            self.queue.wake()
            self.look()
            plan = self.plan()
            if plan.is_empty and not plan.waiting:
                return plan
            self.apply(plan)
        raise AssertionError("it does not come to rest")


@given(documents, documents, st.integers(0, LIMIT + 2), st.integers(-1, 6))
@example(FULL, FULL, 0, -1)
@example(FULL, FULL, LIMIT + 2, -1)
@example(instances(range(LIMIT)), instances(range(1, LIMIT + 1)), 0, 0)
@settings(deadline=None, max_examples=60)
def test_no_step_exceeds_the_queue_and_rounds_end_with_an_empty_plan(first, second, foreign, unwithdrawable):
    """Whatever others queued, and also when a withdrawal comes too late."""
    world = World(first, Queue(foreign))
    world.apply(world.plan())
    world.document = second
    world.queue.unwithdrawable = unwithdrawable
    world.apply(world.plan())
    world.apply(world.plan())
    assert world.come_to_rest().summary.settled == 1
    assert {r.path: world.queue.held.get(r.path) for r in second.resources} == {
        r.path: r.value for r in second.resources
    }


@given(documents, documents)
@settings(deadline=None, max_examples=60)
def test_what_of_ours_is_recorded_counts_when_nobody_looked(first, second):
    """A plan that asks nobody keeps the limit among its own commands."""
    world = World(first, Queue(is_seen=False))
    world.apply(world.plan())
    world.document = second
    world.apply(world.plan())
    world.queue.is_seen = True
    world.come_to_rest()


@given(documents, st.integers(0, LIMIT))
@settings(deadline=None, max_examples=60)
def test_every_command_runs_once_however_long_it_waits(document, foreign):
    """A run that finds no room is owed, and follows all that it waits for."""
    world = World(document, Queue(foreign))
    world.apply(world.plan())
    world.come_to_rest()
    declared = {resource.path for resource in document.resources}
    due = {c.name for c in document.commands if c.trigger is not None or declared & set(c.after)}
    assert {name for name, _ in world.queue.ran} == due
    order = [a for a, delivery in world.queue.commands.values() if delivery is DeliveryState.CONFIRMED]
    for command in document.commands:
        if command.name not in due or command.trigger is not None:
            continue
        last = max(n for n, a in enumerate(order) if isinstance(a, QueueExecute) and a.command == command.name)
        writes = [
            n
            for n, a in enumerate(order)
            if isinstance(a, QueueWrite) and {w.path for w in a.writes} & set(command.after)
        ]
        assert max(writes) < last


@given(documents, st.integers(0, LIMIT + 2))
@settings(deadline=None, max_examples=60)
def test_what_waits_is_told_and_counted(document, foreign):
    """Every declared resource is either sent or told to wait, with the same words."""
    plan = World(document, Queue(foreign)).plan()
    sent = {
        path
        for step in plan.steps()
        if isinstance(step.action, QueueWrite)
        for path in (w.path for w in step.action.writes)
    }
    told = {notice.resource for notice in plan.waiting}
    assert sent | told >= {resource.path for resource in document.resources}
    assert not sent & told
    live = foreign + len(plan.steps())
    assert {notice.reason for notice in plan.waiting} <= {f"queue full: {live} of {LIMIT}"}
    assert not plan.waiting or live >= LIMIT
    assert plan.summary.waiting == int(bool(plan.waiting) and not plan.steps())
    assert all(device.settles is None for device in plan.devices if plan.waiting)
