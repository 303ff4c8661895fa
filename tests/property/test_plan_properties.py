"""What holds for every plan, over random fleets and random histories of edits, wakes, expiries and foreign writes.

A small cloud keeps the truth: what each device holds, which commands wait, which desired values stand at which version.
It refuses what a cloud refuses, and fails the test for what must never be asked of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from reconcile.apply import fold
from reconcile.apply.follow import follow
from reconcile.model.actions import (
    CancelQueued,
    ClearDesired,
    ExecuteNow,
    QueueExecute,
    QueueWrite,
    SetDesired,
    WriteNow,
)
from reconcile.model.desired import (
    Command,
    Delivery,
    DeliveryMode,
    DesiredDocument,
    DesiredResource,
    OnRemoval,
    Ownership,
)
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.plan_spelling import plan_digest
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.model.values import ABSENT, UNKNOWN
from reconcile.platforms import registry
from reconcile.ports import Accepted, Stamp
from reconcile.testing.fleets import NOON, Truths, plan_of, same_for

DIALECTS = {"onenet-prod": registry.find("onenet").dialect, "aliyun-prod": registry.find("aliyun").dialect}
METER, LAMP = DeviceRef("onenet-prod", "meter"), DeviceRef("aliyun-prod", "lamp")
IDENTITIES = {METER: Identity.of(imei="860000000000001"), LAMP: Identity.of(productKey="p", deviceName="lamp")}
PATHS = {METER: ["/3303/0/5603", "/3303/0/5604", "/1/0/3"], LAMP: [f"P{n}" for n in range(12)]}
REBOOT = "/3/0/4"

values = st.integers(0, 3)
modes = st.sampled_from(DeliveryMode)


def rules_of(ref):
    kinds = [OnRemoval(), OnRemoval("set", 0)] + ([OnRemoval("clear")] if ref is LAMP else [])
    return st.sampled_from(kinds)


@st.composite
def resources_of(draw, ref):
    paths = draw(st.lists(st.sampled_from(PATHS[ref]), unique=True))
    cleared = st.none() if ref is LAMP else st.nothing()
    return tuple(
        DesiredResource(
            path,
            draw(values | cleared),
            ownership=draw(st.sampled_from([Ownership.ENFORCE] * 3 + list(Ownership))),
            on_removal=draw(rules_of(ref)),
        )
        for path in paths
    )


@st.composite
def commands(draw):
    after = st.lists(st.sampled_from(PATHS[METER]), min_size=1, max_size=2, unique=True)
    choices = {
        "after": st.builds(lambda paths: Command("reboot", REBOOT, after=tuple(paths)), after),
        "trigger": st.builds(lambda text: Command("reboot", REBOOT, trigger=text), st.sampled_from("abc")),
    }
    kind = draw(st.sampled_from(["none", *choices]))
    return () if kind == "none" else (draw(choices[kind]),)


@st.composite
def documents(draw, ref):
    delivery = replace(Delivery(), mode=draw(modes))
    return DesiredDocument.build(draw(resources_of(ref)), draw(commands()) if ref is METER else (), delivery)


lean_documents = st.builds(
    lambda values, command: DesiredDocument.build(
        tuple(DesiredResource(path, value, on_removal=OnRemoval("set", 0)) for path, value in values.items()),
        command,
        replace(Delivery(), mode=DeliveryMode.QUEUE),
    ),
    st.dictionaries(st.sampled_from(PATHS[METER][:2]), st.integers(1, 2)),
    commands(),
)


@dataclass
class Queued:
    action: QueueWrite | QueueExecute
    delivery: DeliveryState = DeliveryState.QUEUED


@dataclass
class Cloud:
    """Both clouds. `executed` holds the run keys in the order in which the device ran them."""

    held: dict[str, object] = field(default_factory=dict)
    queue: dict[str, Queued] = field(default_factory=dict)
    desired: dict[str, tuple[object, int]] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    accepted_runs: list[str] = field(default_factory=list)
    is_awake: bool = False

    def send(self, action):
        match action:
            case SetDesired():
                for path, version in action.versions:
                    assert self.desired.get(path, (ABSENT, 0))[1] == version, "a version that is not there"
                for write in action.items:
                    value = ABSENT if write.value is None else write.value
                    self.desired[write.path] = (value, self.desired.get(write.path, (ABSENT, 0))[1] + 1)
                return Accepted(versions={w.path: self.desired[w.path][1] for w in action.items})
            case QueueWrite() | QueueExecute():
                uuid = f"u{len(self.queue)}"
                self.queue[uuid] = Queued(action)
                return Accepted(command_uuid=uuid)
            case CancelQueued():
                assert self.queue[action.uuid].delivery.is_open, "a withdrawal of what no longer waits"
                self.queue[action.uuid].delivery = DeliveryState.CANCELLED
                return Accepted()
            case WriteNow():
                self.held |= {write.path: write.value for write in action.writes}
                return Accepted(is_confirmed=True)
            case ExecuteNow():
                self.executed.append(action.run_key)
                return Accepted(is_confirmed=True)
            case ClearDesired():
                raise AssertionError("nothing plans an unguarded clear")

    def wake(self):
        for command in self.queue.values():
            if command.delivery.is_open:
                command.delivery = DeliveryState.CONFIRMED
                if isinstance(command.action, QueueWrite):
                    self.held |= {write.path: write.value for write in command.action.writes}
                else:
                    self.executed.append(command.action.run_key)

    def expire(self):
        for command in self.queue.values():
            if command.delivery.is_open:
                command.delivery = DeliveryState.EXPIRED

    def observe(self, ref, *, sees_all):
        paths = {path: self.desired.get(path, (ABSENT, 0)) for path in PATHS[ref]}
        if ref is LAMP:
            return ObservedDevice(ref, {p: ObservedResource(cloud=v, version=n) for p, (v, n) in paths.items()})
        queue = tuple(ObservedCommand(uuid, "write", c.delivery) for uuid, c in self.queue.items())
        told = {p: ObservedResource(reported=self.held.get(p, UNKNOWN)) for p in paths} if sees_all else {}
        return ObservedDevice(ref, told, queue, last_uplink=NOON if self.is_awake else UNKNOWN)


@dataclass
class World:
    """Manifests, state and clouds of one meter and one lamp."""

    documents: dict[DeviceRef, DesiredDocument]
    cloud: Cloud = field(default_factory=Cloud)
    records: dict[DeviceRef, RecordedDevice] = field(default_factory=dict)

    def truths(self, *, sees_all=False):
        desired = [DesiredDevice(Device(ref, IDENTITIES[ref], {}), doc) for ref, doc in self.documents.items()]
        observed = {ref: self.cloud.observe(ref, sees_all=sees_all) for ref in IDENTITIES}
        return Truths(desired, DIALECTS, tuple(self.records.values()), observed, sees_all=sees_all)

    def plan(self, *, sees_all=False, retries_lost=False):
        return plan_of(replace(self.truths(sees_all=sees_all), retries_lost=retries_lost))

    def look(self):
        """What an apply does before it sends: what the clouds say of deliveries is recorded."""
        for ref, record in self.records.items():
            same = same_for(DIALECTS[ref.platform], record.identity)
            self.records[ref] = follow(record, self.cloud.observe(ref, sees_all=False), same, NOON)

    def apply(self, plan, stop_after=None, refused=()):
        """Folds the outcome of each step, as the executor does.

        It dies before the request after `stop_after`; requests of the kinds `refused` fail, and what waits for them
        is not sent.
        """
        self.look()
        sent = 0
        for planned in plan.devices:
            if planned.is_released:
                self.records.pop(planned.ref)
                continue
            record = fold.begin(self.records.get(planned.ref), planned, NOON)
            done: set[str] = set()
            for step in planned.steps:
                if not done.issuperset(step.after):
                    continue
                if not isinstance(step.action, CancelQueued):
                    record = fold.owe_runs(record, [other for other in planned.steps if other.id not in done], NOON)
                self.records[planned.ref] = record
                if sent == stop_after:
                    return
                sent += 1
                if step.action.kind in refused:
                    continue
                accepted = self.cloud.send(step.action)
                if isinstance(step.action, QueueExecute | ExecuteNow):
                    self.cloud.accepted_runs.append(step.action.run_key)
                stamp = Stamp(NOON, expires_at=NOON + timedelta(seconds=sent))
                record = fold.accept(record, planned, step.action, accepted, stamp, NOON)
                self.records[planned.ref] = record
                done.add(step.id)
            if len(done) == len(planned.steps):
                self.records[planned.ref] = fold.finish(record, planned)

    def holds(self):
        """What git says and the clouds do not hold yet, nor have on the way."""
        missing = []
        for ref, document in self.documents.items():
            for resource in document.resources:
                if resource.ownership is not Ownership.ENFORCE:
                    continue
                if ref is LAMP:
                    wanted = ABSENT if resource.value is None else resource.value
                    has = self.cloud.desired.get(resource.path, (ABSENT, 0))[0] == wanted
                else:
                    has = self.will_hold(resource.path) == resource.value
                if not has:
                    missing.append(resource.path)
        return missing

    def will_hold(self, path):
        """The value once everything that waits was delivered in order."""
        value = self.cloud.held.get(path)
        for command in self.cloud.queue.values():
            if command.delivery.is_open and isinstance(command.action, QueueWrite):
                value = next((w.value for w in command.action.writes if w.path == path), value)
        return value

    def live(self):
        """Paths with a queued command that may still change the device, each as often as there are commands."""
        paths = []
        for command in self.cloud.queue.values():
            if command.delivery.is_open:
                action = command.action
                paths += [w.path for w in action.writes] if isinstance(action, QueueWrite) else [action.path]
        return paths


worlds = st.builds(
    lambda meter, lamp, awake: World({METER: meter, LAMP: lamp}, Cloud(is_awake=awake)),
    documents(METER),
    documents(LAMP),
    st.booleans(),
)


@given(worlds)
def test_apply_then_plan_is_empty_and_holds_what_git_says(world):
    world.apply(world.plan())
    assert world.plan().is_empty
    assert world.holds() == []
    world.cloud.wake()
    world.look()
    assert world.plan().is_empty
    assert world.plan(sees_all=True).is_empty


@given(worlds, documents(METER), documents(LAMP), st.booleans())
def test_edited_fleet_comes_to_rest_after_one_apply(world, meter, lamp, is_delivered):
    world.apply(world.plan())
    if is_delivered:
        world.cloud.wake()
    world.documents = {METER: meter, LAMP: lamp}
    world.apply(world.plan())
    assert world.plan().is_empty
    assert world.holds() == []


@given(worlds, documents(METER), documents(LAMP), st.data())
def test_dropping_any_step_leaves_a_difference(world, meter, lamp, data):
    world.apply(world.plan())
    world.documents = {METER: meter, LAMP: lamp}
    plan = world.plan()
    steps = plan.steps()
    if not steps:
        return
    dropped = data.draw(st.sampled_from(steps))
    needless = {dropped.id}
    for step in steps:  # what waits for a step that was dropped is not sent either
        if needless & set(step.after):
            needless.add(step.id)
    for planned in plan.devices:
        left = tuple(step for step in planned.steps if step.id not in needless)
        rest = replace(planned, steps=left, settles=planned.settles if left == planned.steps else None)
        world.apply(replace(plan, devices=(rest,)))
    assert not world.plan().is_empty


@given(worlds, st.randoms(use_true_random=False))
def test_order_of_input_does_not_change_the_digest(world, dice):
    world.apply(world.plan(), stop_after=2)
    truths = world.truths()
    shuffled = replace(
        truths,
        desired=dice.sample(truths.desired, len(truths.desired)),
        recorded=dice.sample(truths.recorded, len(truths.recorded)),
        observed=dict(reversed(truths.observed.items())),
    )
    assert plan_of(shuffled).digest == plan_of(truths).digest


@given(worlds)
def test_digest_names_what_is_sent_and_not_when_it_was_planned(world):
    truths = world.truths()
    plan, later = plan_of(truths), plan_of(replace(truths, now=NOON + timedelta(seconds=20)))
    if plan.steps() == later.steps():  # the choice of delivery hangs on the hour
        assert plan.digest == later.digest
    assert plan_digest(plan) == plan.digest


@given(worlds, documents(METER), documents(LAMP), st.integers(0, 8))
def test_killed_after_any_request_the_next_apply_completes(world, meter, lamp, killed_after):
    world.apply(world.plan())
    world.documents = {METER: meter, LAMP: lamp}
    world.apply(world.plan(), stop_after=killed_after)
    world.apply(world.plan())
    assert world.plan().is_empty
    assert world.holds() == []
    assert len(world.live()) == len(set(world.live()))


class MeterHistory(RuleBasedStateMachine):
    """Any history of edits, plans, kills, refusals, wakes and expiries of one meter with two packed resources."""

    world: World

    @initialize(document=lean_documents)
    def begin(self, document):
        self.world = World({METER: document})

    @rule(document=lean_documents)
    def edit_meter(self, document):
        self.world.documents[METER] = document

    @rule(sees_all=st.booleans())
    def apply(self, sees_all):
        self.world.apply(self.world.plan(sees_all=sees_all))

    @rule(after=st.integers(0, 4))
    def apply_and_die(self, after):
        self.world.apply(self.world.plan(), stop_after=after)

    @rule(kind=st.sampled_from(["cancel_queued", "queue_write", "queue_execute", "set_desired"]))
    def apply_while_a_kind_is_refused(self, kind):
        self.world.apply(self.world.plan(), refused=(kind,))

    @rule()
    def wake(self):
        self.world.cloud.wake()

    @rule()
    def expire(self):
        self.world.cloud.expire()

    @rule(is_awake=st.booleans())
    def change_sleep(self, is_awake):
        self.world.cloud.is_awake = is_awake

    @invariant()
    def at_most_one_live_command_per_resource(self):
        if hasattr(self, "world"):
            live = self.world.live()
            assert len(live) == len(set(live)), live

    @invariant()
    def record_is_never_ahead_of_the_cloud(self):
        if not hasattr(self, "world"):
            return
        record = self.world.records.get(METER)
        for resource in record.resources.values() if record else ():
            if resource.delivery is DeliveryState.CONFIRMED and not self.world.live():
                assert self.world.cloud.held.get(resource.path) == resource.value

    def teardown(self):
        """Left alone, any history comes to rest; what a plan holds back is a conflict and nothing else.

        Time stands still here, so nothing that was lost waits for its back-off.
        """
        if not hasattr(self, "world"):
            return
        to_be_left = self.values_to_be_left()
        self.world.apply(self.world.plan(retries_lost=True))
        self.world.cloud.wake()
        self.world.look()
        plan = self.world.plan()
        held = self.world.cloud.held
        assert {path: held.get(path) for path in to_be_left} == to_be_left
        assert [path for path in self.seeds() if path not in held] == []
        assert plan.steps() == ()
        held_back = {notice.resource for notice in plan.conflicts}
        assert set(self.world.holds()) <= held_back | self.drifted_unseen()

    def values_to_be_left(self):
        """What `onRemoval` says of resources of the meter that left the manifests, and were not let go of yet."""
        self.world.look()
        declared = {resource.path for resource in self.world.documents[METER].resources}
        record = self.world.records.get(METER)
        resources = record.resources.values() if record else ()
        return {r.path: 0 for r in resources if r.path not in declared and (r.is_leaving or r.on_removal.kind == "set")}

    def seeds(self):
        return [r.path for r in self.world.documents[METER].resources if r.ownership is Ownership.SEED]

    def drifted_unseen(self):
        """Foreign writes to settled devices, which a plan does not look at unless it is told to."""
        return {notice.resource for notice in self.world.plan(sees_all=True).drift}


class FleetHistory(MeterHistory):
    """The same with every kind of ownership and removal, a lamp beside the meter, and somebody else who writes."""

    @initialize(world=worlds)
    def begin(self, world):
        self.world = world

    @rule(document=documents(METER))
    def edit_meter(self, document):
        self.world.documents[METER] = document

    @rule(document=documents(LAMP))
    def edit_lamp(self, document):
        self.world.documents[LAMP] = document

    @rule(path=st.sampled_from(PATHS[LAMP]), value=values)
    def foreign_set(self, path, value):
        self.world.cloud.desired[path] = (value, self.world.cloud.desired.get(path, (ABSENT, 0))[1] + 1)

    @precondition(lambda self: LAMP in self.world.documents)
    @rule()
    def lamp_leaves(self):
        del self.world.documents[LAMP]


MeterHistory.TestCase.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
FleetHistory.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestMeterHistory = MeterHistory.TestCase
TestFleetHistory = FleetHistory.TestCase


TEXTS = ("a", "b", "a", "c")


@given(st.lists(st.sampled_from(["edit", "apply", "die", "wake", "look"]), max_size=25))
@example(["apply", "wake", "edit", "die", "edit", "apply"])
def test_no_execute_is_accepted_twice_for_one_trigger(moves):
    """A trigger that comes back after another is a new one; the same text again is not."""
    texts = iter(TEXTS)
    world = World({METER: DesiredDocument.build((), (Command("reboot", REBOOT, trigger=next(texts)),), Delivery())})
    told = 1
    for move in moves:
        match move:
            case "edit":
                text = next(texts, None)
                if text is not None:
                    told += 1
                    world.documents[METER] = DesiredDocument.build(
                        (), (Command("reboot", REBOOT, trigger=text),), Delivery()
                    )
            case "apply":
                world.apply(world.plan())
            case "die":
                world.apply(world.plan(), stop_after=0)
            case "wake":
                world.cloud.wake()
            case "look":
                world.look()
    runs = world.cloud.accepted_runs
    assert len(runs) <= told
    assert all(first != second for first, second in pairwise(runs))
