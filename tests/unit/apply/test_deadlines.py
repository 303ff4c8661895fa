"""Deadlines make a lost answer decidable: whole seconds of the server's clock, never early, unique on a device."""

from datetime import UTC, datetime, timedelta

import pytest
from apply_fakes import ALARM, queue_execute, queue_write, set_desired, write_now
from hypothesis import given
from hypothesis import strategies as st

from reconcile.apply.deadlines import stamp, together
from reconcile.model.actions import CancelQueued
from reconcile.ports import Stamp

ODD = datetime(2026, 11, 22, 8, 0, 0, 1, tzinfo=UTC)
WHOLE = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)


def test_instant_write_carries_a_token_that_outlives_our_wait_by_five_seconds():
    assert stamp(write_now(), WHOLE, 35.0, ()) == Stamp(WHOLE, not_after=WHOLE + timedelta(seconds=40))
    assert stamp(write_now(), ODD, 35.0, ()).not_after == WHOLE + timedelta(seconds=41)


def test_queued_command_carries_the_last_moment_of_its_copies_and_its_expiry():
    for action in (queue_write(), queue_execute()):
        valid, expiry = WHOLE + timedelta(seconds=61), WHOLE + timedelta(seconds=3601)
        assert stamp(action, ODD, 15.0, ()) == Stamp(ODD, valid_from=valid, expires_at=expiry, not_after=valid)


def test_expiry_moves_on_until_no_other_command_of_the_device_has_it():
    taken = {WHOLE + timedelta(seconds=3600 + n) for n in (0, 1, 2, 4)}
    assert stamp(queue_write(), WHOLE, 15.0, taken).expires_at == WHOLE + timedelta(seconds=3603)


def test_calls_that_versions_or_uuids_guard_carry_no_deadline():
    for action in (set_desired(), CancelQueued("u1", ())):
        assert stamp(action, ODD, 15.0, ()) == Stamp(ODD)


@given(st.lists(st.integers(0, 3_000_000), min_size=2, max_size=30))
def test_expiries_of_one_device_are_unique_whole_seconds_and_never_early(offsets_us):
    taken = set()
    for offset in offsets_us:
        now = ODD + timedelta(microseconds=offset)
        found = stamp(queue_write(), now, 15.0, taken)
        assert found.expires_at not in taken
        assert found.expires_at.microsecond == found.valid_from.microsecond == 0
        assert found.expires_at >= now + timedelta(seconds=3600)
        assert timedelta(seconds=60) <= found.valid_from - now < timedelta(seconds=61)
        taken.add(found.expires_at)


@pytest.mark.parametrize(("later_s", "is_shared"), [(0, True), (30, True), (31, False), (90, False)])
def test_queued_steps_of_one_device_become_valid_together_while_half_of_the_time_is_left(later_s, is_shared):
    first = stamp(queue_write(), WHOLE, 30.0, set())
    own = stamp(queue_write(7.5, ALARM), WHOLE + timedelta(seconds=later_s), 30.0, {first.expires_at})
    shared = together(own, first.valid_from)
    assert (shared.valid_from == first.valid_from) == (is_shared or own.valid_from == first.valid_from)
    assert shared.not_after == shared.valid_from
    assert shared.expires_at == own.expires_at > shared.valid_from
    assert shared.valid_from > shared.server_now


def test_what_has_no_valid_time_shares_none():
    alone = stamp(write_now(), WHOLE, 30.0, set())
    assert together(alone, WHOLE + timedelta(seconds=60)) == alone
    assert together(stamp(queue_write(), WHOLE, 30.0, set()), None) == stamp(queue_write(), WHOLE, 30.0, set())
