"""Recorded, observed and desired devices for the report's tests."""

from __future__ import annotations

from datetime import timedelta

from report_plans import AT, lamp, meter

from reconcile.model.desired import Command, Delivery, DesiredDocument, DesiredResource, Layer, Ownership
from reconcile.model.device import Device, Identity
from reconcile.model.diagnostic import Span
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.values import UNKNOWN

IMEI = Identity.of(imei="860000000000001")


def recorded_meter() -> RecordedDevice:
    queued = RecordedResource(
        "/3303/0/5603",
        -10.0,
        None,
        DeliveryState.QUEUED,
        AT - timedelta(minutes=3),
        command_uuid="5e1f0a2c-7b1d-4a38-9a4e-0c6f5d1b2e33",
        expires_at=AT + timedelta(days=2, hours=23),
        confirmed=-20.0,
        confirmed_at=AT - timedelta(days=5),
    )
    lost = RecordedResource(
        "/3303/0/5604",
        60.0,
        None,
        DeliveryState.EXPIRED,
        AT - timedelta(days=4),
        command_uuid="77aa",
        expires_at=AT - timedelta(days=1),
    )
    run = RecordedRun(
        "reboot", "trigger:2026-11", DeliveryState.SENT, AT - timedelta(hours=5), "u-2", AT + timedelta(hours=19)
    )
    return RecordedDevice(
        meter(1),
        IMEI,
        None,
        {item.path: item for item in (queued, lost)},
        {"reboot": run},
        last_uplink=AT - timedelta(hours=26),
    )


def recorded_lamp() -> RecordedDevice:
    brightness = RecordedResource(
        "Brightness", 60, None, DeliveryState.CONFIRMED, AT - timedelta(seconds=20), 4, confirmed=60, confirmed_at=AT
    )
    leaving = RecordedResource("Fade", None, None, DeliveryState.ACCEPTED, AT - timedelta(hours=1), 1, is_leaving=True)
    identity = Identity.of(productKey="a1B2c3D4e5F", deviceName="lamp-17")
    return RecordedDevice(lamp(17), identity, "ab", {item.path: item for item in (brightness, leaving)})


def desired_meter() -> DesiredDevice:
    base = Layer("profile meters-base (priority 10)", Span("manifests/profiles/meters.yaml", 12, 7), -20.0)
    own = Layer("device meter-0001", Span("manifests/devices/meter-0001.yaml", 9, 5), -10.0)
    seed = Layer(
        "profile meters-base (priority 10)", Span("manifests/profiles/meters.yaml", 15, 7), 60.0, Ownership.SEED
    )
    resources = (
        DesiredResource("/3303/0/5603", -10.0, layers=(base, own)),
        DesiredResource("/3303/0/5604", 60.0, ownership=Ownership.SEED, layers=(seed,)),
        DesiredResource("/3303/0/5605", 1, layers=(base,)),
    )
    where = Span("manifests/profiles/meters.yaml", 30, 3)
    commands = (
        Command("reboot", "/3/0/4", None, ("/3303/0/5603", "/3303/0/5604"), span=where),
        Command("sync", "/3/0/6", "now", trigger="2026-11", span=where),
    )
    device = Device(meter(1), IMEI, {"site": "north", "type": "meter"}, Span("manifests/inventories/meters.csv", 2))
    return DesiredDevice(device, DesiredDocument.build(resources, commands, Delivery()))


def observed_meter() -> ObservedDevice:
    seen = ObservedResource(-20.0, 4, AT, -20.0, AT - timedelta(hours=26))
    return ObservedDevice(meter(1), {"/3303/0/5603": seen, "/3303/0/5604": ObservedResource(UNKNOWN, None)})


SENTENCES = {
    "/3303/0/5603": "Nothing is sent: this value waits in a queued command until the device's next uplink.",
    "/3303/0/5604": "retry 1 of 5: the queued write expired",
    "reboot": "It runs after its resources change; they have not.",
}
