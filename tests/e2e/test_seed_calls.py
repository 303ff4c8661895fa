"""The four calls of the vendors' pages, on the wire as documented, with every parameter given in a manifest."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from desk import FLEET, Cloud, Desk, serving
from wiretap import Wiretap

IMEI = "865820030000001"
BEIJING = timedelta(hours=8)
RECORDS = [
    {"cloud": "onenet", "imei": IMEI},
    {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "device1"},
]
METER = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter}
spec:
  platform: onenet-prod
  imei: "865820030000001"
"""
LAMP = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: device1}
spec:
  platform: aliyun-prod
  productKey: a1BwAGVxxxx
"""


@pytest.fixture
def tapped(tmp_path):
    """Clouds with one device each, a Fleet document, and the line between recorded."""
    with serving(RECORDS) as emulator, Wiretap(emulator.url) as tap:
        desk = Desk(tmp_path, Cloud(tap.url)).write({"fleet.yaml": FLEET})
        yield desk, tap


def from_now(text):
    """A zone-less Beijing time as seconds from now."""
    return (datetime.fromisoformat(text) - (datetime.now(UTC).replace(tzinfo=None) + BEIJING)).total_seconds()


@pytest.mark.parametrize("method", ["md5", "sha1", "sha256"])
def test_instant_write(tapped, method):
    """Mode and timeout, signed by a token; opaque as hex, time in seconds, a float keeps its decimal point."""
    desk, tap = tapped
    desk.edit("fleet.yaml", "instant: {api: classic}", f"instant: {{api: studio}}\n      tokenMethod: {method}")
    desk.edit(
        "fleet.yaml",
        "ONENET_MASTER_KEY}}",
        "ONENET_MASTER_KEY}, accessKey: {env: ONENET_ACCESS_KEY}, resource: userid/38055}",
    )
    desk.write({"meter.yaml": METER + """\
  resources:
    /3303/0: {5603: -10.0, 5604: 1e16, 5606: 7, 5750: "水表", 5850: true}
    /3303/0/5900: {value: "0a1b", type: opaque}
    /3303/0/5901: {value: "2026-11-22T16:00:00+08:00", type: time}
  delivery: {mode: now, writeMode: replace, timeout: 40s}
  safety: {allow: [{replace: /3303/0, reason: all of it is declared, until: 2099-12-31}]}
"""})  # fmt: skip
    assert "RCL211 warning" in desk.ok("apply", "--yes").err
    (request,) = tap.seen("POST", "/LwM2M-online")
    assert request.query == {
        "action": "write", "version": "1", "imei": IMEI, "obj_id": "3303", "obj_inst_id": "0", "mode": "1", "timeout": "40",
    }  # fmt: skip
    token = dict(parse_qsl(request.headers["authorization"]))
    assert {"version": "2020-05-29", "res": "userid/38055", "method": method}.items() <= token.items()
    assert set(token) == {"version", "res", "et", "method", "sign"}
    assert "api-key" not in request.headers
    assert json.loads(request.body) == {"data": [
        {"res_id": 5603, "val": -10.0}, {"res_id": 5604, "val": 1e16}, {"res_id": 5606, "val": 7},
        {"res_id": 5750, "val": "水表"}, {"res_id": 5850, "val": True},
        {"res_id": 5900, "type": 1, "val": "0A1B"}, {"res_id": 5901, "type": 2, "val": 1795334400},
    ]}  # fmt: skip
    val = request.body.replace(" ", "").partition('"res_id":5604,"val":')[2].partition("}")[0]
    assert "." in val
    assert float(val) == 1e16
    assert desk.cloud.meter()["values"]["/3303/0/5604"] == 1e16


def test_cached_write(tapped):
    """Window in Beijing time, retry, timeout, and triggers by name."""
    desk, tap = tapped
    desk.write({"meter.yaml": METER + """\
  resources: {/3303/0/5603: -10.0}
  delivery: {mode: queue, validAfter: 10m, expireAfter: 24h, retry: 10, timeout: 5s, trigger: [register, notify]}
"""})  # fmt: skip
    desk.ok("apply", "--yes")
    (request,) = tap.seen("POST", "/nbiot/offline")
    valid, expired = request.query.pop("valid_time"), request.query.pop("expired_time")
    assert request.query == {
        "imei": IMEI, "obj_id": "3303", "obj_inst_id": "0", "mode": "2", "retry": "10", "timeout": "5", "trigger_msg": "5",
    }  # fmt: skip
    assert from_now(valid) == pytest.approx(600, abs=60)
    assert from_now(expired) == pytest.approx(86400, abs=60)
    assert json.loads(request.body) == {"data": [{"res_id": 5603, "val": -10.0}]}


@pytest.mark.parametrize(
    ("names", "bits"),
    [("[register]", "1"), ("[update]", "2"), ("[notify, update]", "6"), ("[register, update, notify]", "7")],
)
def test_cached_execute(tapped, names, bits):
    """Path, args and triggers; a command that is not idempotent is not repeated by the cloud."""
    desk, tap = tapped
    desk.write({"meter.yaml": METER + f"""\
  delivery: {{mode: queue, expireAfter: 1h, retry: 4, trigger: {names}}}
  commands:
    ping: {{execute: /1212/0/123, args: ping, trigger: "1", idempotent: {"true" if bits == "7" else "false"}}}
"""})  # fmt: skip
    desk.ok("apply", "--yes")
    (request,) = tap.seen("POST", "/nbiot/execute/offline")
    expired = request.query.pop("expired_time")
    request.query.pop("valid_time", None)
    assert request.query == {
        "imei": IMEI, "obj_id": "1212", "obj_inst_id": "0", "res_id": "123", "retry": "4" if bits == "7" else "0",
        "timeout": "25", "trigger_msg": bits,
    }  # fmt: skip
    assert from_now(expired) == pytest.approx(3600, abs=60)
    assert json.loads(request.body) == {"args": "ping"}


def desired(tap):
    """The requests to set desired properties, by whatever signature and method."""
    calls = [*tap.seen("POST", "/"), *tap.seen("GET", "/")]
    return [
        call.form
        for call in calls
        if "SetDeviceDesiredProperty" in (call.form.get("Action"), call.headers.get("x-acs-action"))
    ]


@pytest.mark.parametrize(
    "options", ["signature: v1", "signature: acs3", "signature: v1\n      format: xml", "instanceId: iot-060a0m2x"]
)
def test_set_device_desired_property(tapped, options):
    """Items and Versions as JSON texts, 0 for the first set, then what the answer said; null clears."""
    desk, tap = tapped
    desk.edit("fleet.yaml", "region: cn-shanghai", f"region: cn-shanghai\n      {options}")
    desk.write(
        {"lamp.yaml": LAMP + '  properties: {LightAdjustLevel: 1, Ratio: 1e16, Text: "07", "Module:period": 300}\n'}
    )
    desk.ok("apply", "--yes")
    (first,) = desired(tap)
    assert (first["ProductKey"], first["DeviceName"]) == ("a1BwAGVxxxx", "device1")
    assert first.get("IotInstanceId") == ("iot-060a0m2x" if "instanceId" in options else None)
    assert json.loads(first["Items"]) == {"LightAdjustLevel": 1, "Ratio": 1e16, "Text": "07", "Module:period": 300}
    assert '"Ratio":1.0' in first["Items"].replace(" ", "") or '"Ratio":10000000000000000.0' in first["Items"]
    assert json.loads(first["Versions"]) == dict.fromkeys(json.loads(first["Items"]), 0)
    desk.edit("lamp.yaml", "LightAdjustLevel: 1", "LightAdjustLevel: null")
    desk.ok("apply", "--yes")
    _, second = desired(tap)
    assert json.loads(second["Items"]) == {"LightAdjustLevel": None}
    assert json.loads(second["Versions"]) == {"LightAdjustLevel": 1}
    desk.ok("plan", "--detailed-exitcode")


def test_eleven_properties_go_in_two_calls(tapped):
    """At most ten items in one."""
    desk, tap = tapped
    desk.write({"lamp.yaml": LAMP + "  properties: {" + ", ".join(f"P{n}: {n}" for n in range(11)) + "}\n"})
    desk.ok("apply", "--yes")
    sizes = [len(json.loads(call["Items"])) for call in desired(tap)]
    assert sorted(sizes) in ([1, 10], [5, 6])
