"""Devices with a thing model on OneNET, through the whole program: plan, apply, drift, conflict, clear."""

import base64
import json
import time
import urllib.request

import pytest
from desk import KEYS, Cloud, Desk, serving

from reconcile.platforms.onenet.auth import token

FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: city}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {api: studio}
      cached: {api: studio}
      projectId: ocgzVU
      credentials: {accessKey: {env: ONENET_ACCESS_KEY}, resource: "userid/38055"}
  models: [models/]
  inventory: [inventory/lamps.csv]
"""
LAMPS = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: lamps}
spec:
  selector: {matchLabels: {class: lamp}}
  properties: {Brightness: 60, switch: true}
"""
ROWS = "name,platform,productId,deviceName,class\nlamp-1,onenet-prod,9MaNe52pNO,no001,lamp\nlamp-2,onenet-prod,9MaNe52pNO,,lamp\n"


def prop(identifier, kind, specs):
    return {
        "identifier": identifier, "name": identifier, "functionType": "u", "functionMode": "property",
        "accessMode": "rw", "dataType": {"type": kind, "specs": specs},
    }  # fmt: skip


MODEL = {
    "properties": [prop("Brightness", "int32", {"min": "0", "max": "100"}), prop("switch", "bool", {})],
    "events": [],
    "services": [],
}


@pytest.fixture
def lamps(tmp_path):
    records = [
        {"cloud": "onenet", "productId": "9MaNe52pNO", "deviceName": name, "thingModel": MODEL}
        for name in ("no001", "lamp-2")
    ]
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=("onenet-prod",))
        files = {"fleet.yaml": FLEET, "lamps.yaml": LAMPS, "inventory/lamps.csv": ROWS}
        yield desk.write({**files, "models/9MaNe52pNO.json": json.dumps(MODEL)})


def wish(desk, name="no001"):
    return desk.cloud.get(f"/devices/onenet/9MaNe52pNO/{name}")["desired"]


def test_apply_then_plan_is_empty_and_a_foreign_change_is_drift(lamps):
    lamps.ok("apply", "--yes")
    assert {key: value["value"] for key, value in wish(lamps).items()} == {"Brightness": 60, "switch": True}
    assert wish(lamps, "lamp-2").keys() == {"Brightness", "switch"}
    assert lamps.ok("plan", "--refresh", "all", "--format", "json").json["steps"] == []
    sent = len(lamps.cloud.sent())
    lamps.ok("apply", "--yes")
    assert len(lamps.cloud.sent()) == sent, "a settled fleet sends nothing"

    lamps.cloud.post("/devices/onenet/9MaNe52pNO/no001/console", {"Brightness": 5})
    lamps.ok("status", "--refresh")
    assert lamps.ok("plan", "--refresh", "all", "--format", "json").json["steps"] == [], "desired values stand"


def foreign_set(desk, **values):
    """Somebody else sets desired values, with a token of the same account."""
    key = base64.b64decode(KEYS["ONENET_ACCESS_KEY"])
    until = int(time.time()) + 60
    signed = token(key, version="2022-05-01", resource="userid/38055", expires_at_s=until, method="sha1")
    body = {"product_id": "9MaNe52pNO", "device_name": "no001", "params": values}
    url = f"{desk.cloud.url}/thingmodel/set-device-desired-property"
    request = urllib.request.Request(url, json.dumps(body).encode(), {"authorization": signed}, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["code"] == 0


def test_a_foreign_desired_value_is_drift_and_written_back(lamps):
    lamps.ok("apply", "--yes")
    foreign_set(lamps, Brightness=5)
    lamps.ok("drift", code=2)
    lamps.ok("apply", "--yes", "--refresh", "all")
    assert wish(lamps)["Brightness"]["value"] == 60
    assert wish(lamps)["Brightness"]["version"] == 3
    assert lamps.ok("plan", "--refresh", "all", "--format", "json").json["steps"] == []


def test_what_changed_since_the_plan_is_not_overwritten(lamps):
    lamps.ok("apply", "--yes")
    lamps.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    lamps.ok("plan", "-o", "saved.plan")
    foreign_set(lamps, Brightness=5)
    done = lamps.run("apply", "saved.plan")
    assert done.code != 0
    assert wish(lamps)["Brightness"]["value"] == 5, "a conflict, and the foreign value stands"
    assert wish(lamps, "lamp-2")["Brightness"]["value"] == 70, "the other lamp was changed all the same"


def test_a_watched_property_is_compared_with_what_is_reported(lamps):
    lamps.edit("lamps.yaml", "switch: true", "switch: {value: true, mode: observe}")
    lamps.ok("apply", "--yes")
    assert wish(lamps).keys() == {"Brightness"}
    lamps.cloud.post("/devices/onenet/9MaNe52pNO/no001/console", {"switch": False})
    found = lamps.ok("drift", code=2).out
    assert "lamp-1" in found
    assert "switch" in found


def test_changes_and_clears_carry_their_versions(lamps):
    lamps.ok("apply", "--yes")
    lamps.edit("lamps.yaml", "{Brightness: 60, switch: true}", "{Brightness: 70, switch: null}")
    lamps.ok("apply", "--yes")
    assert {key: (value["value"], value["version"]) for key, value in wish(lamps).items()} == {"Brightness": (70, 2)}
    deleted = lamps.cloud.log("clear_desired")
    assert len(deleted) == 2
    assert lamps.ok("plan", "--refresh", "all", "--format", "json").json["steps"] == []


def test_the_thing_model_is_audited_offline(lamps):
    lamps.edit("lamps.yaml", "Brightness: 60", "Brightness: 101")
    done = lamps.ok("validate", code=1)
    assert "RCL206" in done.out + done.err
    assert "lamps.yaml:6" in done.out + done.err


def test_studio_alone_queues_nothing_for_raw_objects(lamps):
    meter = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-1}
spec: {platform: onenet-prod, imei: "865820030000001", resources: {/3303/0/5603: 1.0}}
"""
    lamps.write({"meter.yaml": meter})
    done = lamps.ok("validate", code=1)
    assert "RCL410" in done.out + done.err
    assert "neither list nor cancel" in done.out + done.err
    lamps.edit("meter.yaml", "spec: {", "spec: {delivery: {mode: now}, ")
    lamps.ok("validate")
