"""Presence of fifty devices a call; a device that no batch tells of stays unknown and is not asked again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from aliyun_cloud import Cloud

from reconcile.model.device import Identity
from reconcile.model.errors import Refused
from reconcile.model.values import UNKNOWN
from reconcile.platforms.aliyun.ahead import Notes, Presence
from reconcile.platforms.aliyun.directory.asking import Asking

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
BEGAN_MS = 1795334400000  # 2026-11-22T08:00Z


async def no_pause(_pause_s):
    pass


def lamp(number, product="a1ONE"):
    return Identity.of(productKey=product, deviceName=f"d{number:05}")


def noted(cloud, identities):
    async def run():
        notes = Notes(Asking(cloud, no_pause), lambda: NOW)
        await notes.take(identities)
        return [notes.use(identity) for identity in identities]

    return asyncio.run(run())


def cloud_of(**rows):
    """A cloud that answers with these states by name or IotId; what they leave out is left out."""
    cloud = Cloud({})

    def states(query):
        asked = [value for name, value in query.items() if name.startswith(("DeviceName.", "IotId."))]
        return {"DeviceStatusList": {"DeviceStatus": [rows[name] for name in asked if name in rows]}}

    cloud.operations["BatchGetDeviceState"] = states
    return cloud


def row(name, status, iot_id="i1"):
    return {"DeviceName": name, "IotId": iot_id, "Status": status, "Timestamp": BEGAN_MS}


def test_a_hundred_and_one_devices_of_a_product_are_three_calls_and_another_product_is_one_more():
    cloud = Cloud({"a1ONE": [f"d{n:05}" for n in range(101)], "a1TWO": ["d00000"]})
    seen = noted(cloud, [*(lamp(n) for n in range(101)), lamp(0, "a1TWO")])
    assert len(cloud.calls) == 4
    assert {one.is_online for one in seen} == {False}


def test_a_connection_is_a_sign_of_life_now_and_its_end_was_one_then():
    rows = {
        "d00001": row("d00001", "ONLINE"),
        "d00002": row("d00002", "OFFLINE", "i2"),
        "d00003": row("d00003", "UNACTIVE"),
    }
    on, off, never = noted(cloud_of(**rows), [lamp(1), lamp(2), lamp(3)])
    assert on == Presence(True, NOW, "iotId:i1")
    assert off == Presence(False, datetime(2026, 11, 22, 8, tzinfo=UTC), "iotId:i2")
    assert (never.is_online, never.at) == (False, None)


def test_what_is_left_out_or_not_documented_or_refused_is_unknown():
    cloud = cloud_of(d00002=row("d00002", "DREAMING"))
    assert noted(cloud, [lamp(1), lamp(2)]) == [Presence(), Presence()]
    assert Presence().is_online is UNKNOWN

    def refuse(_query):
        raise Refused("no", vendor_code="Forbidden.RAM")

    cloud.operations["BatchGetDeviceState"] = refuse
    assert noted(cloud, [lamp(1)]) == [Presence()]


def test_devices_named_by_iot_id_are_asked_together_and_each_note_is_used_once():
    cloud = cloud_of(x1=row("d1", "ONLINE", "x1"), x2=row("d2", "ONLINE", "x2"))

    async def run():
        notes = Notes(Asking(cloud, no_pause), lambda: NOW)
        identity = Identity.of(iotId="x1")
        await notes.take([identity, Identity.of(iotId="x2")])
        return notes.use(identity), notes.use(identity)

    first, again = asyncio.run(run())
    assert first is not None
    assert first.registered == "iotId:x1"
    assert again is None
    (call,) = cloud.calls
    assert call.query == {"IotId.1": "x1", "IotId.2": "x2"}
