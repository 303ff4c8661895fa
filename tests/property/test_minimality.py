"""No cheaper set of requests than the plan's, by an independent reading of the packing rules; none of them idle.

The rules, read anew from the vendors' pages and checked by brute force, never by the planner's own packing:

- OneNET: one request writes resources of one object instance, its `data` array at most 2,048 bytes of JSON;
- Aliyun: one set takes at most 10 properties;
- a queued command is withdrawn whole; a resource may have one live command; what git does not want must not arrive.
"""

import json
import random
from collections import Counter
from dataclasses import replace
from itertools import chain, combinations

import pytest
from proving.fleet import DEVICES, IMEI, POPULATION
from proving.site import Site

from reconcile.model.desired import Delivery, DeliveryMode, DesiredDocument, DesiredResource

pytestmark = pytest.mark.timeout(600)

CASES = 150
SHARDS = 4
SLEEPER, LAMP = DEVICES[0], DEVICES[2]
INSTANCES = ("/10250/0", "/10250/1", "/3303/0")
PATHS = [f"{instance}/{number}" for instance in INSTANCES for number in range(4)]
PROPERTIES = [f"P{number}" for number in range(23)]


class Case:
    """A sleeper and a lamp with a short past, then one more edit. The same seed makes the same case again."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.site = Site([POPULATION[0], POPULATION[2]], [SLEEPER, LAMP])
        self.git = {"sleeper": {}, "lamp": {}}
        self.told = {}
        for _ in range(self.dice.randrange(0, 4)):
            self._edit()
            self.site.apply()
            if self.dice.random() < 0.4:
                self.site.clouds.skip(3700)
        self._edit()

    def _edit(self):
        for name, paths in (("sleeper", PATHS), ("lamp", PROPERTIES)):
            for path in self.dice.sample(paths, self.dice.choice([0, 1, 2, 5, len(paths)])):
                self._change(name, path)
        delivery = replace(Delivery(), mode=DeliveryMode.QUEUE)
        for name, git in self.git.items():
            resources = tuple(DesiredResource(path, value) for path, value in git.items())
            self.site.documents[name] = DesiredDocument.build(resources, (), delivery)

    def _change(self, name, path):
        how, told = self.dice.choice(["new", "new", "back", "drop"]), self.told.setdefault((name, path), [])
        if how == "drop":
            self.git[name].pop(path, None)
        elif how == "back" and told:
            self.git[name][path] = self.dice.choice(told)
        else:
            is_text = name == "sleeper" and path.startswith("/10250")
            told.append(self._text() if is_text else self.dice.randrange(1_000_000))
            self.git[name][path] = told[-1]

    def _text(self):
        return "".join(self.dice.choice("abc电") for _ in range(self.dice.choice([3, 300, 650, 900, 1500]) // 2))


@pytest.fixture(params=range(SHARDS))
def cases(request):
    return [seed for seed in range(CASES) if seed % SHARDS == request.param]


def test_no_cheaper_set_of_requests_exists(cases):
    for seed in cases:
        case = Case(seed)
        steps = Counter(step.device.name for step in case.site.plan().steps())
        assert steps["sleeper"] == cheapest_queue(case), f"case {seed}"
        assert steps["lamp"] == cheapest_sets(case), f"case {seed}"
        case.site.close()


def cheapest_sets(case):
    """What is not in the cloud as git wants it, ten at a time. What left git is let go, and costs nothing."""
    desired = case.site.clouds.world.aliyun["a1Proof/lamp"].desired
    wrong = [path for path, value in case.git["lamp"].items() if path not in desired or desired[path].value != value]
    return -(-len(wrong) // 10)


def cheapest_queue(case):
    """Over every choice of queued commands to withdraw: the withdrawals, and the fewest writes that are then left."""
    device, git = case.site.clouds.world.onenet[IMEI["sleeper"]], case.git["sleeper"]
    queue = [
        {f"{command.path}/{item['res_id']}": item["val"] for item in command.content["data"]}
        for command in device.waiting
    ]
    costs = [
        len(withdrawn) + fewest_writes({path: git[path] for path in left})
        for withdrawn in subsets(range(len(queue)))
        if (left := still_to_write(queue, withdrawn, device.objects.values(), git)) is not None
    ]
    return min(costs)


def still_to_write(queue, withdrawn, held, git):
    """Paths to write once those commands are withdrawn; None when what stays in the queue must not stay there."""
    coming = {}
    for number, values in enumerate(queue):
        if number not in withdrawn:
            if any(git.get(path) != value for path, value in values.items()):
                return None
            coming |= values
    return [path for path, value in git.items() if path not in coming and held.get(path) != value]


def fewest_writes(values):
    by_instance = {}
    for path, value in values.items():
        instance, _, number = path.rpartition("/")
        by_instance.setdefault(instance, []).append({"res_id": int(number), "val": value})
    return sum(map(fewest_batches, by_instance.values()))


def fewest_batches(items):
    """Exact, over all subsets: the fewest parts of which each fits one request."""
    full = (1 << len(items)) - 1
    fits = [
        mask for mask in range(1, full + 1) if size_bytes([x for i, x in enumerate(items) if mask >> i & 1]) <= 2048
    ]
    best = {0: 0}
    for mask in range(1, full + 1):
        best[mask] = min(best[mask ^ part] + 1 for part in fits if part & mask == part)
    return best[full]


def size_bytes(items):
    return len(json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode())


def subsets(things):
    pool = list(things)
    return chain.from_iterable(combinations(pool, count) for count in range(len(pool) + 1))


def test_dropping_any_step_leaves_a_difference(cases):
    for seed in cases[::3]:
        first = Case(seed)
        steps = first.site.plan().steps()
        first.site.close()
        for dropped in random.Random(seed).sample(steps, min(3, len(steps))):
            case = Case(seed)
            plan = case.site.plan()
            needless = {dropped.id}
            for step in plan.steps():  # what follows a step that was dropped cannot be sent either
                if needless & set(step.after):
                    needless.add(step.id)
            devices = tuple(
                replace(device, settles=None, steps=tuple(step for step in device.steps if step.id not in needless))
                for device in plan.devices
            )
            case.site.apply(saved=replace(plan, devices=devices))
            assert not case.site.plan().is_empty, f"case {seed}: nothing is missing without {dropped}"
            case.site.close()


def test_not_one_request_goes_beyond_the_plan_and_the_looks_it_needs(cases):
    """Reads: the queue of a device with open commands and the cloud's copy of one that changed, the clock of an account
    that is written to, and what became of each withdrawal.
    """
    for seed in cases:
        case = Case(seed)
        run = case.site.apply()
        sent = Counter(entry.operation for entry in run.log if entry.mutating)
        planned = Counter(step.action.kind.replace("cancel_queued", "cancel") for step in run.plan.steps())
        assert sent == planned, f"case {seed}"
        reads = Counter(entry.operation for entry in run.log if not entry.mutating)
        budget = Counter(history=1, query_desired=3, property_status=3, query_device=1, device_status=1)
        budget["detail"] = planned["cancel"]
        assert reads <= budget, f"case {seed}: {reads}"
        seen = len(case.site.log)
        case.site.clouds.skip(3700)
        case.site.apply()  # looks how the deliveries went
        again = len(case.site.log)
        assert again - seen <= 1, f"case {seed}: {case.site.log[seen:]}"
        case.site.apply()
        assert len(case.site.log) == again, f"case {seed}: a settled fleet was asked"
        case.site.close()


def test_the_checker_knows_what_is_cheaper():
    """The checker itself: two bins where filling one after the other takes three."""
    assert fewest_batches([{"res_id": n, "val": "x" * size} for n, size in enumerate((1150, 750, 1150, 750))]) == 2
    assert fewest_batches([{"res_id": n, "val": "x" * 1100} for n in range(3)]) == 3
    assert still_to_write([{"a": 1, "b": 2}], (), {"a": 0}, {"a": 2, "b": 2}) is None
    assert still_to_write([{"a": 1, "b": 2}], (0,), {"a": 2}, {"a": 2, "b": 2}) == ["b"]
