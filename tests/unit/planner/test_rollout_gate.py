"""The gate between waves: what lets a rollout go on, what stops it, and how often it may be wrong."""

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import factorial

import pytest
from hypothesis import given, settings
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


@pytest.mark.parametrize("share", [Fraction(1, 2), Fraction(9, 10), Fraction(95, 100), Fraction(99, 100)])
def test_evidence_is_strong_where_exact_arithmetic_says_so(share):
    """The likelihood averaged over all shares is h! m! / (h + m + 1)!; it must be 20 times that under the share."""
    for hits, misses in product((0, 1, 2, 5, 19, 60, 157, 158, 200, 298, 299, 500), (0, 1, 2, 5, 20)):
        mixture = Fraction(factorial(hits) * factorial(misses), factorial(hits + misses + 1))
        is_strong = mixture >= 20 * share**hits * (1 - share) ** misses
        is_above = hits + misses > 0 and Fraction(hits, hits + misses) > share
        assert exceeds(hits, misses, float(share)) is (is_strong and is_above), (hits, misses)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 0.95])
def test_looking_after_every_answer_is_wrong_at_most_one_time_in_twenty(share):
    """Every path of 250 answers of a fleet exactly at the limit, looked at after each, by their exact chances."""
    alive, wrong = {0: 1.0}, 0.0
    for seen in range(1, 251):
        after = defaultdict(float)
        for hits, chance in alive.items():
            after[hits + 1] += chance * share
            after[hits] += chance * (1 - share)
        crossed = {hits for hits in after if exceeds(hits, seen - hits, share)}
        wrong += sum(after[hits] for hits in crossed)
        alive = {hits: chance for hits, chance in after.items() if hits not in crossed and chance > 1e-12}
    assert 0 < wrong <= 0.05


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(1, 3), st.sampled_from([0, 2, 30, 50, 90]))
@settings(max_examples=60)
def test_what_is_certain_holds_however_the_silent_answer(confirmed, failed, silent, minimum, percent):
    """By brute force over all answers that are left: the gate opens early only where it would at the end."""
    rule = replace(RULE, confirmed_percent=95, failed_percent=percent, minimum=minimum)
    seen = Evidence(confirmed=confirmed, failed=failed, silent=silent)
    ends = [Evidence(confirmed=confirmed + good, failed=failed + silent - good) for good in range(silent + 1)]
    if may_advance(rule, seen) and seen.sent:
        assert all(may_advance(rule, end) for end in ends)
    if must_abort(rule, seen) and not exceeds(failed, confirmed, percent / 100):
        assert all(must_abort(rule, end) for end in ends)
