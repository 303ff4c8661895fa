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
    ["late_copy:40", "drop_before_landing"],
    ["late_copy:40", "drop_before_landing"],
    ["late_copy:90", "http_500_before"],
)
COPYING = ("duplicate",)
OPERATIONS = {
    "sleeper": ("queue_write", "queue_execute", "cancel", "history", "detail"),
    "listener": ("write_now", "write_now", "read_now", "query_device"),
    "lamp": ("set_desired", "set_desired", "query_desired"),
}
MOVES = (
    *("edit",) * 5,
    *("start",) * 6,
    *("restart",) * 2,
    *("wait",) * 4,
    *("order",) * 2,
    *("join", "wake", "wake", "intrude", "radio", "save", "late"),
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

    def line(self):
        """The schedule as one line."""
        return json.dumps(asdict(self), separators=(",", ":"))


def read_line(line):
    """The schedule of a line. Raises: ValueError, TypeError."""
    body = json.loads(line)
    return Schedule(**{name: tuple(value) if isinstance(value, list) else value for name, value in body.items()})


def throw(seed):
    """The schedule of a seed."""
    dice = random.Random(seed)
    devices = dice.choice(
        [("sleeper",), ("sleeper",), ("lamp",), ("lamp",), ("listener",), ("sleeper", "lamp"), tuple(PATHS)]
    )
    moves = [["edit", devices[0], PATHS[devices[0]][0], "new"]]
    for _ in range(dice.randrange(3, 11)):
        moves += _move(dice, devices)
    switches = {
        name: dice.choice(choices or CHOICES[name]) for name, choices in SWITCHES.items() if dice.random() < 0.15
    }
    return Schedule(
        dice=dice.randrange(1 << 30),
        devices=devices,
        moves=tuple(moves),
        switches=switches,
        delivery=(dice.choice([10, 10, 60]), dice.choice([600, 7200, 259_200]), dice.choice([0, 3])),
        mode=dice.choice(["queue", "queue", "auto"]),
        quota=dice.choice([3, 10, 40, 40]),
        network=(dice.choice([0, 0, 0.1]), dice.choice([0, 0, 0.1]), dice.choice([0, 0.05, 1.0])),
    )


def _move(dice, devices):
    kind, name = dice.choice(MOVES), dice.choice(devices)
    path = dice.choice(PATHS[name][:1] + PATHS[name])
    match kind:
        case "edit":
            return [["edit", name, path, dice.choice(["new", "new", "new", "back", "drop", "null"])]]
        case "order" if "sleeper" in devices:
            return [["order", dice.choice(["trigger", "trigger", "after", "none"])]]
        case "start":
            return [["start", _start(dice, name)]]
        case "restart":  # a newer plan follows at once
            edit = ["edit", name, path, "new"]
            return [
                ["start", _start(dice, name)],
                ["wait", dice.choice(WAITS[:5])],
                edit,
                ["start", _start(dice, name)],
            ]
        case "late":
            return [["start", {**_start(dice, name), "saved": True}]]
        case "wait":
            return [["wait", dice.choice(WAITS)]]
        case "wake":
            return [["wake", name]]
        case "intrude":
            return [["intrude", name, path]]
        case "radio" if "sleeper" in devices:
            return [["radio", dice.choice(["device_silent", "device_answer_lost"])]]
        case "save" | "join":
            return [[kind]]
    return []


def _start(dice, name):
    """One process: where it runs, how its clock goes, what befalls it."""
    found = {"host": dice.choice(["h0", "h0", "h1", "h2"])}
    if dice.random() < 0.3:
        found["offset"] = dice.choice([-400.0, -3.0, -0.6, 0.4, 2.0, 45.0, 500.0])
        found["drift"] = dice.choice([0.0, 1e-4, -1e-4])
    accidents = []
    if dice.random() < 0.45:
        accidents.append([_step(dice), "die"])
    if dice.random() < 0.25:
        accidents.append([_step(dice), "stall", dice.choice([0.5, 8.0, 30.0, 75.0, 200.0])])
    if dice.random() < 0.1:
        accidents.append([_step(dice), "stop"])
    if dice.random() < 0.05:
        accidents.append([_step(dice), "clock", dice.choice([-90.0, 30.0, 300.0])])
    if accidents:
        found["accidents"] = accidents
    if dice.random() < 0.45:
        found["faults"] = [
            [dice.choice(OPERATIONS[name]), dice.choice([1, 1, 2]), _fault(dice)] for _ in range(dice.choice([1, 1, 2]))
        ]
    if dice.random() < 0.06:
        found["full"] = dice.randrange(1, 8)
    if dice.random() < 0.3:
        found["refresh"] = "all"
    return found


def _fault(dice):
    return dice.choice(COPYING if dice.random() < 0.05 else FAULTS)


def _step(dice):
    """The number of a callback: small ones are as likely as all larger ones."""
    return int(2 ** dice.uniform(2, 8.6))
