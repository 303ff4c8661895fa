"""A row of a recorded device says once what its resources share, and nothing is lost by it."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import ABSENT, UNKNOWN, canonical
from reconcile.state.checksum import checked
from reconcile.state.codec import device_json, exported, loads, read_device, stored_json
from reconcile.state.rows import summed_row
from reconcile.testing.builders import AT, recorded, resource

LATER = AT + timedelta(seconds=1)
AWKWARD = st.sampled_from([0, 0.0, -0.0, 1, 1.0, True, False, None, "1", [1], [1.0], [True], {"a": 1}, {"a": 1.0}])
CHANGES = {
    "value": AWKWARD,
    "value_type": st.sampled_from([None, "int", "float"]),
    "delivery": st.sampled_from([DeliveryState.ACCEPTED, DeliveryState.QUEUED]),
    "accepted_at": st.sampled_from([AT, LATER]),
    "version": st.sampled_from([None, 0, 1]),
    "command_uuid": st.sampled_from([None, "u"]),
    "expires_at": st.sampled_from([None, LATER]),
    "confirmed": AWKWARD | st.sampled_from([ABSENT, UNKNOWN]),
    "confirmed_at": st.sampled_from([None, AT, LATER]),
    "confirmed_by": st.sampled_from([None, "report"]),
    "is_leaving": st.booleans(),
    "retries": st.sampled_from([0, 2]),
    "cloud_at": st.sampled_from([None, AT]),
    "gave_way": st.sampled_from([ABSENT, None, 1, True]),
    "has_stray": st.booleans(),
}


@st.composite
def _devices(draw):
    """Resources that differ in a few of their members, so that some lie together and some do not."""
    names = draw(st.lists(st.sampled_from(sorted(CHANGES)), max_size=3, unique=True))
    held = draw(st.booleans())
    found = {}
    for path in draw(st.lists(st.sampled_from("abcdef"), unique=True)):
        one = RecordedResource(path, draw(AWKWARD), None, DeliveryState.ACCEPTED, AT, version=1)
        one = replace(one, confirmed=one.value if held else ABSENT, confirmed_at=AT if held else None)
        found[path] = replace(one, **{name: draw(CHANGES[name]) for name in names})
    if found and draw(st.booleans()):
        found["another"] = found.pop(min(found))
    return replace(recorded("meter"), resources=found)


def _through_row(device: RecordedDevice):
    *_, body = summed_row(device)
    return loads(checked(body))


@given(_devices())
@settings(max_examples=300)
def test_a_row_is_the_record(device):
    body = _through_row(device)
    assert read_device(body) == device
    assert canonical(device_json(read_device(body))) == canonical(exported(body)) == canonical(device_json(device))
    assert list(read_device(body).resources) == sorted(device.resources)


@given(_devices())
def test_a_row_of_before_is_the_record_and_is_exported_as_it_is(device):
    old = loads(canonical(device_json(device)))
    assert read_device(old) == device
    assert exported(old) == old


def test_ten_confirmed_resources_take_less_than_a_kilobyte():
    found = {}
    for number in range(10):
        one = resource(f"/3338/{number}/5850", number / 4, version=None)
        found[one.path] = replace(one, confirmed=one.value, confirmed_at=one.accepted_at, confirmed_by="answer")
    device = replace(recorded("meter-0001", digest="d" * 32), resources=found)
    assert stored_json(device)["alike"] == [
        {
            "accepted_at": "2026-11-22T08:00:00.123456Z",
            "confirmed_by": "answer",
            "delivery": "accepted",
            "holds": True,
            "paths": [f"/3338/{number}/5850" for number in range(10)],
            "values": [number / 4 for number in range(10)],
        }
    ]
    assert len(summed_row(device)[-1]) < 700 < 1900 < len(canonical(device_json(device)))
