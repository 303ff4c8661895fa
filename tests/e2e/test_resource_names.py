"""Names of resources instead of numbers: in manifests, in commands, in --resource and in explain; shown both ways."""

from pathlib import Path

import pytest
from desk import Cloud, Desk, serving

FLEET = (Path(__file__).parents[1] / "golden" / "broken" / "value-types-onenet" / "fleet.yaml").read_text()
IMEI = "865820030000001"
METER = f"""\
apiVersion: reconcile/v1
kind: Device
metadata: {{name: meter}}
spec:
  platform: onenet-prod
  imei: "{IMEI}"
  resources:
    Temperature/0/Min Range Value: -10
    Device/0: {{Timezone: Asia/Shanghai, Current Time: "2026-11-22T08:00:00Z"}}
    /19/1/0: "0a1b"
    Up/Down Control/0/Up Counter: 3
    Light Control/0: {{On/Off: true}}
  commands:
    again: {{execute: Device/0/Reboot, after: [temperature/0/min range value]}}
"""


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "manifests").mkdir()
    with serving([{"cloud": "onenet", "imei": IMEI}]) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        desk.write({"fleet.yaml": FLEET.replace("  inventory: [inventory/meters.csv]\n", ""), "meter.yaml": METER})
        yield desk


def test_names_are_planned_as_numbers_with_the_types_of_the_definitions(desk):
    plan = desk.ok("plan", "--format", "json").json
    items = {
        f"/{step['request']['obj_id']}/{step['request']['obj_inst_id']}/{one['res_id']}": one
        for step in plan["steps"]
        for one in step["request"].get("data", ())
    }
    assert items == {
        "/3303/0/5603": {"res_id": 5603, "val": -10.0},
        "/3/0/15": {"res_id": 15, "val": "Asia/Shanghai"},
        "/3/0/13": {"res_id": 13, "type": 2, "val": 1795334400},
        "/19/1/0": {"res_id": 0, "type": 1, "val": "0A1B"},
        "/3344/0/5541": {"res_id": 5541, "val": 3},
        "/3311/0/5850": {"res_id": 5850, "val": True},
    }
    assert "No problems found" in desk.ok("validate").err


def test_names_choose_resources_on_the_command_line(desk):
    by_name = desk.ok("plan", "--resource", "Device/0/*").out
    assert "/3/0/13" in by_name
    assert "/3303/0/5603" not in by_name


def test_explain_takes_a_name_and_shows_both(desk):
    assert "/3/0/15 (Device/0/Timezone)" in desk.ok("explain", "meter", "Device/0/Timezone").out
    assert "Did you mean Timezone" in desk.run("explain", "meter", "Device/0/Timezon").err


def test_a_plan_shows_both_live_and_saved(desk):
    live = desk.ok("plan", "-o", "saved.plan").out
    assert any("/3303/0/5603 " in line and line.endswith("Temperature/0/Min Range Value") for line in live.splitlines())
    assert desk.ok("show", "saved.plan").out == live
    plan = desk.ok("show", "saved.plan", "--format", "json").json
    assert plan["names"]["/3/0/15"] == "Device/0/Timezone"
    assert all("name" not in change for group in plan["classes"] for change in group["changes"])
