"""What is put together from shared parts is the canonical JSON of a device, byte for byte."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.actions import (
    CancelQueued,
    ClearDesired,
    ExecuteNow,
    QueueExecute,
    Queueing,
    QueueWrite,
    SetDesired,
    Write,
    WriteNow,
)
from reconcile.model.desired import OnRemoval, WriteMode
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.plan import Adoption, PlannedDevice, Step
from reconcile.model.plan_json import device_json
from reconcile.model.plan_spelling import Spelling
from reconcile.model.values import canonical

TEXT = st.sampled_from(["lamp", 'a"b', "\\", "\n\x00\x1f", "灯", "\u2028", "\ud800", "/3303/0/5603", "", "$x", "é\x7f"])
WRITES = st.tuples(st.builds(Write, st.just("/3303/0/5603"), TEXT | st.sampled_from([1, 1.0, True, {"b": 1, "a": []}])))
QUEUEING = st.builds(Queueing, st.just(0), st.integers(1, 9), st.just(3), st.just(("update",)))
MODES, SECONDS, ARGS = st.sampled_from(WriteMode), st.integers(5, 40), st.none() | TEXT
ACTIONS = st.one_of(
    st.builds(WriteNow, st.just("/3303/0"), WRITES, MODES, SECONDS),
    st.builds(QueueWrite, st.just("/3303/0"), WRITES, MODES, SECONDS, QUEUEING),
    st.builds(ExecuteNow, st.just("/3/0/4"), ARGS, TEXT, TEXT, SECONDS),
    st.builds(QueueExecute, st.just("/3/0/4"), ARGS, TEXT, TEXT, SECONDS, QUEUEING),
    st.builds(SetDesired, WRITES, st.lists(st.tuples(TEXT, st.integers(0, 3)), max_size=2).map(tuple)),
    st.builds(ClearDesired, st.tuples(TEXT)),
    st.builds(CancelQueued, TEXT, st.tuples(TEXT, TEXT)),
)
NAMES = st.lists(TEXT, max_size=2).map(tuple)
MORE = {
    "adoptions": (Adoption("/1/0/1", 3),),
    "releases": ("/1/0/1",),
    "withdrawn_runs": ("reboot",),
    "owed_runs": (("reboot", "trigger:a"),),
    "is_metered": True,
    "is_released": True,
    "on_removal": {"/1/0/1": OnRemoval("clear")},
    "retries": {"/1/0/1": 2},
}


@st.composite
def _devices(draw):
    """Many of them have no more than steps; the rest have one thing more."""
    ref, class_id = DeviceRef(draw(TEXT), draw(TEXT)), draw(TEXT)
    actions = draw(st.lists(ACTIONS, min_size=1, max_size=2))
    steps = [
        Step(
            f"s{number}",
            draw(st.sampled_from([ref, DeviceRef("a", "b")])),
            draw(st.sampled_from([class_id, "c9"])),
            draw(st.integers(1, 12)),
            draw(st.sampled_from(actions)),
            draw(NAMES),
            draw(NAMES),
            draw(st.none() | st.sampled_from(actions)),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    name = draw(st.sampled_from([None] * 4 + [*MORE]))
    identity = Identity.of(**draw(st.dictionaries(st.sampled_from(["imei", "productKey", "deviceName"]), TEXT)))
    more = {} if name is None else {name: MORE[name]}
    seen = {"delivery": draw(TEXT), "registered": draw(st.none() | TEXT)}
    return PlannedDevice(ref, identity, class_id, draw(TEXT), draw(st.none() | TEXT), tuple(steps), **more, **seen)


@given(st.lists(_devices(), max_size=4))
@settings(max_examples=300)
def test_a_device_is_spelled_as_its_json_is(devices):
    spelling = Spelling()
    for device in devices:
        assert spelling.device(device) == canonical(device_json(device))
        assert spelling.device(device, with_delivery=True) == canonical(device_json(device, with_delivery=True))
