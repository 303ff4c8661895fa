"""Schedules of instant commands that go before writes, and of what becomes of such a command, from dice of their own.

The other kinds meet a command that does not run just where a write waits for it once in hundreds; these do each time.
"""

import random

from .fleet import PATHS
from .schedule import Schedule, start_of, world_of

_UNRUN = (
    "errno:1",
    "errno:3",
    "errno:5006",
    "errno:5006",
    "errno:5108",
    "throttle",
    "http_500_before",
    "drop_before_landing",
    ["late_copy:12", "drop_before_landing"],
)
"""What befalls a request by which its command does not run, or not yet."""
_RUN = ("drop_answer_after_landing", "http_500_after", "garbled_body", "truncated_body", "slow:40")
_WAITS = (0.5, 8, 70, 130, 1000)


def throw(seed):
    """The schedule of a seed."""
    dice = random.Random(f"ordered {seed}")
    moves = [["edit", "listener", path, "new"] for path in PATHS["listener"]]
    moves += [["start", {"host": "h0"}], ["join"]]
    for _ in range(dice.choice([1, 2, 2])):
        moves += _round(dice)
    return Schedule(
        dice=dice.randrange(1 << 30),
        devices=("listener",),
        moves=tuple(moves),
        delivery=(dice.choice([10, 60]), dice.choice([7200, 259_200]), dice.choice([0, 3])),
        mode=dice.choice(["queue", "auto"]),
        quota=dice.choice([3, 40]),
        network=(dice.choice([0, 0, 0.1]), dice.choice([0, 0, 0.1]), dice.choice([0, 0.05, 1.0])),
        suite=dice.choice(["studio", "studio", "current"]),
        has_commits=dice.random() < 0.3,
    )


def _round(dice):
    """A value changes that a command comes before; something befalls the command; others come and try again."""
    first, second = PATHS["listener"]
    moves = [["call", "before"], ["edit", "listener", first, dice.choice(["new", "new", "back"])]]
    moves += [["edit", "listener", second, "new"]] if dice.random() < 0.3 else []
    for _ in range(dice.choice([1, 2, 2])):
        process = start_of(dice, "caller") if dice.random() < 0.5 else {"host": dice.choice(["h0", "h1"])}
        befalls = dice.choice(_UNRUN if dice.random() < 0.7 else _RUN)
        moves.append(["start", {**process, "faults": [["execute_now", 1, befalls, dice.choice([1, 1, 4])]]}])
        moves.append(dice.choice([["join"], ["wait", dice.choice(_WAITS)]]))
        moves += list(world_of(dice, ("listener",), "listener")) if dice.random() < 0.5 else []
    return [*moves, ["join"]]
