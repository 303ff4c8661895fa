"""Schedules of rollouts over a herd: canaries, percentages, gates, windows, aborts, `--wave`, and pauses between jobs.

Two accounts of a cloud, or of both. Dice of their own, so that the other kinds stay what they are.
"""

import random

from .herd import INSTANT, LAMPS, QUEUED
from .schedule import Schedule, start_of, switches_of

_DEVICES = (QUEUED, QUEUED, LAMPS, LAMPS, INSTANT, *(("g1", "g2", "g4", "h1", "h3"),) * 2)
_WAVES = ([1, "100%"], [1, 3, "100%"], ["20%", "60%", "100%"], ["50%", "100%"], [2, "75%", "100%"], ["100%"])
_COVERS = (["site"], ["firmware"], ["site", "firmware"], ["model"], ["model", "site"])
_KIND = {"g": "crowd", "i": "listener", "h": "lamp"}
_WINDOWS = ([[720, 722]], [[715, 721], [735, 750]], [[700, 745]], [[1380, 60]])
"""In minutes of the day; schedules begin at noon."""
_WAITS = (0.5, 2, 20, 70, 130, 400, 1000)


def throw(seed):
    """The schedule of a seed."""
    dice = random.Random(f"herd {seed}")
    devices = dice.choice(_DEVICES)
    moves = [["rule", _words(dice)]]
    for _ in range(dice.choice([1, 2, 2, 3])):
        moves += _round(dice, devices, is_first=len(moves) == 1)
    switches = switches_of(dice)
    return Schedule(
        dice=dice.randrange(1 << 30),
        devices=devices,
        moves=tuple(moves),
        switches={**switches, "negative_answer": dice.choice(["failed", "failed", "delivered"])},
        delivery=(dice.choice([10, 60]), dice.choice([7200, 259_200]), 0),
        mode="auto",
        quota=dice.choice([3, 10, 40, 40]),
        network=(dice.choice([0, 0, 0, 0.1]), dice.choice([0, 0, 0, 0.1]), dice.choice([0, 0.05, 1.0])),
        suite="studio",
        has_commits=dice.random() < 0.3,
    )


def _words(dice):
    """A rule of a rollout."""
    words = {"waves": dice.choice(_WAVES)}
    if dice.random() < 0.4:
        words["cover"] = dice.choice(_COVERS)
    if dice.random() < 0.5:
        words["advance"] = dice.choice([50, 60, 75])
    if dice.random() < 0.7:
        words["abort"] = dice.choice([[20, 0], [20, 0], [0, 0], [40, 1]])
    if dice.random() < 0.3:
        words["windows"] = dice.choice(_WINDOWS)
    return {**words, "order": dice.random() < 0.4}


def _round(dice, devices, *, is_first):
    """The profile says something else; jobs apply it, one after the other, while devices wake, fail and come back."""
    moves = [["rule", _words(dice)]] if not is_first and dice.random() < 0.3 else []
    moves.append(["edit", "herd", "", "new" if is_first or dice.random() < 0.8 else "back"])
    if dice.random() < 0.6:
        moves += [["refuse", name] for name in devices if dice.random() < 0.4]
    is_saved = dice.random() < 0.3
    moves += [["save"]] if is_saved else []
    for _ in range(dice.choice([1, 2, 3])):
        moves.append(["start", _start(dice, devices, is_saved=is_saved)])
        moves.append(dice.choice([["join"], ["join"], ["wait", dice.choice(_WAITS)]]))
        moves += _meanwhile(dice, devices, is_saved=is_saved)
    return moves


def _meanwhile(dice, devices, *, is_saved):
    if dice.random() < 0.6:
        yield ["wake", dice.choice(["herd", *devices])]
    if dice.random() < 0.1:
        yield ["willing", dice.choice(devices)]
    if dice.random() < (0.5 if is_saved else 0.1):
        yield ["ask"]
    if dice.random() < 0.1:
        yield ["clear"]
    if dice.random() < 0.1:
        yield ["wait", 8000]


def _start(dice, devices, *, is_saved):
    found = start_of(dice, _KIND[dice.choice(devices)[0]])
    if dice.random() < 0.4:  # a job that nothing befalls
        found = {"host": found["host"]}
    if dice.random() < 0.2:
        found["wave"] = dice.choice([1, 1, 2])
    if is_saved and dice.random() < 0.8:
        found["saved"] = True
    found["faults"] = [one for one in found.get("faults", ()) if not str(one[2]).startswith("history_lag")]
    return found
