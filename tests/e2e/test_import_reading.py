"""What an import reads of devices that say little: asleep, silent, on other interfaces, and of runs that are killed."""

import csv
import json
import signal
import subprocess

import pytest
from desk import FLEET, PSM, Cloud, Desk, serving, wait_for
from test_onenet_things_story import FLEET as THINGS_FLEET
from test_onenet_things_story import MODEL, ROWS

METERS = [f"86582003000{number:04}" for number in range(5)]
RESOURCES = {"/1/0/2": {"type": "integer", "value": 300}, "/3303/0/5604": {"type": "float", "value": 60.0}}


def silent(number, **more):
    """A meter of which the cloud has no data point."""
    return {"cloud": "onenet", "imei": METERS[number], "resources": RESOURCES, "obsv": False, **more}


@pytest.fixture
def meters(tmp_path):
    """Three that listen, two that sleep; none ever told a value."""
    records = [silent(number, sleep={"kind": "none"} if number < 3 else PSM) for number in range(5)]
    rows = "".join(f"meter-{number},onenet-prod,{imei},meter\n" for number, imei in enumerate(METERS))
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        files = {"fleet.yaml": FLEET + "  inventory: [all.csv]\n", "all.csv": "name,platform,imei,class\n" + rows}
        desk.write(files).cloud.pass_time(60)
        yield desk


def left_out(desk):
    with (desk.folder / "taken/import-left-out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_values_no_cloud_keeps_are_asked_of_the_devices_themselves(meters):
    done = meters.ok("import", "--out", "taken", "--record")
    assert "calls to devices themselves: 20" in done.out, "two calls and two object instances each"
    assert "values: 6" in done.out, "who sleeps does not answer"
    assert {row["device"] for row in left_out(meters)} == {"onenet-prod/meter-3", "onenet-prod/meter-4"}
    assert {row["resource"] for row in left_out(meters)} >= {"/1/0/2", "/3303/0/5604"}
    plan = Desk(meters.folder, meters.cloud, manifests="taken").ok("plan", "--format", "json").json
    assert plan["steps"] == []


def test_a_budget_of_no_calls_asks_nobody(meters):
    meters.ok("import", "--out", "taken", "--reads", "0")
    assert meters.cloud.log("read_now", "resources") == []


def test_what_the_budget_leaves_is_read_by_the_next_run(meters):
    done = meters.run("import", "--out", "taken", "--reads", "8")
    assert done.code == 1
    assert "Nothing was written" in done.err
    assert "--reads" in done.err
    first = [entry["device"] for entry in meters.cloud.log("read_now")]
    assert len(set(first)) == 2
    meters.ok("import", "--out", "taken", "--reads", "12")
    later = [entry["device"] for entry in meters.cloud.log("read_now")][len(first) :]
    assert len(set(later)) == 3
    assert not set(first) & set(later), "nobody is asked twice"


def test_partial_writes_what_is_known_and_names_the_rest(meters):
    meters.ok("import", "--out", "taken", "--reads", "8", "--partial", "--record")
    assert any("--reads" in row["why"] for row in left_out(meters))


def test_a_fleet_of_things_is_imported_by_the_model_that_its_cloud_hands_out(tmp_path):
    records = [
        {"cloud": "onenet", "productId": "9MaNe52pNO", "deviceName": name, "thingModel": MODEL, "desired": {"Brightness": 60},
         "values": {"switch": True}, "reported": {"switch": True}} for name in ("no001", "lamp-2")
    ]  # fmt: skip
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=("onenet-prod",))
        fleet = THINGS_FLEET.replace("  models: [models/]\n", "")
        desk.write({"fleet.yaml": fleet, "inventory/lamps.csv": ROWS})
        desk.ok("import", "--out", "taken", "--record")
        kept = json.loads((tmp_path / "taken/models/9MaNe52pNO.json").read_text(encoding="utf-8"))
        assert kept["properties"] == MODEL["properties"]
        [profile] = (tmp_path / "taken/profiles").glob("*.yaml")
        assert "    Brightness: 60\n    switch: true\n" in profile.read_text()
        new = Desk(tmp_path, desk.cloud, platforms=("onenet-prod",), manifests="taken")
        new.ok("plan", "--refresh", "all", "--detailed-exitcode")
        assert desk.cloud.sent() == []


def test_an_import_that_was_killed_goes_on(meters):
    rule = {"match": {"operation": "resources", "device": METERS[4]}, "fault": "slow:30"}
    meters.cloud.post("/faults", {"rules": [rule]})
    command = meters.command("import", "--out", "taken")
    process = subprocess.Popen(
        command, cwd=meters.folder, env=meters.environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    notes = meters.folder / ".taken.import.ndjson"
    try:
        wait_for(lambda: notes.exists() and notes.read_text().count("device") == 4, 20)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with notes.open("a", encoding="utf-8") as file:
        file.write('{"device":"onenet-prod/meter-4","ident')  # a line that was torn
    assert not (meters.folder / "taken").exists()
    meters.cloud.post("/faults", {"rules": []})
    before = len(meters.cloud.log("read_now"))
    meters.ok("import", "--out", "taken")
    again = {entry["device"] for entry in meters.cloud.log("read_now")[before:]}
    assert again == {METERS[4]}, "who was read is not asked again"
    assert not notes.exists()
