"""Rows read one after the other, of devices that hold alike, are the records that each of them is by itself."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.recorded import DeliveryState, RecordedResource, RecordedRun
from reconcile.model.shared_resources import SharedResources
from reconcile.model.values import ABSENT, UNKNOWN, canonical
from reconcile.state.codec import device_json, loads, read_device, stored_json
from reconcile.state.codec_shared import RowReader
from reconcile.testing.builders import AT, recorded

TIME = "2026-11-22T08:00:00.123456Z"
HOSTILE = (
    1,
    1.0,
    True,
    None,
    "pole",
    'a],"device":"onenet-prod/meter"',
    f'accepted_at":"{TIME}',
    TIME,
    {"accepted_at": TIME},
    {"a": [1], "device": TIME},
    {"confirmed_at": TIME, "device": [{"alike": []}]},
    ["\ud800", "\u2028", "\\"],
)
VALUES = st.sampled_from(HOSTILE)
TIMES = st.sampled_from([AT, AT + timedelta(microseconds=1), AT + timedelta(days=1)])


@st.composite
def _resources(draw):
    """Most of them written together."""
    written, found = draw(TIMES), {}
    for path in draw(st.lists(st.sampled_from(["/1/0/1", "/3/0/2", "Level", "Mode", '"odd",']), unique=True)):
        value = draw(VALUES)
        found[path] = RecordedResource(
            path,
            value,
            draw(st.sampled_from([None, "float"])),
            draw(st.sampled_from([DeliveryState.ACCEPTED, DeliveryState.QUEUED])),
            draw(TIMES) if draw(st.integers(0, 5)) == 0 else written,
            version=draw(st.sampled_from([None, 3])),
            expires_at=draw(st.sampled_from([None, AT])),
            confirmed=draw(st.sampled_from([value, value, ABSENT, UNKNOWN, 7])),
            confirmed_at=draw(st.sampled_from([None, written, AT])),
            cloud_at=draw(st.sampled_from([None, AT])),
            gave_way=draw(st.sampled_from([ABSENT, ABSENT, 1])),
        )
    return found


def _later(one, by):
    """The same at other times."""
    moved = {
        name: at + by
        for name in ("accepted_at", "confirmed_at", "expires_at", "cloud_at")
        if (at := getattr(one, name))
    }
    return replace(one, **moved)


@given(st.lists(_resources(), min_size=1, max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_rows_of_devices_that_hold_alike_are_their_records(some, dice):
    reader = RowReader()
    for number in range(6):
        by = timedelta(seconds=dice.randrange(3))
        resources = {path: _later(one, by) for path, one in dice.choice(some).items()}
        device = replace(recorded(f"meter-{number}", digest="d" * 32), resources=resources, last_uplink=AT)
        row = canonical(stored_json(device))
        read, plain = reader.read(row), read_device(loads(row))
        assert read.fingerprint() == plain.fingerprint() == device.fingerprint()
        assert {path: replace(one, **TIMELESS) for path, one in read.timeless.items()} == {
            path: replace(one, **TIMELESS) for path, one in plain.resources.items()
        }
        assert read.is_waiting == plain.is_waiting
        assert list(read.resources) == list(plain.resources)
        assert read == plain == device
        assert canonical(device_json(read)) == canonical(device_json(device))


TIMELESS = {"accepted_at": AT, "confirmed_at": None, "expires_at": None, "cloud_at": None}


def _row(number, value=1, **fields):
    """Of a device whose two resources were written in one request."""
    at = AT + timedelta(seconds=number)
    found = {
        path: RecordedResource(path, value, None, DeliveryState.CONFIRMED, at, confirmed=value, confirmed_at=at)
        for path in ("/1/0/1", "/3/0/2")
    }
    return canonical(stored_json(replace(recorded(f"meter-{number}"), resources=found, **fields)))


def test_devices_that_differ_in_times_share_one_form_and_have_their_own_times():
    reader = RowReader()
    first, second, third = (reader.read(row) for row in (_row(1), _row(2), _row(3, value=2)))
    assert first.resources.form is second.resources.form is not third.resources.form
    assert first.timeless is second.timeless
    assert second.resources["/1/0/1"].confirmed_at == AT + timedelta(seconds=2)
    assert first.fingerprint() != second.fingerprint() != third.fingerprint()


def test_of_ever_other_devices_no_more_forms_are_kept_than_pay():
    reader = RowReader()
    kept = [reader.read(_row(number, value=number)) for number in range(4100)]
    assert isinstance(kept[0].resources, SharedResources)
    assert not isinstance(kept[-1].resources, SharedResources)
    assert [one.resources["/1/0/1"].value for one in kept] == list(range(4100))


def test_what_stands_behind_the_groups_is_read_with_them():
    runs = {"reboot": RecordedRun("reboot", "trigger:a", DeliveryState.QUEUED, AT, "u-9")}
    reader = RowReader()
    devices = [reader.read(_row(1, runs=runs, looked_at=AT, silences_s=(30, 40))), reader.read(_row(1))]
    assert [(one.runs, one.silences_s, one.is_waiting) for one in devices] == [(runs, (30, 40), True), ({}, (), False)]


@pytest.mark.parametrize(
    "harm",
    [
        (b"T08:00:01", b"T28:00:01"),
        (b'"confirmed"', b'"conjured"'),
        (b'"values":[1,1]', b'"values":[1]'),
        (b'"device":"', b'"dvice":"'),
        (b'"identity":{', b'"identity":['),
        (b'{"alike":[{', b'{"alike":[[{'),
        (b'"paths"', b'"pths"'),
    ],
)
def test_damage_is_told_when_the_row_is_read(harm):
    reader = RowReader()
    reader.read(_row(1))
    damaged = _row(1).replace(*harm)
    assert damaged != _row(1)
    for _ in range(2):
        with pytest.raises((KeyError, TypeError, ValueError, AttributeError)) as told:
            read_device(loads(damaged))
        with pytest.raises(told.type):
            reader.read(damaged)


def test_a_spelling_has_the_time_of_each_in_its_place():
    dice, reader = random.Random(7), RowReader()
    for _ in range(200):
        times = [AT + timedelta(seconds=dice.randrange(3)) for _ in range(4)]
        found = {
            path: RecordedResource(path, 1, None, DeliveryState.CONFIRMED, at, version=2)
            for path, at in zip(("/1/0/1", "/3/0/2", "A", "B"), times, strict=True)
        }
        device = replace(recorded("meter"), resources=found)
        assert reader.read(canonical(stored_json(device))).fingerprint() == device.fingerprint()
