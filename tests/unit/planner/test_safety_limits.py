"""Limits of one plan at their edges: absolute and in percent, of a fleet and of a profile, shrinking inventories."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconcile.model.fleet import Limits, Safety
from reconcile.model.protection import Allowance
from reconcile.planner.safety import Count, check

DAY = datetime(2026, 11, 23, tzinfo=UTC)
ABSOLUTE = Safety(max_changed_devices=3)
PERCENT = Safety(max_changed_percent=10, min_population=20)
SHRINK = Safety(max_inventory_shrink_percent=10, min_population=20)


def codes(safety, count, *profiles):
    return [one.code for one in check(safety, count, profiles).diagnostics]


@pytest.mark.parametrize(
    ("safety", "count", "code"),
    [
        (ABSOLUTE, Count(100, 3), None),
        (ABSOLUTE, Count(100, 4), "RCL701"),
        (ABSOLUTE, Count(4, 4), "RCL701"),
        (Safety(max_changed_devices=0), Count(100, 1), "RCL701"),
        (Safety(), Count(100, 100, 100), None),
        (PERCENT, Count(20, 2), None),
        (PERCENT, Count(20, 3), "RCL702"),
        (PERCENT, Count(19, 19), None),
        (PERCENT, Count(1000, 101), "RCL702"),
        (PERCENT, Count(0, 0), None),
        (Safety(max_changed_percent=0.1, min_population=1), Count(1000, 1), None),
        (SHRINK, Count(90, 0, 10), None),
        (SHRINK, Count(89, 0, 11), "RCL703"),
        (SHRINK, Count(0, 0, 20), "RCL703"),
        (SHRINK, Count(0, 0, 19), None),
        (SHRINK, Count(10, 0, 9), None),
    ],
)
def test_a_limit_may_be_reached_and_not_exceeded(safety, count, code):
    assert codes(safety, count) == ([] if code is None else [code])


def test_a_profile_has_limits_beside_those_of_the_fleet():
    lab = Limits("lab", max_changed_devices=1, max_changed_percent=50, min_population=2)
    both = replace(ABSOLUTE, profiles=(lab,))
    assert codes(both, Count(100, 3), Count(9, 1)) == []
    assert codes(both, Count(100, 3), Count(9, 2)) == ["RCL701"]
    assert codes(both, Count(100, 4), Count(3, 2)) == ["RCL701", "RCL701", "RCL702"]


def test_a_line_raises_its_own_limit_as_far_as_it_says_and_ends_the_plan():
    line = Allowance("maxChangedDevices", "winter", DAY + timedelta(hours=2), up_to=5)
    raised = replace(ABSOLUTE, allowances=(line,))
    assert codes(raised, Count(100, 5)) == ["RCL708"]
    assert codes(raised, Count(100, 6)) == ["RCL701"]
    assert codes(replace(PERCENT, allowances=(replace(line, up_to=100),)), Count(20, 3)) == ["RCL702"]
    assert check(raised, Count(100, 5)).expires(DAY + timedelta(days=1)) == line.until
    assert check(raised, Count(100, 3)).expires(DAY + timedelta(days=1)) == DAY + timedelta(days=1)
    lab = Limits("lab", max_changed_devices=1)
    assert codes(replace(raised, profiles=(lab,)), Count(100, 3), Count(9, 2)) == ["RCL701"], "each for its own"
