"""What a device with a budget is asked to take is counted once, where it costs a session."""

from dataclasses import replace
from datetime import timedelta

import pytest
from apply_fakes import ALARM, IDENTITY, METER, planned, queue_execute, queue_write, set_desired, write_now

from reconcile.apply import fold, metering
from reconcile.model.actions import CancelQueued, ClearDesired
from reconcile.model.energy import payload_bytes
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.model.wakes import Spent
from reconcile.ports import Accepted, Stamp
from reconcile.testing.builders import AT, resource

STAMP = Stamp(AT, expires_at=AT + timedelta(days=3))
BARE = RecordedDevice(METER, IDENTITY)


def after(record, *actions, minutes=0, is_metered=True):
    for number, action in enumerate(actions):
        work = planned(action, is_metered=is_metered)
        now = AT + timedelta(minutes=minutes, seconds=number)
        record = metering.accept(record, work, action, Accepted({"Brightness": 5}, f"u{minutes}.{number}"), STAMP, now)
    return record


def test_without_a_budget_it_is_the_plain_fold():
    for action in (queue_write(), write_now(), set_desired(), queue_execute()):
        work = planned(action)
        accepted = Accepted({"Brightness": 5}, "u1")
        plain = fold.accept(BARE, work, action, accepted, STAMP, AT)
        assert metering.accept(BARE, work, action, accepted, STAMP, AT) == plain
        assert plain.spent is None


def test_what_waits_together_is_one_session_and_every_byte_counts():
    writes = [queue_write(), queue_write(7.5, ALARM), queue_execute()]
    spent = after(BARE, *writes).spent
    assert (spent.since, spent.wakeups) == (AT, 1)
    assert spent.payload_bytes == sum(map(payload_bytes, writes)) > 0


def test_what_is_queued_hours_later_still_joins_what_waits():
    record = after(after(BARE, queue_write()), queue_write(7.5, ALARM), minutes=300)
    assert record.spent.wakeups == 1


def test_what_is_queued_after_the_delivery_is_another_session():
    record = after(BARE, queue_write())
    delivered = replace(record, resources={})
    assert after(delivered, queue_write(7.5, ALARM), minutes=300).spent.wakeups == 2


def test_what_takes_the_place_of_a_withdrawn_command_joins_the_session_counted_for_it():
    record = after(BARE, queue_write())
    cancel = CancelQueued("u0.0", ("/3303/0/5603",))
    assert after(record, cancel, queue_write(1.0), minutes=300).spent.wakeups == 1


def test_instant_calls_of_one_minute_are_one_session():
    record = after(BARE, write_now(), write_now())
    assert record.spent.wakeups == 1
    assert after(record, write_now(), minutes=2).spent.wakeups == 2


def test_a_desired_value_joins_one_that_the_device_did_not_fetch_yet():
    record = after(BARE, set_desired())
    assert after(record, set_desired(61, 5), minutes=300).spent.wakeups == 1
    confirmed = {path: replace(r, delivery=DeliveryState.CONFIRMED) for path, r in record.resources.items()}
    assert after(replace(record, resources=confirmed), set_desired(61, 5), minutes=300).spent.wakeups == 2


@pytest.mark.parametrize("action", [CancelQueued("u1", ()), ClearDesired(("Brightness",))])
def test_what_no_device_has_to_take_costs_nothing(action):
    assert after(replace(BARE, resources={"Brightness": resource("Brightness", 1)}), action).spent is None


def test_a_day_after_its_first_session_the_budget_is_whole_again():
    record = replace(BARE, spent=Spent(AT - timedelta(days=1), 9, 900, AT - timedelta(hours=1)))
    spent = after(record, queue_write()).spent
    assert (spent.since, spent.wakeups) == (AT, 1)
