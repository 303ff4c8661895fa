"""Random schedules, and those that once failed: every invariant holds in each. `python -m tests.simulation` plays more.

`SIMULATION_SCHEDULES` and `SIMULATION_SEED` ask for more, or for others.
"""

import os
from pathlib import Path

import pytest

from .kinds import KINDS, mixed
from .play import play
from .schedule import read_line

SCHEDULES = int(os.environ.get("SIMULATION_SCHEDULES", "200"))
SEED = int(os.environ.get("SIMULATION_SEED", "0"))
SHARDS = 16
CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.json"))

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_invariant_holds_in_random_schedules(shard):
    for number in range(shard, SCHEDULES, SHARDS):
        schedule = mixed(SEED + number)
        try:
            play(schedule)
        except AssertionError as exc:
            raise AssertionError(f"{exc}\npython -m tests.simulation --replay '{schedule.line()}'") from exc


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_schedule_that_once_failed_holds(path):
    play(read_line(path.read_text(encoding="utf-8")))


def test_a_schedule_survives_being_a_line():
    for seed in range(50):
        for throw in KINDS.values():
            schedule = throw(seed)
            assert read_line(schedule.line()).line() == schedule.line()


def test_a_schedule_is_the_same_each_time():
    for throw in KINDS.values():
        assert play(throw(SEED)) == play(throw(SEED))
