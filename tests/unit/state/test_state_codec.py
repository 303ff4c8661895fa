"""Recorded facts survive the trip to JSON and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.desired import RELEASE, OnRemoval
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.drift import DriftHistory, DriftRound
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt
from reconcile.model.recorded import CONFIRMATIONS, DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.rollout import RolloutMark
from reconcile.model.values import ABSENT, UNKNOWN, canonical
from reconcile.model.wakes import Spent
from reconcile.state.codec import (
    attempt_json,
    device_json,
    entry_json,
    loads,
    read_attempt,
    read_device,
    read_entry,
    stored_json,
)
from reconcile.state.codec_times import read_time, write_time
from reconcile.testing.builders import AT, recorded, resource

texts = st.text(st.characters(), max_size=8)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
objects = st.dictionaries(texts, values, max_size=3)
zones = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=3, minutes=30))])
times = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1), timezones=zones)  # noqa: DTZ001
counts = st.integers(min_value=0, max_value=2**63)
removals = st.sampled_from([RELEASE, OnRemoval("clear")]) | st.builds(
    OnRemoval, st.just("set"), values, st.none() | texts
)
identities = st.dictionaries(st.sampled_from(["imei", "productKey", "deviceName", "iotId"]), names).map(
    lambda fields: Identity.of(**fields)
)
refs = st.builds(DeviceRef, names.filter(lambda name: "/" not in name), names)


def maybe(strategy):
    return st.none() | strategy


resources = st.builds(
    RecordedResource,
    texts,
    values,
    maybe(texts),
    st.sampled_from(DeliveryState),
    times,
    version=maybe(counts),
    command_uuid=maybe(texts),
    expires_at=maybe(times),
    confirmed=values | st.sampled_from([ABSENT, UNKNOWN]),
    confirmed_at=maybe(times),
    confirmed_by=maybe(st.sampled_from(CONFIRMATIONS)),
    on_removal=removals,
    retries=counts,
    cloud_at=maybe(times),
    gave_way=values | st.just(ABSENT),
    has_stray=st.booleans(),
)
runs = st.builds(
    RecordedRun,
    texts,
    texts,
    st.sampled_from(DeliveryState),
    times,
    command_uuid=maybe(texts),
    expires_at=maybe(times),
    is_owed=st.booleans(),
    past=st.lists(texts, max_size=2).map(tuple),
    retries=counts,
    confirmed_at=maybe(times),
)
histories = st.builds(
    DriftHistory,
    values,
    st.lists(st.builds(DriftRound, times, values | st.just(ABSENT)), min_size=1, max_size=2).map(tuple),
    counts,
)
marks = st.builds(RolloutMark, texts, texts, counts, texts, times, st.booleans(), st.booleans())
devices = st.builds(
    RecordedDevice,
    refs,
    identities,
    digest=maybe(texts),
    resources=st.lists(resources, max_size=2).map(lambda found: {one.path: one for one in found})
    | st.dictionaries(texts, resources, max_size=1),
    runs=st.dictionaries(texts, runs, max_size=2),
    last_uplink=maybe(times),
    unreachable_at=maybe(times),
    silences_s=st.lists(counts, max_size=3).map(tuple),
    spent=maybe(st.builds(Spent, times, counts, counts, maybe(times))),
    drifts=st.dictionaries(texts, histories, max_size=2),
    looked_at=maybe(times),
    look_failed_at=maybe(times),
    registered=maybe(texts),
    reset_at=maybe(times),
    ends=maybe(texts),
    asked_at=maybe(times),
    rollout=maybe(marks),
)
entries = st.builds(
    JournalEntry,
    intent=texts,
    plan=texts,
    step=texts,
    lane=texts,
    fence=counts,
    device=refs,
    operation=texts,
    target=texts,
    attempt=counts,
    state=st.sampled_from(AttemptState),
    at=times,
    body_digest=texts,
    precondition=objects,
    deadline=maybe(times),
    marker=maybe(times),
    evidence=objects,
)


def through_bytes(body):
    return loads(canonical(body))


def exactly(value):
    """`1`, `1.0` and `True` are equal to Python and not to us."""
    return repr(value)


@given(devices)
def test_recorded_device_round_trips(device):
    assert read_device(through_bytes(stored_json(device))) == device
    back = read_device(through_bytes(device_json(device)))
    assert back == device
    assert canonical(device_json(back)) == canonical(device_json(device))
    assert back.fingerprint() == device.fingerprint()


@given(entries)
def test_journal_entry_round_trips_to_the_same_bytes(entry):
    back = read_entry(through_bytes(entry_json(entry)))
    assert back == entry
    assert canonical(entry_json(back)) == canonical(entry_json(entry))


@given(entries, objects, objects)
@settings(max_examples=30)
def test_open_attempt_round_trips(entry, step, device):
    attempt = OpenAttempt(entry, step, device)
    assert read_attempt(through_bytes(attempt_json(attempt))) == attempt


@given(values)
def test_values_keep_their_type(value):
    (back,) = read_device(through_bytes(device_json(recorded("a", resource("/1/0/1", value))))).resources.values()
    if not isinstance(value, dict | list):
        assert exactly(back.value) == exactly(value)
    assert canonical(back.value) == canonical(value)


@pytest.mark.parametrize("confirmed", [ABSENT, UNKNOWN, None, "absent", {}, 0, False])
def test_absent_unknown_and_null_are_told_apart(confirmed):
    (back,) = read_device(through_bytes(device_json(recorded("a", resource(confirmed=confirmed))))).resources.values()
    assert back.confirmed is confirmed or exactly(back.confirmed) == exactly(confirmed)


@given(times, times)
def test_text_of_times_sorts_as_the_times_do(left, right):
    assert (write_time(left) < write_time(right)) == (left < right)


def test_time_is_rfc_3339_in_utc_with_microseconds():
    beijing = datetime(2026, 11, 22, 16, 0, tzinfo=timezone(timedelta(hours=8)))
    assert write_time(beijing) == "2026-11-22T08:00:00.000000Z"
    assert read_time("2026-11-22T08:00:00.000000Z") == beijing


def test_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        write_time(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a zone"):
        read_time("2026-01-01T00:00:00")


def test_device_is_compact_and_readable():
    device = recorded("meter-0001", resource("/3303/0/5603", None, version=4), digest="d1")
    assert json.loads(canonical(device_json(device))) == {
        "device": "onenet-prod/meter-0001",
        "digest": "d1",
        "identity": {"imei": "860000000000001"},
        "resources": {
            "/3303/0/5603": {"accepted_at": write_time(AT), "delivery": "accepted", "value": None, "version": 4}
        },
    }


@pytest.mark.parametrize("body", [b"[]", b"1", b"", b"{", b"\xff"])
def test_bytes_that_are_not_an_object_are_a_value_error(body):
    with pytest.raises(ValueError):  # noqa: PT011
        loads(body)
