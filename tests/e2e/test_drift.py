"""Drift through the command line: policies, quarantine, and a full refresh within a budget."""

import json
from pathlib import Path

import pytest
from desk import FLEET, Cloud, Desk, serving
from jsonschema import Draft202012Validator

PRODUCT = "a1BwAGVxxxx"
NAMES = [f"lamp-{n}" for n in range(6)]
PROFILE = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: lamps}
spec:
  selector: {matchLabels: {class: lamp}}
  properties:
    Brightness: 60
    LightSwitch: {value: 1, onDrift: report}
    Warmth: {value: 30, onDrift: adopt}
"""
SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "plan.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def lamps(tmp_path):
    """Six lamps on Aliyun, all applied."""
    records = [{"cloud": "aliyun", "productKey": PRODUCT, "deviceName": name} for name in NAMES]
    rows = "".join(f"{name},aliyun-prod,{PRODUCT},{name},lamp\n" for name in NAMES)
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=("aliyun-prod",))
        fleet = FLEET[: FLEET.index("    onenet-prod:")] + FLEET[FLEET.index("    aliyun-prod:") :]
        fleet += "  inventory: [lamps.csv]\n  drift: {quarantineAfter: 2}\n"
        listed = f"name,platform,productKey,deviceName,class\n{rows}"
        desk.write({"fleet.yaml": fleet, "lamps.csv": listed, "lamps.yaml": PROFILE})
        desk.ok("apply", "--yes")
        yield desk


def change(desk, name, **values):
    """Somebody sets desired values at the cloud's console."""
    desk.cloud.post(f"/devices/aliyun/{PRODUCT}/{name}/console", values)


def held(desk, name):
    """The desired values the cloud holds."""
    return {key: one["value"] for key, one in desk.cloud.lamp(name)["desired"].items()}


def test_each_policy_does_what_it_says_and_every_report_shows_both_values(lamps):
    change(lamps, "lamp-0", Brightness=5, LightSwitch=0, Warmth=80)
    found = lamps.ok("drift", "--format", "json", code=2).json
    told = {one["resource"]: (one["policy"], one["recorded"], one["observed"]) for one in found["drift"]}
    assert told == {
        "Brightness": ("revert", 60, 5),
        "LightSwitch": ("report", 1, 0),
        "Warmth": ("adopt", 30, 80),
    }
    assert {one["declared_at"].partition(":")[0] for one in found["drift"]} == {"lamps.yaml"}
    forms = ("text", "json", "markdown", "html")
    lamps.ok("plan", "--refresh", "all", *(word for f in forms for word in ("--format", f"{f}={lamps.folder}/p.{f}")))
    plan = json.loads((lamps.folder / "p.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(plan)
    assert [step["request"]["items"] for step in plan["steps"]] == [{"Brightness": 60}]
    for form in ("text", "markdown", "html"):
        text = (lamps.folder / f"p.{form}").read_text(encoding="utf-8")
        assert "reconcile adopt aliyun-prod/lamp-0" in text
        assert "onDrift: report" in text
    lamps.ok("apply", "--yes", "--refresh", "all")
    assert held(lamps, "lamp-0") == {"Brightness": 60, "LightSwitch": 0, "Warmth": 80}
    lamps.ok("drift", code=2)  # shown until it ends
    lamps.edit("lamps.yaml", "value: 1, onDrift: report", "value: 0, onDrift: report")
    change(lamps, "lamp-0", Warmth=30)
    lamps.ok("apply", "--yes", "--refresh", "all")
    assert lamps.ok("drift", "--format", "json").json["drift"] == []


def test_a_resource_changed_again_after_each_write_is_quarantined_and_a_new_value_frees_it(lamps):
    for value in (5, 6):
        change(lamps, "lamp-0", Brightness=value)
        lamps.ok("apply", "--yes", "--refresh", "all")
        assert held(lamps, "lamp-0")["Brightness"] == 60
    change(lamps, "lamp-0", Brightness=6)
    sent = len(lamps.cloud.sent())
    lamps.ok("apply", "--yes", "--refresh", "all")
    lamps.ok("apply", "--yes", "--refresh", "all")
    assert len(lamps.cloud.sent()) == sent
    (notice,) = lamps.ok("drift", "--format", "json", code=2).json["drift"]
    assert (notice["policy"], [one["observed"] for one in notice["history"]]) == ("quarantine", [5, 6])
    assert "quarantined" in lamps.ok("plan", "--refresh", "all").out
    assert "隔离" in lamps.ok("--lang", "zh", "drift", code=2).out
    assert "quarantined until" in lamps.ok("status").out
    (fight,) = lamps.ok("status", "--format", "json").json["drift"]
    assert (fight["resource"], fight["value"], fight["streak"], fight["policy"]) == ("Brightness", 60, 2, "quarantine")
    lamps.edit("lamps.yaml", "Brightness: 60", "Brightness: 61")
    lamps.ok("apply", "--yes")
    assert held(lamps, "lamp-0")["Brightness"] == 61
    lamps.ok("drift")
    assert all("drifts" not in one for one in exported(lamps))


def exported(desk):
    """Recorded devices."""
    lines = map(json.loads, desk.ok("state", "export").out.splitlines())
    return [line for line in lines if line["kind"] == "device"]


def test_a_budget_is_kept_and_the_next_run_goes_on_where_the_last_one_ended(lamps):
    asked = []
    for _ in range(3):
        before = len(lamps.cloud.log())
        done = lamps.ok("drift", "--budget", "5", "--format", "json").json
        calls = lamps.cloud.log()[before:]
        assert len(calls) == done["coverage"]["calls"] <= 5
        assert done["coverage"]["looked"] == 2
        asked.append({call["device"] for call in calls} - {None})
    assert [len(each) for each in asked] == [2, 2, 2]
    assert len(asked[0] | asked[1] | asked[2]) == 6
    assert done["coverage"]["never"] == done["coverage"]["left"] - 4 == 0
    text = lamps.ok("drift", "--budget", "5").out
    assert "looked at 2 of 6 devices" in text
    assert "the oldest look is" in text


def test_what_was_looked_at_lately_is_not_due(lamps):
    lamps.edit("fleet.yaml", "  drift:", "  refresh: {maxAge: 1h}\n  drift:")
    assert lamps.ok("drift", "--format", "json").json["coverage"]["looked"] == 6
    before = len(lamps.cloud.log())
    again = lamps.ok("drift", "--format", "json").json["coverage"]
    assert (again["looked"], again["fresh"]) == (0, 6)
    assert len(lamps.cloud.log()) == before
    assert lamps.ok("drift", "--max-age", "0s", "--format", "json").json["coverage"]["looked"] == 6


def test_plan_records_no_looks_so_plan_and_apply_look_at_the_same_devices(lamps):
    change(lamps, "lamp-0", Brightness=5)
    first = lamps.ok("plan", "--refresh", "all", "--budget", "3", "--format", "json").json
    assert first["coverage"]["looked"] == 1
    lamps.ok("apply", "--expect", first["digest"], "--refresh", "all", "--budget", "3")
    assert held(lamps, "lamp-0")["Brightness"] == 60
    assert sum("looked_at" in one for one in exported(lamps)) == 1


def test_limits_without_a_full_refresh_are_refused(lamps):
    assert "--refresh all" in lamps.ok("plan", "--budget", "5", code=1).err
    assert "--max-age" in lamps.ok("drift", "--max-age", "soon", code=1).err
