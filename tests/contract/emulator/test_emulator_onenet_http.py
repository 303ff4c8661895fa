"""OneNET's three generations on one socket: one meter, one valve, three sets of manners."""

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import pytest

from reconcile.emulator import EmulatorThread, World

IMEI = "865820031234567"
KEY = base64.b64decode("ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=")
TARGET = {"imei": IMEI, "obj_id": 3303, "obj_inst_id": 0}
VALVE = {"project_id": "x", "product_id": "p1", "device_name": "valve-1"}
RECORDS = [
    {"cloud": "onenet", "imei": IMEI, "sleep": {"kind": "none"}, "resources": {"/3303/0/5603": {"value": -20.0, "type": "float"}}},
    {"cloud": "onenet", "imei": "1", "sleep": {"kind": "off"}},
    {"cloud": "onenet", "productId": "p1", "deviceName": "valve-1", "sleep": {"kind": "none"}, "values": {"open": False}},
]  # fmt: skip
WRITES = {
    "classic": ("/nbiot", {}),
    "studio": ("/LwM2M-online", {"action": "write", "version": "1"}),
    "current": ("/nb-iot", {}),
}
VERSIONS = {"studio": "2020-05-29", "current": "2022-05-01"}


def headers(generation):
    """Credentials, signed here."""
    if generation == "classic":
        return {"api-key": "emulator-master-key"}
    version, et, res = VERSIONS[generation], str(int(time.time()) + 60), "userid/38055"
    sign = base64.b64encode(hmac.new(KEY, f"{et}\nsha256\n{res}\n{version}".encode(), hashlib.sha256).digest()).decode()
    return {
        "authorization": f"version={version}&res={quote(res, safe='')}&et={et}&method=sha256&sign={quote(sign, safe='')}"
    }


@pytest.fixture
def meter():
    """A client of an emulator with these devices."""
    with (
        EmulatorThread(World.from_records(RECORDS, now=datetime.now(UTC))) as served,
        httpx.Client(base_url=served.url, trust_env=False, timeout=10) as client,
    ):
        yield client


@pytest.mark.parametrize("generation", WRITES)
def test_instant_write_through_each_generation_reaches_the_device(meter, generation):
    """One engine; the answer's envelope is the same for commands."""
    path, more = WRITES[generation]
    body = {"data": [{"res_id": 5603, "val": 4.5}]}
    answer = meter.post(path, params=TARGET | more | {"mode": 2}, json=body, headers=headers(generation))
    assert answer.json() == {"errno": 0, "error": "succ"}
    assert meter.get(f"/_emulator/devices/onenet/{IMEI}").json()["values"] == {"/3303/0/5603": 4.5}


@pytest.mark.parametrize("generation", ["classic", "current"])
def test_cached_command_queued_on_studio_is_seen_and_cancelled_elsewhere(meter, generation):
    """Studio can queue, but neither list nor cancel."""
    expires = (datetime.now(UTC) + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M:%S")
    begun = (datetime.now(UTC) + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%S")
    query = TARGET | {"action": "write", "mode": 2, "expired_time": expires}
    body = {"data": [{"res_id": 5603, "val": 4.5}]}
    uuid = meter.post("/LwM2M-offline", params=query, json=body, headers=headers("studio")).json()["data"]["uuid"]
    root = {"classic": "/nbiot", "current": "/nb-iot"}[generation]
    listed = meter.get(f"{root}/offline/history", params={"imei": IMEI, "start": begun}, headers=headers(generation))
    assert [item["cmd_uuid"] for item in listed.json()["data"]["items"]] == [uuid]
    assert meter.put(f"{root}/offline/cancel/all", params={"imei": IMEI}, headers=headers(generation)).json()["data"] == {
        "succ": [uuid], "failed": [], "total": 1,
    }  # fmt: skip
    assert (
        meter.get("/LwM2M-offline", params={"imei": IMEI, "action": "history"}, headers=headers("studio")).json()[
            "errno"
        ]
        == 8
    )


def test_desired_value_set_on_one_platform_is_seen_on_the_other(meter):
    """As text where it was reported, as itself where it is desired."""
    told = VALVE | {"params": {"open": True}}
    answer = meter.post(
        "/application", params={"action": "SetDeviceDesiredProperty"}, json=told, headers=headers("studio")
    )
    assert answer.json()["success"] is True
    query = {name: VALVE[name] for name in ("product_id", "device_name")}
    shown = meter.get("/thingmodel/query-device-property", params=query, headers=headers("current")).json()["data"]
    assert [(row["identifier"], row["value"], row["expect_value"]) for row in shown] == [("open", "true", "true")]
    desired = meter.post("/thingmodel/query-device-desired-property", json=query, headers=headers("current")).json()
    assert desired["data"] == {"open": {"value": True, "version": 1}}


def test_silent_device_may_cost_the_real_timeout(meter):
    """With switch instant_waits a client waits as it would outside; one that gives up earlier is on its own."""
    query = {"imei": "1", "obj_id": 3, "timeout": 5}
    answer = meter.get("/nbiot", params=query, headers=headers("classic"), timeout=1)
    assert answer.json()["error"] == "unsuccess:TIME_OUT"
    meter.post("/_emulator/switches", json={"instant_waits": "yes"})
    with pytest.raises(httpx.ReadTimeout):
        meter.get("/nbiot", params=query, headers=headers("classic"), timeout=1)
