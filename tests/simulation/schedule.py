"""What happens in one schedule: plain data, so that a line of text replays it whatever becomes of the dice.

A move is a list: its name and what it needs. `start` begins a process and does not wait for it.
"""

import json
import random
from dataclasses import asdict, dataclass, field

from reconcile.emulator.switches import SWITCHES as ALL_SWITCHES

from .fleet import PATHS, SWITCHES

CHOICES = {switch.name: switch.choices for switch in ALL_SWITCHES}
FAULTS = (
    "drop_before_landing",
    "drop_answer_after_landing",
    "drop_answer_after_landing",
    "http_500_before",
    "http_500_after",
    "garbled_body",
    "truncated_body",
    "slow:40",
    "late_copy:90",
    "throttle",
    "errno:5108",
    ["late_copy:5", "drop_before_landing"],
    ["late_copy:12", "drop_before_landing"],
    ["late_copy:40", "drop_before_landing"],
    ["late_copy:40", "drop_before_landing"],
    ["late_copy:90", "http_500_before"],
)
COPYING = ("duplicate",)
OPERATIONS = {
    "sleeper": ("queue_write", "queue_execute", "cancel", "history", "detail"),
    "listener": ("write_now", "write_now", "read_now", "query_device"),
    "lamp": ("set_desired", "set_desired", "query_desired"),
    "valve": ("set_desired", "set_desired", "clear_desired", "query_desired"),
    "caller": ("execute_now", "execute_now", "write_now", "read_now"),
    "crowd": ("queue_write", "queue_write", "cancel", "history", "detail"),
}
OVERTAKEN = {"sleeper": "cancel", "lamp": "set_desired"}
"""Before which request the world may get there first."""
_FLEETS = (
    *(("sleeper",),) * 4,
    *(("lamp",),) * 2,
    *(("listener",),) * 2,
    ("sleeper", "lamp"),
    ("sleeper", "listener", "lamp"),
)
WAITS = (0.03, 0.1, 0.5, 2, 8, 20, 65, 70, 130, 1000, 8000)


@dataclass(frozen=True)
class Schedule:
    """`network` is (share of connections that do not come about, share of answers lost, seconds of jitter)."""

    dice: int
    devices: tuple
    moves: tuple
    switches: dict = field(default_factory=dict)
    delivery: tuple = (10, 259_200, 0)
    mode: str = "queue"
    quota: int = 40
    network: tuple = (0.0, 0.0, 0.0)
    suite: str = "classic"
    has_commits: bool = False  # manifests are of commits, each after the one before; a start may read them early

    def line(self):
        """The schedule as one line."""
        return json.dumps(asdict(self), separators=(",", ":"))


def read_line(line):
    """The schedule of a line. Raises: ValueError, TypeError."""
    body = json.loads(line)
    return Schedule(**{name: tuple(value) if isinstance(value, list) else value for name, value in body.items()})


def switches_of(dice):
    """Answers to open questions: a few are other than usual."""
    return {name: dice.choice(choices or CHOICES[name]) for name, choices in SWITCHES.items() if dice.random() < 0.15}


def throw(seed):
    """The schedule of a seed."""
    dice = random.Random(seed)
    devices = dice.choice(_FLEETS)
    moves = []
    for _ in range(dice.choice([2, 3, 3, 4])):
        moves += _round(dice, devices, is_first=not moves)
    switches = switches_of(dice)
    return Schedule(
        dice=dice.randrange(1 << 30),
        devices=devices,
        moves=tuple(moves),
        switches=switches,
        delivery=(dice.choice([10, 10, 60]), dice.choice([600, 7200, 259_200]), dice.choice([0, 3])),
        mode=dice.choice(["queue", "queue", "auto"]),
        quota=dice.choice([3, 10, 40, 40]),
        network=(dice.choice([0, 0, 0, 0.1, 0.5]), dice.choice([0, 0, 0, 0.1]), dice.choice([0, 0.05, 1.0])),
    )


def _round(dice, devices, *, is_first):
    """Something changes, somebody applies it amid accidents, and the world goes on."""
    name = dice.choice(devices)
    moves = [] if is_first else list(world_of(dice, devices, name))
    moves += _change(dice, devices, name, is_first=is_first)
    match dice.randrange(10):
        case 0 if not is_first:  # a plan is made, and applied when it is stale
            moves += [
                ["save"],
                *_change(dice, devices, name, is_first=False),
                ["start", start_of(dice, name)],
                ["join"],
            ]
            moves += [["start", {**start_of(dice, name), "saved": True}]]
        case 0 | 1:  # a plan is saved, its apply is killed, and begins again
            again = {**start_of(dice, name), "saved": True}
            moves += [["save"], ["start", {**again, "accidents": [[_step(dice), "die"]]}], ["join"], ["start", again]]
        case 2 | 3 | 4:  # a newer plan follows at once
            moves += [["start", start_of(dice, name)], ["wait", dice.choice(WAITS[:6])]]
            moves += [*_change(dice, devices, name, is_first=False), ["start", start_of(dice, name)]]
        case 5:  # a crowd
            for _ in range(dice.choice([2, 3])):
                moves += [["start", start_of(dice, name)], ["wait", dice.choice(WAITS)]]
        case _:
            moves += [["start", start_of(dice, name)]]
    return [*moves, *dice.choice([[["join"]], [["join"]], [["join"]], [["wait", dice.choice(WAITS)]]])]


def _change(dice, devices, name, *, is_first):
    """Git says something else, or orders something."""
    moves = []
    for _ in range(dice.choice([1, 1, 2])):
        path = dice.choice(PATHS[name][:1] + PATHS[name])
        hows = ["new"] if is_first else ["new", "new", "new", "new", "back", "drop", "null"]
        moves.append(["edit", name, path, dice.choice(hows)])
    if "sleeper" in devices and dice.random() < 0.4:
        order = dice.choice(["trigger", "trigger", "trigger", "after", "after", "after", "none"])
        moves = [["order", order], *moves]
        if order == "after":
            moves.append(["edit", "sleeper", PATHS["sleeper"][0], "new"])
    return moves


def world_of(dice, devices, name):
    """What devices and strangers do meanwhile."""
    if dice.random() < 0.35:
        yield ["wake", name]
    if dice.random() < 0.2:
        yield ["intrude", name, dice.choice(PATHS[name])]
    if dice.random() < 0.3 and name in OVERTAKEN:
        yield ["race", name]
    if dice.random() < 0.1 and "sleeper" in devices:
        yield ["radio", dice.choice(["device_silent", "device_answer_lost"])]
    if dice.random() < 0.3:
        yield ["wait", dice.choice(WAITS)]


def start_of(dice, name):
    """One process: where it runs, how its clock goes, what befalls it."""
    found = {"host": dice.choice(["h0", "h0", "h1", "h2"])}
    if dice.random() < 0.25:
        found["offset"] = dice.choice([-400.0, -3.0, -0.6, 0.4, 2.0, 45.0, 500.0])
        found["drift"] = dice.choice([0.0, 1e-4, -1e-4])
    accidents = []
    match dice.randrange(5):
        case 0:
            accidents.append([_step(dice), "die"])
        case 1:
            found["dies_at_commit"] = [dice.choice([1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8]), dice.choice(["before", "after"])]
    if dice.random() < 0.2:
        accidents.append([_step(dice), "stall", dice.choice([0.5, 8.0, 30.0, 75.0, 200.0])])
    if dice.random() < 0.1:
        accidents.append([_step(dice), "stop"])
    if dice.random() < 0.05:
        accidents.append([_step(dice), "clock", dice.choice([-90.0, 30.0, 300.0])])
    if accidents:
        found["accidents"] = accidents
    if dice.random() < 0.5:
        found["faults"] = [_fault(dice, dice.choice(OPERATIONS[name])) for _ in range(dice.choice([1, 1, 2]))]
    if dice.random() < 0.06:
        found["full"] = dice.randrange(1, 8)
    if dice.random() < 0.3:
        found["refresh"] = "all"
    return found


def _fault(dice, operation):
    """(operation, which request of it, what befalls it, and how many after it)."""
    what = dice.choice(COPYING if dice.random() < 0.04 else FAULTS)
    if operation == "history" and dice.random() < 0.5:
        what = "history_lag:2"  # less than the 3 s that the program allows for
    return [operation, dice.choice([1, 1, 1, 2]), what, dice.choice([1, 1, 1, 1, 9])]


def _step(dice):
    """The number of a callback: most runs have 20 to 100."""
    return dice.randrange(2, 90)
