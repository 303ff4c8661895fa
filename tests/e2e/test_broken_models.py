"""A device model that is broken, or that the manifests contradict, costs the devices that have it, not the plan."""

from __future__ import annotations

import json

import pytest
from desk import FLEET, Cloud, Desk, serving

DEVICES = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-1}
spec: {platform: aliyun-prod, productKey: a1BwAGVxxxx, properties: {Brightness: 60}}
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: fan-1}
spec: {platform: aliyun-prod, productKey: a1FanXXXXXX, properties: {Speed: 3}}
"""
RECORDS = [
    {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "lamp-1"},
    {"cloud": "aliyun", "productKey": "a1FanXXXXXX", "deviceName": "fan-1"},
]
PERCENT = {"type": "int", "specs": {"min": "0", "max": "100", "step": "1"}}


def tsl(product_key, identifier):
    described = {"identifier": identifier, "name": identifier, "accessMode": "rw", "dataType": PERCENT}
    return json.dumps({"profile": {"productKey": product_key}, "properties": [described], "services": [], "events": []})


@pytest.fixture
def fleet(tmp_path):
    """Two products, each with its model, applied once; everything is settled."""
    files = {
        "fleet.yaml": FLEET.replace("spec:\n", "spec:\n  models: [models/]\n", 1),
        "devices.yaml": DEVICES,
        "models/lamp.json": tsl("a1BwAGVxxxx", "Brightness"),
        "models/fan.json": tsl("a1FanXXXXXX", "Speed"),
    }
    with serving(RECORDS) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url)).write(files)
        desk.ok("apply", "--yes")
        yield desk


def kinds(done):
    plan = done.json
    changed = {ref for group in plan["classes"] for ref in group["sample"]}
    return changed, {entry["device"]: entry["reason"] for entry in plan["unknown"]}


def test_a_broken_model_costs_its_devices_and_the_rest_is_planned(fleet):
    fleet.write({"models/lamp.json": '{"profile": {"productKey": '})
    fleet.edit("devices.yaml", "Speed: 3", "Speed: 4")
    done = fleet.ok("plan", "--format", "json", code=1)
    changed, unknown = kinds(done)
    assert changed == {"aliyun-prod/fan-1"}
    assert list(unknown) == ["aliyun-prod/lamp-1"]
    assert "models/lamp.json" in unknown["aliyun-prod/lamp-1"]
    assert "models/lamp.json:1" in done.err
    assert "1 device left out" in done.err


def test_a_value_that_contradicts_its_model_costs_that_device(fleet):
    fleet.edit("devices.yaml", "Brightness: 60", "Brightness: 600")
    fleet.edit("devices.yaml", "Speed: 3", "Speed: 4")
    done = fleet.ok("plan", "--format", "json", code=1)
    changed, unknown = kinds(done)
    assert changed == {"aliyun-prod/fan-1"}
    assert "contradicts" in unknown["aliyun-prod/lamp-1"]
    assert "RCL206" in done.err


def test_nothing_is_saved_applied_or_let_go_meanwhile(fleet):
    fleet.edit("devices.yaml", "Brightness: 60", "Brightness: 600")
    fleet.edit("devices.yaml", "Speed: 3", "Speed: 4")
    before = len(fleet.cloud.sent())
    fleet.ok("plan", "-o", "saved.plan", code=1)
    assert not (fleet.folder / "saved.plan").exists()
    assert fleet.ok("plan", "--format", "json", code=1).json["summary"]["requests"] == {"aliyun-prod": 1}
    fleet.ok("apply", "--yes", code=1)
    assert len(fleet.cloud.sent()) == before


def test_a_mistake_elsewhere_still_ends_the_plan(fleet):
    fleet.edit("devices.yaml", "Brightness: 60", "Brightness: 600")
    fleet.edit("devices.yaml", "kind: Device", "kind: Devise")
    assert fleet.ok("plan", code=1).out == ""


METERS = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-1}
spec: {platform: onenet-prod, imei: "865820031234567", resources: {/3303/0/5603: -10.0}}
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: valve-1}
spec: {platform: onenet-prod, imei: "865820031234568", resources: {/26250/0/1: 5}}
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-1}
spec: {platform: aliyun-prod, productKey: a1BwAGVxxxx, properties: {Brightness: 60}}
"""
BOMB = '<!DOCTYPE a [<!ENTITY b "c">]><LWM2M><Object><ObjectID>26250</ObjectID></Object></LWM2M>'


@pytest.mark.parametrize(
    ("content", "concerned"),
    [
        ("<LWM2M><Object><Name>Valve</Name><ObjectID>26250</ObjectID><Resources>", {"valve-1"}),
        (BOMB, {"valve-1"}),
        ("<LWM2M><Object><Name>Valve</Name>", {"meter-1", "valve-1"}),
    ],
)
def test_a_broken_definition_costs_the_devices_of_its_object(tmp_path, content, concerned):
    """Which they are its object id tells; where it has none that can be seen, all may be."""
    files = {
        "fleet.yaml": FLEET.replace("spec:\n", "spec:\n  models: [models/]\n", 1),
        "devices.yaml": METERS,
        "models/valve.xml": content,
    }
    records = [RECORDS[0], *({"cloud": "onenet", "imei": f"86582003123456{digit}"} for digit in (7, 8))]
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url)).write(files)
        done = desk.ok("plan", "--format", "json", code=1)
        changed, unknown = kinds(done)
        assert set(unknown) == {f"onenet-prod/{name}" for name in concerned}
        everyone = {"onenet-prod/meter-1", "onenet-prod/valve-1", "aliyun-prod/lamp-1"}
        assert changed == everyone - set(unknown)
        assert "RCL240" in done.err
        assert "models/valve.xml:1" in done.err
