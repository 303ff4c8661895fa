"""Did it land? Every row of the table in apply/verdict.py."""

from datetime import timedelta

import pytest
from apply_fakes import METER, QUEUEING, REBOOT, TEMPERATURE, queue_execute, queue_write, write_now

from reconcile.apply.verdict import Evidence, Landed, Moved, NeedsOperator, NotLanded, Undecided, judge
from reconcile.model.actions import CancelQueued, ClearDesired, ExecuteNow, SetDesired, Write
from reconcile.model.observed import ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import ABSENT, UNKNOWN, same
from reconcile.ports import Accepted
from reconcile.testing.builders import AT

DEADLINE = AT + timedelta(seconds=60)
EXPIRY = AT + timedelta(hours=1)
SECOND = timedelta(seconds=1)
UNREADABLE = ObservedDevice(METER, problem="no answer")


def verdict(action, seen, not_after=DEADLINE, marker=EXPIRY):
    return judge(action, not_after, marker, seen, lambda _path, left, right: same(left, right))


def cloud(**resources):
    found = {path: ObservedResource(cloud=value, version=version) for path, (value, version) in resources.items()}
    return Evidence(AT, ObservedDevice(METER, found))


def set_two(first=60, second=1):
    return SetDesired((Write("A", first), Write("B", second)), (("A", 4), ("B", 2)))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (cloud(A=(60, 5), B=(1, 3)), Landed(Accepted(versions={"A": 5, "B": 3}))),
        (cloud(A=(7, 4), B=(9, 2)), NotLanded()),
        (cloud(A=(60, 4), B=(1, 2)), NotLanded()),  # our value, but not by our set
        (cloud(A=(60, 6), B=(1, 3)), Moved()),
        (cloud(A=(61, 5), B=(1, 3)), Moved()),
        (cloud(A=(60, 5), B=(0, 2)), Moved()),  # landed in part
        (cloud(A=(True, 5), B=(1, 3)), Moved()),
        (cloud(A=(60, 5)), Undecided()),
        (cloud(A=(60, 5), B=(UNKNOWN, None)), Undecided()),
        (Evidence(AT, UNREADABLE), Undecided()),
        (Evidence(AT), Undecided()),
    ],
)
def test_set_is_judged_by_versions_and_values(seen, expected):
    assert verdict(set_two(), seen) == expected


@pytest.mark.parametrize("version", [0, 4, 5, 9])
def test_set_that_clears_landed_when_the_value_is_gone_whatever_its_version(version):
    action = SetDesired((Write("A", None),), (("A", 4),))
    assert verdict(action, cloud(A=(ABSENT, version))) == Landed(Accepted(versions={"A": version}))


def test_first_set_is_guarded_by_version_0():
    action = SetDesired((Write("A", 60),), (("A", 0),))
    assert verdict(action, cloud(A=(ABSENT, 0))) == NotLanded()
    assert verdict(action, cloud(A=(60, 1))) == Landed(Accepted(versions={"A": 1}))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (cloud(A=(ABSENT, 0), B=(ABSENT, 3)), Landed(Accepted())),
        (cloud(A=(ABSENT, 0), B=(1, 3)), NotLanded()),
        (cloud(A=(ABSENT, 0)), Undecided()),
        (Evidence(AT, UNREADABLE), Undecided()),
    ],
)
def test_clear_landed_when_no_desired_value_is_left(seen, expected):
    assert verdict(ClearDesired(("A", "B")), seen) == expected


def reported(value, at=AT):
    return Evidence(at, ObservedDevice(METER, {TEMPERATURE: ObservedResource(reported=value)}))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (reported(-10.0), Landed(Accepted(is_confirmed=True, is_read_back=True))),
        (reported(-20.0), Undecided(DEADLINE)),
        (reported(UNKNOWN), Undecided(DEADLINE)),
        (reported(-20.0, DEADLINE), Undecided(DEADLINE)),
        (reported(-20.0, DEADLINE + SECOND), NotLanded(is_partial=True)),
        (Evidence(DEADLINE + SECOND, UNREADABLE), NotLanded(is_partial=True, is_silent=True)),
    ],
)
def test_instant_write_waits_for_its_token_to_expire(seen, expected):
    assert verdict(write_now(), seen) == expected


def test_instant_write_of_two_landed_only_when_both_did():
    both = write_now(Write(TEMPERATURE, -10.0), Write("/3303/0/5604", 45.0))
    assert verdict(both, reported(-10.0)) == Undecided(DEADLINE)
    assert verdict(both, reported(-10.0, DEADLINE + SECOND)) == NotLanded(is_partial=True)


def listed(*markers, operation="write", at=AT):
    queue = [ObservedCommand(f"u{n}", operation, DeliveryState.QUEUED, marker) for n, marker in enumerate(markers)]
    return Evidence(at, commands=queue)


LAST = DEADLINE + 3 * SECOND


@pytest.mark.parametrize(("action", "operation"), [(queue_write(), "write"), (queue_execute(), "execute")])
def test_queued_command_is_known_by_its_expiry(action, operation):
    other = "execute" if operation == "write" else "write"
    cases = [
        (listed(EXPIRY, operation=operation), Landed(Accepted(command_uuid="u0"))),
        (listed(EXPIRY - SECOND, EXPIRY, operation=operation), Landed(Accepted(command_uuid="u1"))),
        (listed(EXPIRY, EXPIRY, EXPIRY, operation=operation), Landed(Accepted(command_uuid="u0"), ("u1", "u2"))),
        (listed(EXPIRY, operation=other, at=LAST), Undecided(LAST)),
        (listed(None, at=LAST), Undecided(LAST)),
        (listed(at=LAST), Undecided(LAST)),
        (listed(EXPIRY - SECOND, at=LAST + SECOND), NotLanded()),
        (Evidence(AT), Undecided(LAST)),
        (Evidence(LAST + SECOND), Undecided()),  # unreadable for ever must not be waited for, for ever
    ]
    for seen, expected in cases:
        assert verdict(action, seen) == expected


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        (DeliveryState.CANCELLED, Landed(Accepted())),
        (DeliveryState.QUEUED, NotLanded()),
        (DeliveryState.SENT, Moved()),
        (DeliveryState.CONFIRMED, Moved()),
        (DeliveryState.EXPIRED, Moved()),
        (DeliveryState.FAILED, Moved()),
    ],
)
def test_withdrawal_is_judged_by_what_became_of_the_command(delivery, expected):
    queue = (ObservedCommand("u1", "write", delivery),)
    assert verdict(CancelQueued("u1", ()), Evidence(AT, ObservedDevice(METER, queue=queue))) == expected


def test_withdrawal_of_a_command_nobody_lists_is_undecided():
    for observed in (None, ObservedDevice(METER), ObservedDevice(METER, queue=())):
        assert verdict(CancelQueued("u1", ()), Evidence(AT, observed)) == Undecided()


def test_instant_execute_is_for_a_person():
    action = ExecuteNow(REBOOT, None, "reboot", "key", 25)
    assert isinstance(verdict(action, Evidence(DEADLINE + SECOND, ObservedDevice(METER))), NeedsOperator)


def test_the_queueing_of_these_tests_waits_a_minute():
    assert timedelta(seconds=QUEUEING.valid_after_s) == DEADLINE - AT


def test_withdrawn_command_with_the_same_expiry_is_not_the_one_in_doubt():
    """A run that died withdrew the older write and queued the newer one within one second."""
    older = ObservedCommand("older", "write", DeliveryState.CANCELLED, EXPIRY)
    newer = ObservedCommand("newer", "write", DeliveryState.QUEUED, EXPIRY)
    assert verdict(queue_write(), Evidence(AT, commands=[older, newer])) == Landed(Accepted(command_uuid="newer"))
    assert verdict(queue_write(), Evidence(AT, commands=[older])) == Undecided(LAST)
    assert verdict(queue_write(), Evidence(LAST + SECOND, commands=[older])) == NotLanded()
