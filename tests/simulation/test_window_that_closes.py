"""The rule of windows where one ends in the midst of a wave: what began within it ends, and nothing begins after it."""

from .herd import IMEI, QUEUED
from .play import play
from .schedule import Schedule

CLOSES_S = 120
OPENS_AGAIN_S = 24 * 3600 - 5 * 60
"""Schedules begin at noon; the window is from 11:55 to 12:02."""


def test_a_run_that_began_in_its_window_ends_its_wave_and_the_next_one_waits_for_the_next_day():
    job = {"host": "h0", "saved": True}
    moves = (
        ["rule", {"waves": [4, "100%"], "windows": [[715, 722]]}],
        ["edit", "herd", "", "new"],
        ["save"],
        ["wait", CLOSES_S - 2.7],
        ["start", job],
        ["join"],
        ["wake", "herd"],
        ["ask"],  # the gate is open now
        ["start", job],
        ["join"],
    )
    told = []
    play(Schedule(dice=1, devices=QUEUED, moves=moves, quota=1), tell=told.append)
    writes = [line.split() for line in told if " queue_write " in line]
    at_s = {imei: float(when) for when, _, _, imei, *_ in reversed(writes)}
    assert at_s.keys() == {IMEI[name] for name in QUEUED}
    *first, last = sorted(at_s.values())
    assert min(first) < CLOSES_S < max(first) < CLOSES_S + 10, "the wave of four is sent to its end"
    assert OPENS_AGAIN_S <= last < OPENS_AGAIN_S + 60, "the last device waits for the window of the next day"
