"""The screen: a settled device costs one comparison, everything else is looked at."""

from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource
from reconcile.model.device import DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.recorded import RecordedHead
from reconcile.planner.classes import classify
from reconcile.planner.screen import screen
from reconcile.testing.builders import PLATFORM, device

DOCUMENT = DesiredDocument.build((DesiredResource("/1/0/0", 1),), (), Delivery())


def declared(*names):
    return [DesiredDevice(device(name), DOCUMENT) for name in names]


def head(name, digest=DOCUMENT.digest, *, is_waiting=False, identity=None):
    return RecordedHead(DeviceRef(PLATFORM, name), identity or str(device(name).identity), digest, is_waiting)


def names(devices):
    return [entry.device.ref.name for entry in devices]


def screened(*, keeps_settled=False):
    devices = declared("m1", "m2", "m3", "m4", "m5", "m7")
    heads = [
        head("m0"),
        head("m1"),
        head("m2", "another"),
        head("m3", is_waiting=True),
        head("m4", None),
        head("m5", identity="imei=1"),
        head("m6"),
        head("m8"),
    ]
    return screen(devices, heads, keeps_settled=keeps_settled)


def test_every_device_is_sorted_once():
    found = screened()
    assert (found.settled, found.managed) == (1, 4)
    assert names(found.changed) == ["m2", "m4", "m5", "m7"]
    assert names(found.waiting) == ["m3"]
    assert [ref.name for ref in found.gone] == ["m0", "m6", "m8"]
    assert names(found.to_examine()) == ["m2", "m3", "m4", "m5", "m7"]


def test_refresh_of_all_keeps_the_settled_ones():
    found = screened(keeps_settled=True)
    assert (found.settled, names(found.resting)) == (0, ["m1"])
    assert names(found.to_examine()) == ["m1", "m2", "m3", "m4", "m5", "m7"]


def test_nothing_declared_and_nothing_recorded():
    assert screen([], [], keeps_settled=False).to_examine() == []
    assert names(screen(declared("m1"), [], keeps_settled=False).changed) == ["m1"]


def test_device_without_changes_has_no_class():
    assert classify([(DeviceRef(PLATFORM, "m1"), ())]) == ([], [""])
