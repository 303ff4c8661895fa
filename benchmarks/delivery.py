"""Requests and radio wake-ups of a history: `reconcile apply` beside a script that writes everything, and one command
per resource.

Nothing is timed: the same random histories of edits and wakes run against the emulator on a clock that jumps, and its
own log and devices are counted. The two scripts send with the same client; they remember nothing between runs.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import Counts

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "property"))

from proving.fleet import DEVICES, IMEI, POPULATION, REBOOT  # the proofs' fleet lies with the tests
from proving.site import Site

from reconcile.model.actions import QueueExecute, Write
from reconcile.model.desired import Command, Delivery, DeliveryMode, DesiredDocument, DesiredResource
from reconcile.platforms import registry

SLEEPER = DEVICES[0]
PATHS = ("/3303/0/5603", "/3303/0/5604", "/3303/0/5605", "/1/0/2", "/1/0/3", "/3304/0/5603", "/3304/0/5604")
RUNS, CHANGE, REVERT, WAKES = 12, 0.5, 0.3, 0.5
TEXT = (
    "One sleeping OneNET meter with seven resources in three object instances, and a command after one of them: "
    f"{{histories}} random histories of {RUNS} pipeline runs each. Before a run a resource changes with probability "
    f"{CHANGE:.0%} (some of these changes take back the one before); between two runs the meter wakes with probability "
    f"{WAKES:.0%}. Counted by the emulator: *writes* are requests that change something, *reads* those that ask; "
    "*radio* are the messages that reached the meter, *wake-ups* the uplinks that carried any; *executed* is how often "
    "its command ran. The scripts read nothing: they do not know what arrived, take nothing back, and what the "
    "platform refuses them (ten commands may wait for a device) is lost. Failures, foreign changes and crashes, where "
    "a script has no answer, are left out."
)


@dataclass
class Tally:
    """What one way of working cost over all histories, and how it ended."""

    runs: int = 0
    changes: int = 0
    writes: int = 0
    reads: int = 0
    radio: int = 0
    wakeups: int = 0
    executed: int = 0
    right: int = 0


def run(histories: int) -> Counts:
    """The three ways on the same histories. Rows: per change of git, and how many ended with what git says."""
    ways = {
        "script, everything every time": partial(_script, per_resource=False),
        "one command per changed resource": partial(_script, per_resource=True),
        "`reconcile apply`": _ours,
    }
    tallies = {name: Tally() for name in ways}
    for seed in range(histories):
        for name, way in ways.items():
            _play(random.Random(seed), way, tallies[name])
    rows = [[name, *_cells(tally, histories)] for name, tally in tallies.items()]
    head = [
        "",
        "writes",
        "reads",
        "requests per change",
        "writes per change",
        "radio per change",
        "wake-ups per change",
        "executed",
        "ended as git says",
    ]
    return Counts("Requests and radio of a change", TEXT.format(histories=histories), head, rows)


def _cells(tally: Tally, histories: int) -> list[str]:
    changes = tally.changes or 1
    return [
        f"{tally.writes:,}",
        f"{tally.reads:,}",
        f"{(tally.writes + tally.reads) / changes:.2f}",
        f"{tally.writes / changes:.2f}",
        f"{tally.radio / changes:.2f}",
        f"{tally.wakeups / changes:.2f}",
        f"{tally.executed:,}",
        f"{tally.right} of {histories}",
    ]


def _play(dice: random.Random, way: Any, tally: Tally) -> None:
    site = Site([POPULATION[0]], [SLEEPER])
    git: dict[str, float] = {}
    before: dict[str, float] = {}
    told: dict[str, float] = dict.fromkeys(PATHS, 0)
    git.update(told)
    for number in range(1, RUNS + 1):
        if number > 1 and dice.random() < CHANGE:
            path = dice.choice(PATHS)
            git[path] = told[path] if dice.random() < REVERT else number
            told[path] = before[path]
        tally.changes += sum(before.get(path) != value for path, value in git.items())
        site.documents["sleeper"] = _document(git)
        way(site, before, git)
        before = dict(git)
        site.clouds.skip(3600 if dice.random() < WAKES else 120)
    site.clouds.skip(7200)
    way(site, git, git)  # a last run, and a last wake
    site.clouds.skip(7200)
    device = site.clouds.world.onenet[IMEI["sleeper"]]
    tally.writes += sum(entry.mutating for entry in site.log)
    tally.reads += sum(not entry.mutating for entry in site.log)
    tally.radio += sum(command.attempts for command in device.commands.values())
    tally.wakeups += len({command.sent_ms for command in device.commands.values()} - {None})
    tally.executed += len(device.executions)
    held = device.objects.values()
    tally.right += all(held.get(path) == value for path, value in git.items())
    site.close()


def _document(git: dict[str, float]) -> DesiredDocument:
    resources = tuple(DesiredResource(path, value) for path, value in git.items())
    delivery = replace(Delivery(), mode=DeliveryMode.QUEUE, valid_after_s=10)
    return DesiredDocument.build(resources, (Command("reboot", REBOOT, after=PATHS[:1]),), delivery)


def _ours(site: Site, before: dict[str, float], now: dict[str, float]) -> None:
    del before, now
    site.apply()


def _script(site: Site, before: dict[str, float], now: dict[str, float], *, per_resource: bool) -> None:
    """Queues what is told, without looking: every value, or one command for each value that git changed."""
    dialect = registry.find("onenet").dialect  # type: ignore[union-attr]  # the platform is there
    delivery = site.documents["sleeper"].delivery
    moved = {path: value for path, value in now.items() if not per_resource or before.get(path) != value}
    groups = [[item] for item in moved.items()] if per_resource else [list(moved.items())]
    actions = [
        action
        for group in groups
        for action in dialect.write_actions([Write(*item) for item in group], {}, delivery, is_now=False)
    ]
    if PATHS[0] in moved:
        run = dialect.run_action(site.documents["sleeper"].commands[0], "script", delivery, is_now=False)
        assert isinstance(run, QueueExecute)
        actions.append(run)
    site.send(SLEEPER, actions)
