"""The gate between waves: what lets a rollout go on, what stops it, and how often it may be wrong."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.rollout import Rollout, Wave
from reconcile.planner.rollout_gate import Evidence, exceeds, may_advance, must_abort

RULE = Rollout("p", "d", (Wave(count=3), Wave(percent=100)), confirmed_percent=95, failed_percent=2, minimum=1)
COUNTS = st.integers(0, 400)


@pytest.mark.parametrize(
    ("seen", "is_open"),
    [
        (Evidence(), True),
        (Evidence(unsent=1), False),
        (Evidence(silent=3), False),
        (Evidence(parked=3), False),
        (Evidence(confirmed=3), True),
        (Evidence(confirmed=2, silent=1), False),
        (Evidence(confirmed=2, parked=1), True),
        (Evidence(confirmed=2, failed=1), False),
        (Evidence(confirmed=95, failed=5), True),
        (Evidence(confirmed=94, failed=6), False),
        (Evidence(confirmed=95, silent=5), True),
        (Evidence(confirmed=150, silent=9_850), False),
        (Evidence(confirmed=160, silent=9_840), True),
    ],
)
def test_the_next_wave_goes_when_enough_is_certain_or_the_evidence_is_strong(seen, is_open):
    assert may_advance(RULE, seen) is is_open


@pytest.mark.parametrize(
    ("seen", "is_over"),
    [
        (Evidence(failed=1), False),
        (Evidence(failed=2), True),
        (Evidence(failed=2, silent=98), True),
        (Evidence(failed=2, confirmed=10, silent=88), False),
        (Evidence(failed=2, confirmed=20, silent=978), False),
        (Evidence(failed=3, confirmed=1, silent=996), True),
        (Evidence(failed=21, confirmed=979), True),
        (Evidence(failed=20, confirmed=980), False),
    ],
)
def test_a_rollout_stops_when_too_much_failed_for_certain_or_on_strong_evidence(seen, is_over):
    assert must_abort(RULE, seen) is is_over


def test_without_a_rule_nothing_aborts_and_every_device_heard_must_confirm():
    plain = Rollout("p", "d", (Wave(percent=100),))
    assert not must_abort(plain, Evidence(failed=1000))
    assert not may_advance(plain, Evidence(confirmed=10_000, failed=1))
    assert not may_advance(plain, Evidence(confirmed=10_000, silent=1))


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_more_confirmations_never_close_a_gate_and_more_failures_never_open_one(c, f, s, p, extra):
    seen = Evidence(c, f, s, p)
    if may_advance(RULE, seen) and seen.sent:
        assert may_advance(RULE, seen + Evidence(confirmed=extra))
    else:
        assert not may_advance(RULE, seen + Evidence(failed=extra)) or not seen.sent
    if must_abort(RULE, seen):
        assert must_abort(RULE, seen + Evidence(failed=extra))


def test_looking_after_every_answer_is_wrong_less_often_than_one_time_in_twenty():
    """A fleet exactly at the limit, looked at 400 times a rollout: the way that repeated looks fool a fixed test."""
    dice, wrong = random.Random(5), 0
    for _ in range(300):
        hits = 0
        for seen in range(1, 401):
            hits += dice.random() < 0.9
            if exceeds(hits, seen - hits, 0.9):
                wrong += 1
                break
    assert wrong <= 15
