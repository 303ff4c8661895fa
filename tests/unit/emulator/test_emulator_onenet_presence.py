"""Coming and going: what a device's lifetime and its own leave do, and what the platform pushes of them (type 2)."""

import pytest
from emulator_desk import AWAKE_METER, IMEI, LAMP, METER, SLEEPY_VALVE

UPLINK = f"/devices/onenet/{IMEI}/uplink"
START_MS = 1769817600000


def presence(d):
    return [(push["status"], push["at"] - START_MS) for push in d.control("GET", "/pushes") if push["type"] == 2]


def test_a_device_that_takes_its_leave_is_gone_until_it_registers(desk):
    """Offline at once, whatever its lifetime; what is queued waits, also through its usual times to speak."""
    d = desk(AWAKE_METER)
    gone = d.control("POST", UPLINK, {"kind": "deregister"})
    assert (gone["online"], gone["reachable"]) == (False, False)
    assert d.write((5603, 1.0))["errno"] == 2001
    d.queue((5603, 1.0))
    d.control("POST", UPLINK, {"kind": "notify"})
    d.advance(3600)
    assert d.device()["queue"][0]["state"] == "wait"
    assert d.onenet("GET", "/devices/getbyimei", {"imei": IMEI})["data"]["online"] is False
    back = d.control("POST", UPLINK, {"kind": "register"})
    assert (back["online"], back["queue"][0]["state"], back["values"]["/3303/0/5603"]) == (True, "delivered", 1.0)
    assert presence(d) == [(0, 0), (1, 3_600_000)]


@pytest.mark.parametrize(("answer", "late_ms"), [("60s", 60_000), ("0s", 0)])
def test_the_end_of_a_lifetime_is_pushed_once(desk, answer, late_ms):
    """When the platform notices."""
    d = desk(METER | {"sleep": {"kind": "off"}, "lifetime_s": 3600}, offline_shown_after=answer)
    d.advance(3599)
    assert presence(d) == []
    d.advance(3600)
    assert presence(d) == [(0, 3_600_000 + late_ms)]
    d.advance(3600)
    assert len(presence(d)) == 1


def test_a_device_that_comes_back_by_itself_is_pushed_too(desk):
    """It wakes every hour and is registered for half of it."""
    d = desk(METER | {"lifetime_s": 1700}, offline_shown_after="0s")
    d.advance(1750)
    assert [status for status, _ in presence(d)] == [0]
    d.advance(100)
    assert presence(d)[-1] == (1, 1_800_000)


def test_a_device_of_a_thing_model_leaves_and_comes_back_with_its_next_word(desk):
    """What was wished in between it fetches then."""
    d = desk(SLEEPY_VALVE)
    ids = {"product_id": "p1", "device_name": "valve-1"}
    d.control("POST", "/devices/onenet/p1/valve-1/uplink", {"kind": "deregister"})
    assert d.current("GET", "/device/detail", ids)["data"]["status"] == 3
    d.current("POST", "/thingmodel/set-device-desired-property", body=ids | {"params": {"CO2": 800}})
    d.advance(7200)
    assert d.valve()["values"]["CO2"] == 600
    back = d.control("POST", "/devices/onenet/p1/valve-1/uplink", {"kind": "register"})
    assert (back["online"], back["values"]["CO2"]) == (True, 800)


def test_a_device_of_the_other_cloud_has_no_registration_to_end(desk):
    """Told, and nothing happens."""
    path = "/_emulator/devices/aliyun/a1/lamp/uplink"
    assert desk(LAMP).raw("POST", path, "", b'{"kind": "deregister"}').status == 400
