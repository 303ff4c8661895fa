"""No device ever holds what follows something before that, over random orders, wakes, losses and silences.

A small cloud delivers what is queued in any order and as little of it as it likes, which is all that is promised.
Histories come from seeded dice; a failure names its seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import permutations

import pytest

from reconcile.apply import fold
from reconcile.apply.fallback import instead, is_pointless
from reconcile.apply.follow import follow
from reconcile.apply.order import must_wait
from reconcile.model.actions import CancelQueued, ExecuteNow, QueueExecute, Write, WriteNow, touched
from reconcile.model.desired import Command, Delivery, DeliveryMode, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedCommand, ObservedDevice
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.planner.order import followed_by
from reconcile.planner.order_requests import in_turn
from reconcile.platforms import registry
from reconcile.ports import Accepted, Stamp
from reconcile.testing.fleets import NOON, Truths, plan_of, same_for

DIALECT = registry.find("onenet").dialect
IDENTITY = Identity.of(imei="860000000000001")
METER = DeviceRef("onenet-prod", "meter")
PATHS = ["/3303/0/5603", "/3303/0/5604", "/3303/1/5603", "/3303/1/5604", "/1/0/2", "/1/0/3"]
DELIVERY = Delivery(requeue=1000, backoff_s=0)


def order(dice):
    """What each path follows: only what comes before it in a drawn sequence, so there is no circle."""
    sequence = dice.sample(PATHS, len(PATHS))
    return {
        path: tuple(dice.sample(sequence[:place], min(place, dice.choice([0, 1, 1, 2]))))
        for place, path in enumerate(sequence)
    }


def some_commands(dice, after):
    """Each has its place in the drawn sequence: it follows some of what is before that, or goes before some of the rest."""
    sequence = list(after)
    places = sorted(dice.randint(0, len(sequence)) for _ in range(dice.randint(0, 2)))
    return tuple(some_command(dice, f"run-{n}", sequence[:place], sequence[place:]) for n, place in enumerate(places))


def some_command(dice, name, earlier, later):
    after = dice.sample(earlier, dice.randint(0, min(3, len(earlier))))
    before = dice.sample(later, dice.randint(0 if after else 1, min(2, len(later)))) if later else []
    after = after or (earlier[-1:] if not before else [])
    waits = dice.random() < 0.5
    return Command(name, f"/3/{name[-1]}/4", after=tuple(after), before=tuple(before), waits_for_confirmation=waits)


@dataclass
class World:
    """Git, the record, the cloud's queue and the device. Values only grow: a larger one is newer."""

    after: dict[str, tuple[str, ...]]
    commands: tuple[Command, ...]
    mode: DeliveryMode = DeliveryMode.QUEUE
    declared: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PATHS, 1))
    history: list[dict[str, int]] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    queue: dict[str, list] = field(default_factory=dict)
    record: RecordedDevice | None = None
    is_reachable: bool = True
    executed: list[tuple[str, str]] = field(default_factory=list)
    keys: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    ticks: int = 0

    def __post_init__(self):
        self.history.append(dict(self.declared))

    def now(self):
        """A clock that never stands still."""
        self.ticks += 1
        return NOON + timedelta(microseconds=self.ticks)

    def document(self):
        resources = tuple(DesiredResource(path, self.declared[path], after=self.after[path]) for path in PATHS)
        return DesiredDocument.build(resources, self.commands, replace(DELIVERY, mode=self.mode))

    def edit(self, paths):
        self.declared |= {path: self.declared[path] + 1 for path in paths}
        self.history.append(dict(self.declared))

    def observed(self):
        listed = [ObservedCommand(uuid, "write", delivery) for uuid, (_, delivery) in self.queue.items()]
        return ObservedDevice(METER, queue=tuple(listed), last_uplink=NOON)

    def plan(self):
        device = DesiredDevice(Device(METER, IDENTITY, {}), self.document())
        records = () if self.record is None else (self.record,)
        return plan_of(Truths([device], {"onenet-prod": DIALECT}, records, {METER: self.observed()}))

    def apply(self, stop_after=100):
        """As the executor does it; the process dies after so many requests."""
        plan = self.plan()
        if self.record is not None:
            self.record = follow(self.record, self.observed(), same_for(DIALECT, IDENTITY), self.now())
        for planned in plan.devices:
            record, done, waiting, has_missed = fold.begin(self.record, planned, self.now()), set(), set(), False
            for number, planned_step in enumerate(planned.steps):
                step = instead(planned_step, has_missed=has_missed)
                if must_wait(step, record, done, waiting):
                    waiting.add(step.id)
                    continue
                if not done.issuperset(step.after) or is_pointless(step, has_missed=has_missed):
                    continue
                if stop_after == 0:
                    self.record = record
                    return plan
                stop_after -= 1
                if not isinstance(step.action, CancelQueued):
                    left = [other for other in planned.steps if other.id not in done]
                    record = fold.owe_waiting_runs(fold.owe_runs(record, left, self.now()), planned, self.now())
                accepted = self.send(step.action)
                if accepted is None and isinstance(step.action, WriteNow):
                    has_missed, step = True, instead(step, has_missed=True)
                    record = replace(record, unreachable_at=NOON - timedelta(hours=1))
                    accepted = self.send(step.action)
                if accepted is None:
                    continue
                stamp = Stamp(NOON, expires_at=NOON - timedelta(seconds=100 - number))
                record = fold.accept(record, planned, step.action, accepted, stamp, self.now())
                done.add(step.id)
            self.record = fold.finish(record, planned) if len(done) == len(planned.steps) else record
        return plan

    def send(self, action):
        """The cloud's answer, or None when it refuses."""
        if isinstance(action, CancelQueued):
            if not self.queue[action.uuid][1].is_open:
                return None
            self.queue[action.uuid][1] = DeliveryState.CANCELLED
            return Accepted()
        if isinstance(action, QueueExecute | ExecuteNow):
            self.keys.setdefault((action.command, action.run_key), dict(self.declared))
        if isinstance(action, WriteNow | ExecuteNow):
            if not self.is_reachable:
                return None
            self.receive(action)
            return Accepted(is_confirmed=True)
        uuid = f"u{len(self.queue)}"
        self.queue[uuid] = [action, DeliveryState.QUEUED]
        return Accepted(command_uuid=uuid)

    def receive(self, action):
        """The device does it, unless that breaks what was promised."""
        if isinstance(action, QueueExecute | ExecuteNow):
            self.run(action)
            return
        before = followed_by(self.document().resources)
        for write in action.writes:
            wanted = next(version for version in self.history if version[write.path] == write.value)
            for earlier in before.get(write.path, ()):
                assert self.held.get(earlier, 0) >= wanted[earlier], (write, earlier, self.held)
            assert self.held.get(write.path, 0) <= write.value, "an older value after a newer"
            for command in self.commands:
                if write.path in command.before and not command.after:
                    values = [self.keys[key][write.path] for key in self.executed if key[0] == command.name]
                    assert write.value in values, (write, command, values)
        self.held |= {write.path: write.value for write in action.writes}

    def run(self, action):
        key = (action.command, action.run_key)
        assert key not in self.executed, "a command ran twice"
        self.executed.append(key)
        command = next(each for each in self.commands if each.name == action.command)
        if command.waits_for_confirmation:
            for path in command.after:
                assert self.held.get(path, 0) >= self.keys[key][path], (command, path)

    def end(self, dice, delivery):
        """Some of what waits is delivered, in any order; or lost."""
        waiting = [uuid for uuid, (_, state) in self.queue.items() if state.is_open]
        dice.shuffle(waiting)
        for uuid in waiting[: dice.randint(0, len(waiting))]:
            if delivery is DeliveryState.CONFIRMED:
                self.receive(self.queue[uuid][0])
            self.queue[uuid][1] = delivery

    def come_to_rest(self, dice):
        for _ in range(60):
            plan = self.plan()
            if plan.is_empty and not plan.waiting and plan.summary.settled == 1:
                return
            self.apply()
            self.end(dice, DeliveryState.CONFIRMED)
        raise AssertionError(f"it does not come to rest: {self.plan().waiting}")


MOVES = ("edit", "mode", "apply", "apply", "deliver", "lose", "reach")


def live(world, dice):
    """One history; then everybody is awake, and all comes to rest."""
    for _ in range(dice.randint(0, 20)):
        match dice.choice(MOVES):
            case "edit":
                world.edit(dice.sample(PATHS, dice.randint(1, len(PATHS))))
            case "mode":
                world.mode = dice.choice(list(DeliveryMode))
            case "apply":
                world.apply(dice.choice([100, 100, 0, 1, 2, 3]))
            case "deliver":
                world.end(dice, DeliveryState.CONFIRMED)
            case "lose":
                world.end(dice, DeliveryState.EXPIRED)
            case "reach":
                world.is_reachable = dice.random() < 0.5
    world.is_reachable = True
    world.come_to_rest(dice)


@pytest.mark.parametrize("block", range(4))
def test_nothing_is_held_before_what_it_follows(block):
    """Whatever the mode, whoever sleeps, and wherever the process dies; the world itself fails the test."""
    for seed in range(50 * block, 50 * (block + 1)):
        dice = random.Random(seed)
        after = order(dice)
        world = World(after, some_commands(dice, after))
        try:
            live(world, dice)
            assert world.held == world.declared
            assert {name for name, _ in world.executed} == {command.name for command in world.commands}
        except AssertionError as exc:
            exc.add_note(f"seed {seed}")
            raise


def test_a_queued_order_waits_and_an_instant_one_takes_a_single_run():
    """What waits says for what, and is counted."""
    for seed in range(40):
        world = World(order(random.Random(seed)), ())
        plan = world.plan()
        told = {notice.resource: notice.reason for notice in plan.waiting}
        assert set(told) == {path for path in PATHS if world.after[path]}
        assert all(reason.startswith("after ") and reason.endswith(" is confirmed") for reason in told.values())
        assert all(device.settles is None for device in plan.devices if told)
        world.mode = DeliveryMode.NOW
        world.apply()
        assert world.held == world.declared
        assert world.plan().summary.settled == 1


@pytest.mark.parametrize(
    ("rule", "forgotten"),
    [
        ("alike.keep_order", lambda _situation, _work: None),
        ("commands._unfinished", lambda *_args, **_kwargs: ""),
        ("commands._counts_for", lambda *_args: False),
    ],
)
def test_the_same_without_the_rule_is_caught(monkeypatch, rule, forgotten):
    """The world would see it: a plan that forgets the order, or that a command ran, shows within a few histories."""
    monkeypatch.setattr(f"reconcile.planner.{rule}", forgotten)

    def live_some():
        for seed in range(30):
            dice = random.Random(seed)
            after = order(dice)
            live(World(after, some_commands(dice, after)), dice)

    with pytest.raises(AssertionError):
        live_some()


def test_instant_requests_are_the_fewest_that_keep_the_order():
    """Against every sequence in which the resources could be written one by one, packed by hand."""
    for seed in range(80):
        dice = random.Random(seed)
        after = order(dice)
        changed = dice.sample(PATHS, dice.randint(1, 5))
        before = followed_by(DesiredResource(path, 1, after=after[path]) for path in PATHS)
        requests = in_turn([Write(path, 1) for path in PATHS if path in changed], before, pack)
        place = {path: number for number, request in enumerate(requests) for path in touched(request)}
        assert sorted(place) == sorted(changed), seed
        follows = [(path, earlier) for path in changed for earlier in before.get(path, ()) if earlier in place]
        assert all(place[earlier] < place[path] for path, earlier in follows), seed
        assert len(requests) == min(by_hand(way, before) for way in permutations(changed)), seed


def pack(writes):
    return DIALECT.write_actions(writes, {}, DELIVERY, is_now=True)


def by_hand(way, before):
    """Requests for writes in that sequence, each joining the last if it may; a broken order costs more than any other."""
    requests: list[list[str]] = []
    for number, path in enumerate(way):
        if set(before.get(path, ())) & set(way[number + 1 :]):
            return len(way) + 1
        is_joined = requests and path.rpartition("/")[0] == requests[-1][0].rpartition("/")[0]
        if is_joined and not set(before.get(path, ())) & set(requests[-1]):
            requests[-1].append(path)
        else:
            requests.append([path])
    return len(requests)
