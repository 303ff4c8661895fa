"""What a look tells of a device's uplinks is kept as the silences between them."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconcile.apply.follow import follow
from reconcile.model.observed import ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.recorded import DeliveryState
from reconcile.model.wakes import KEPT, SESSION_S, Heard
from reconcile.testing.builders import AT, recorded, resource

HOUR = timedelta(hours=1)


def after(record, now=AT, **seen):
    return follow(record, ObservedDevice(record.ref, **seen), lambda _path, left, right: left == right, now)


def test_the_first_uplink_tells_no_silence():
    record = after(recorded("m"), last_uplink=AT - HOUR)
    assert (record.last_uplink, record.silences_s) == (AT - HOUR, ())


def test_an_answered_command_and_a_reported_value_are_uplinks_too():
    command = ObservedCommand("u1", "write", DeliveryState.CONFIRMED, confirmed_at=AT - 2 * HOUR)
    value = ObservedResource(reported=-10.0, reported_at=AT - HOUR)
    record = recorded("m", resource(), last_uplink=AT - 5 * HOUR)
    record = after(record, queue=(command,), resources={"/3303/0/5603": value})
    assert (record.last_uplink, record.silences_s) == (AT - HOUR, (3 * 3600, 3600))


def test_uplinks_of_one_session_are_one():
    record = recorded("m", last_uplink=AT - HOUR)
    later = after(record, last_uplink=AT - HOUR + timedelta(seconds=SESSION_S - 1))
    assert later.silences_s == ()
    assert later.last_uplink == AT - HOUR + timedelta(seconds=SESSION_S - 1)


def test_an_older_uplink_changes_nothing_and_nobody_having_looked_neither():
    record = recorded("m", last_uplink=AT, silences_s=(60,))
    assert after(record, last_uplink=AT - HOUR) == record
    assert after(record) == record


def test_a_time_that_has_not_come_yet_is_not_believed():
    record = recorded("m", last_uplink=AT)
    assert after(record, last_uplink=AT + 8 * HOUR) == record


@given(st.lists(st.integers(0, 10**6), max_size=20), st.randoms())
def test_the_order_in_which_uplinks_are_told_does_not_matter_and_few_are_kept(seconds, shuffler):
    uplinks = [AT - timedelta(seconds=s) for s in seconds]
    shuffled = list(uplinks)
    shuffler.shuffle(shuffled)
    heard = Heard().and_then(uplinks, AT)
    assert heard == Heard().and_then(shuffled, AT)
    assert len(heard.silences_s) <= KEPT
    assert all(silence >= SESSION_S for silence in heard.silences_s)
    assert heard.and_then(uplinks, AT) == heard
