"""Schedules of what the others leave out, from dice of their own, so that the others stay what they are.

Instant Executes, OneJSON things, the current OneNET interface, rollouts, and saved plans of which a part is stale.
"""

import random

from .fleet import CROWD, PATHS
from .schedule import WAITS, Schedule, start_of, switches_of, world_of

_KINDS = ("caller", "caller", "caller", "valve", "valve", "crowd", "crowd", "partial", "partial", "current")
_DEVICES = {
    "caller": ("listener",),
    "valve": ("valve",),
    "crowd": CROWD,
    "partial": ("sleeper", "listener", "valve"),
    "current": ("sleeper", "listener", "valve"),
}


def throw(seed):
    """The schedule of a seed."""
    dice = random.Random(f"wide {seed}")
    kind = dice.choice(_KINDS)
    devices = _DEVICES[kind]
    moves, has_commits = [], dice.random() < 0.5
    for _ in range(dice.choice([2, 3, 3])):
        moves += _round(dice, kind, devices, is_first=not moves)
        moves += _late(dice, kind, devices) if has_commits and dice.random() < 0.3 else []
    switches = switches_of(dice)
    return Schedule(
        dice=dice.randrange(1 << 30),
        devices=devices,
        moves=tuple(moves),
        switches=switches,
        delivery=(dice.choice([10, 60]), dice.choice([7200, 259_200]), dice.choice([0, 3])),
        mode=dice.choice(["queue", "auto"]),
        quota=dice.choice([3, 10, 40, 40]),
        network=(dice.choice([0, 0, 0, 0.1, 0.5]), dice.choice([0, 0, 0, 0.1]), dice.choice([0, 0.05, 1.0])),
        suite="current" if kind == "current" or (kind != "crowd" and dice.random() < 0.3) else "studio",
        has_commits=has_commits,
    )


def _round(dice, kind, devices, *, is_first):
    name = "crowd" if kind == "crowd" else dice.choice(devices)
    moves = []
    if not is_first:
        moves += [["wake", "crowd"]] if kind == "crowd" and dice.random() < 0.6 else []
        moves += [] if kind == "crowd" else world_of(dice, devices, name)
    moves += _change(dice, name, is_first=is_first)
    if (
        kind == "partial" and not is_first
    ):  # a plan of all devices; one of them moves; what is left of the plan is applied
        moves += [change for each in devices for change in _change(dice, each, is_first=True)]
        moves += [["save"], *_change(dice, name, is_first=True), ["start", start(dice, name)]]
        moves += [["intrude", "valve", "P1"]] if dice.random() < 0.3 else []
        moves += [dice.choice([["join"], ["join"], ["wait", dice.choice(WAITS)]])]
        moves += [["start", {**start(dice, name), "saved": True, "partial": dice.random() < 0.8}]]
    else:
        for _ in range(dice.choice([1, 1, 2])):
            moves += [["start", start(dice, name)], ["wait", dice.choice(WAITS)]]
    return [*moves, dice.choice([["join"], ["join"], ["wait", dice.choice(WAITS)]])]


def _late(dice, kind, devices):
    """A process that has read its manifests stands still, while another applies newer ones."""
    name = "crowd" if kind == "crowd" else dice.choice(devices)
    late = {**start(dice, name), "reads_s": dice.choice([1.0, 8.0, 70.0])}
    yield from (*_change(dice, name, is_first=False), ["start", late], *_change(dice, name, is_first=False))
    yield from (["start", start(dice, name)], ["join"])


def start(dice, name):
    """One process; what its requests meet is of the kind that the device is sent."""
    return start_of(dice, "caller" if name == "listener" else name)


def _change(dice, name, *, is_first):
    if name == "crowd":
        return [["edit", "crowd", PATHS[CROWD[0]][0], "new"]]
    hows = ["new"] if is_first else ["new", "new", "new", "back", "drop", "null"]
    moves = [["edit", name, dice.choice(PATHS[name]), dice.choice(hows)]]
    if name == "listener" and dice.random() < 0.8:
        moves.append(["call", dice.choice(["trigger", "trigger", "before", "before", "none"])])
    return moves
