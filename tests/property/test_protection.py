"""No plan sends to what can strand a device unless a line of a manifest allows it, whatever the fleet and its past.

Which paths are protected is told here once more, in other words than the program's, so that a hole there shows.
"""

import re
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.actions import CancelQueued, QueueWrite, WriteNow, touched
from reconcile.model.desired import (
    Command,
    Delivery,
    DeliveryMode,
    DesiredDocument,
    DesiredResource,
    OnRemoval,
    Ownership,
    WriteMode,
)
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice, Safety
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.protection import Allowance, Pattern, Protected
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.platforms import registry
from reconcile.testing.fleets import NOON, Truths, plan_of

DIALECTS = {"onenet-prod": registry.find("onenet").dialect, "aliyun-prod": registry.find("aliyun").dialect}
STRANDING = re.compile(r"/(0|2|5|8|9|10|11|12|13|21)/\d+/\d+|/1/\d+/(0|1|4|5|7|9|10|1[3-9]|2[0-3])|/3/\d+/5")
PATHS = ["/3303/0/5603", "/1/0/2", "/1/0/1", "/1/1/7", "/11/0/1", "/0/0/0", "/13/0/0", "/2/0/2", "/5/0/1"]
RUNS = ["/3/0/4", "/3/0/5", "/1/0/4", "/1/0/8", "/5/0/2"]
NAMES = ["Light", "Server", "Energy:period"]
METERS = [DeviceRef("onenet-prod", f"meter-{n}") for n in range(3)]
LAMP = DeviceRef("aliyun-prod", "lamp")

resources = st.builds(
    lambda path, value, mode, rule: DesiredResource(path, value, ownership=mode, on_removal=rule),
    st.sampled_from(PATHS),
    st.integers(0, 2),
    st.sampled_from([Ownership.ENFORCE, Ownership.ENFORCE, *Ownership]),
    st.sampled_from([OnRemoval(), OnRemoval("set", 0)]),
)
deliveries = st.builds(
    lambda mode, write: Delivery(mode=mode, write_mode=write),
    st.sampled_from(DeliveryMode),
    st.sampled_from([WriteMode.UPDATE, WriteMode.UPDATE, WriteMode.REPLACE]),
)
runs = st.lists(
    st.builds(lambda path: Command(path, path, trigger="1"), st.sampled_from(RUNS)),
    max_size=2,
    unique_by=lambda c: c.name,
)
meters = st.builds(
    lambda found, commands, delivery: DesiredDocument.build(tuple(found), tuple(commands), delivery),
    st.lists(resources, max_size=5, unique_by=lambda r: r.path),
    runs,
    deliveries,
)
lamps = st.dictionaries(st.sampled_from(NAMES), st.none() | st.integers(0, 2)).map(
    lambda found: DesiredDocument.build(tuple(DesiredResource(*each) for each in found.items()), (), Delivery())
)
rows = st.dictionaries(
    st.sampled_from(PATHS),
    st.builds(
        lambda value, delivery, rule: (value, delivery, rule),
        st.integers(0, 2),
        st.sampled_from([DeliveryState.CONFIRMED, DeliveryState.QUEUED, DeliveryState.EXPIRED, DeliveryState.FAILED]),
        st.sampled_from([OnRemoval(), OnRemoval("set", 0)]),
    ),
)
lines = st.lists(st.sampled_from(["/1/*/1", "/11", "/3/*/5", "/3303", "/1", "Server"]), max_size=2, unique=True)


def device(ref):
    names = {"productKey": "p", "deviceName": "lamp"} if ref is LAMP else {"imei": f"86000000000000{ref.name[-1]}"}
    return Device(ref, Identity.of(**names), {})


def record(ref, held):
    found = {
        path: RecordedResource(
            path, value, None, delivery, NOON - timedelta(hours=1), confirmed=value, on_removal=rule,
            command_uuid=f"u{path}" if delivery is DeliveryState.QUEUED else None, expires_at=NOON + timedelta(days=1),
        )
        for path, (value, delivery, rule) in held.items()
    }  # fmt: skip
    return RecordedDevice(ref, device(ref).identity, digest="another", resources=found)


@settings(max_examples=150, deadline=None)
@given(
    documents=st.tuples(meters, meters, meters),
    lamp=lamps,
    held=st.tuples(rows, rows, rows),
    seen=st.dictionaries(st.sampled_from(PATHS), st.integers(0, 2)),
    allowed=lines,
    may_replace=st.booleans(),
)
def test_nothing_protected_is_sent_without_a_line(documents, lamp, held, seen, allowed, may_replace):
    until = NOON + timedelta(days=9)
    allowances = [Allowance("resource", "why", until, Pattern(text)) for text in allowed]
    allowances += [Allowance("replace", "why", until, Pattern("/3303"))] * may_replace
    plan = plan_of(
        Truths(
            [*(DesiredDevice(device(ref), document) for ref, document in zip(METERS, documents, strict=True)),
             DesiredDevice(device(LAMP), lamp)],
            DIALECTS,
            recorded=[record(ref, each) for ref, each in zip(METERS, held, strict=True)],
            observed={
                METERS[0]: ObservedDevice(
                    METERS[0], {path: ObservedResource(reported=value) for path, value in seen.items()}
                )
            },
            safety=Safety(protected=(Protected(Pattern("Server"), "mine"),), allowances=tuple(allowances)),
        )
    )  # fmt: skip
    blocked = {notice.device for notice in plan.blocked}
    told = {one.resource for one in plan.protected}
    for step in plan.steps():
        actions = [action for action in (step.action, step.otherwise) if action is not None]
        for action in actions:
            if isinstance(action, CancelQueued):
                continue
            assert step.device not in blocked
            if isinstance(action, WriteNow | QueueWrite) and action.write_mode is WriteMode.REPLACE:
                assert may_replace
                assert action.instance == "/3303/0"
                assert action.instance in told
            for path in touched(action):
                if STRANDING.fullmatch(path) or path == "Server":
                    assert any(Pattern(text).matches(path) for text in allowed), path
                    assert path in told
    assert {step.device for step in plan.steps()}.isdisjoint(blocked)
    assert all(STRANDING.fullmatch(path) or path in ("Server", "/3303/0") for path in told)
