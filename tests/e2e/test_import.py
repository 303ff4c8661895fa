"""`reconcile import`: fleets that nobody wrote down, read from both clouds and written as layered manifests."""

import csv
import json

import pytest
from desk import FLEET, PSM, Cloud, Desk, serving

SITES = ("chaoyang", "haidian")
METERS = [f"86582003000{number:04}" for number in range(24)]
LAMPS = [f"lamp-{number:02}" for number in range(24)]
PRODUCT = "a1BwAGVxxxx"
MODEL = {
    "profile": {"productKey": PRODUCT},
    "properties": [
        {"identifier": name, "name": name, "accessMode": access, "dataType": {"type": kind, "specs": specs}}
        for name, access, kind, specs in (
            ("LightSwitch", "rw", "bool", {"0": "off", "1": "on"}),
            ("Brightness", "rw", "int", {"min": "0", "max": "100", "step": "1"}),
            ("GroupName", "rw", "text", {"length": "128"}),
            ("WifiPassword", "rw", "text", {"length": "128"}),
            ("LampCurrent", "r", "float", {"min": "0", "max": "9", "step": "0.01"}),
        )
    ],
}

LAMP_TOO_BRIGHT = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-00}
spec: {platform: aliyun-prod, properties: {Brightness: 101}}
"""


def threshold(number):
    return -20.0 if number % 2 else -10.0


def records():
    for number, imei in enumerate(METERS):
        alarm = 99.5 if number == 7 else 60.0
        resources = {
            "/3303/0/5603": {"type": "float", "value": threshold(number)},
            "/3303/0/5604": {"type": "float", "value": alarm},
            "/3303/0/5700": {"type": "float", "value": 20.5, "operations": "R"},
            "/1/0/2": {"type": "integer", "value": 300},
        }
        yield {"cloud": "onenet", "imei": imei, "resources": resources, "sleep": PSM}
    for number, name in enumerate(LAMPS):
        desired = {"Brightness": 60, "GroupName": f"pole {number}: 100%"}
        reported = {"LightSwitch": 1, "WifiPassword": "correct horse", "LampCurrent": 0.5}
        lamp = {"cloud": "aliyun", "productKey": PRODUCT, "deviceName": name, "thingModel": MODEL}
        yield lamp | {"desired": desired, "values": reported, "reported": reported}


def inventory():
    lines = ["name,platform,imei,productKey,deviceName,class,site"]
    for number, imei in enumerate(METERS):
        lines.append(f"meter-{number},onenet-prod,{imei},,,meter,{SITES[number % 2]}")
    for number, name in enumerate(LAMPS):
        lines.append(f"{name},aliyun-prod,,{PRODUCT},{name},lamp,{SITES[number % 2]}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def clouds():
    with serving(list(records())) as emulator:
        yield Cloud(emulator.url)


@pytest.fixture
def fleet(tmp_path, clouds):
    return Desk(tmp_path, clouds).write(
        {
            "fleet.yaml": FLEET + "  models: [models/]\n  inventory: [all.csv]\n",
            "all.csv": inventory(),
            "models/lamp.json": json.dumps(MODEL),
        }
    )


def imported(fleet):
    """The command line at the new folder."""
    return Desk(fleet.folder, fleet.cloud, manifests="taken")


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_import_factors_what_is_there_and_the_plan_after_it_is_empty(fleet):
    done = fleet.ok("import", "--out", "taken", "--record")
    assert "Recorded 48 devices as they are: the plan is empty." in done.out
    assert "sends 0 requests" in done.out
    new = imported(fleet)
    plan = new.ok("plan", "--refresh", "all", "--format", "json", "--detailed-exitcode").json
    assert plan["steps"] == []
    assert plan["classes"] == []
    assert plan["drift"] == []
    assert plan["summary"]["devices"] == 48
    assert fleet.cloud.sent() == [], "an import changes nothing"


def test_values_common_to_a_group_stand_in_profiles_by_label(fleet):
    fleet.ok("import", "--out", "taken", "--record")
    profiles = (fleet.folder / "taken/profiles/onenet-prod.yaml").read_text()
    assert "/3303/0/5604: 60.0" in profiles
    assert "/1/0/2: 300" in profiles
    assert "site: chaoyang" in profiles or "site: haidian" in profiles
    assert profiles.count("/3303/0/5603") == 2
    assert "/3303/0/5700" not in profiles, "read-only values are left out"
    [exception] = list((fleet.folder / "taken/devices").glob("onenet-prod-*.yaml"))
    assert "name: meter-7" in exception.read_text()
    assert "/3303/0/5604: 99.5" in exception.read_text()
    rows = table(fleet.folder / "taken/inventory/aliyun-prod-a1bwagvxxxx.csv")
    assert rows[5]["set-GroupName"] == "pole 5: 100%", "a value of each device's own is a column"


def test_secrets_are_never_written_and_what_is_left_out_is_named(fleet):
    done = fleet.ok("import", "--out", "taken", "--record")
    everything = b"".join(path.read_bytes() for path in (fleet.folder / "taken").rglob("*") if path.is_file())
    assert b"correct horse" not in everything
    assert "correct horse" not in done.out + done.err
    left = table(fleet.folder / "taken/import-left-out.csv")
    assert {row["resource"] for row in left} == {"WifiPassword"}
    assert len(left) == len(LAMPS)
    assert "secret" in left[0]["why"]


def test_what_manifests_declare_as_a_secret_is_left_to_them(fleet):
    lamp = f"apiVersion: reconcile/v1\nkind: Device\nmetadata: {{name: {LAMPS[2]}}}\nspec:\n  platform: aliyun-prod\n"
    fleet.write({"l.yaml": lamp + "  properties: {GroupName: {secret: {env: GROUP}}}\n"})
    fleet.ok("import", "--out", "taken", "--record", env={"GROUP": "x"})
    left = table(fleet.folder / "taken/import-left-out.csv")
    assert [row["device"] for row in left if row["resource"] == "GroupName"] == [f"aliyun-prod/{LAMPS[2]}"]
    assert "pole 2:" not in (fleet.folder / "taken/inventory/aliyun-prod-a1bwagvxxxx.csv").read_text()


def test_a_change_to_an_imported_profile_is_one_change_on_its_devices(fleet):
    fleet.ok("import", "--out", "taken", "--record")
    new = imported(fleet)
    new.edit("profiles/onenet-prod.yaml", "/1/0/2: 300", "/1/0/2: 600")
    plan = new.ok("plan", "--format", "json").json
    [change] = plan["classes"]
    assert change["devices"] == 24
    assert change["changes"][0]["before"] == 300


def test_without_a_record_only_what_a_cloud_keeps_is_enforced(fleet):
    fleet.ok("import", "--out", "taken")
    assert "mode: observe" in (fleet.folder / "taken/profiles/onenet-prod.yaml").read_text()
    assert not list((fleet.folder / "taken").rglob("state.db"))
    new = imported(fleet)
    plan = new.ok("plan", "--format", "json").json
    assert plan["steps"] == []
    new.ok("apply", "--yes")
    assert fleet.cloud.sent() == []
    assert new.ok("plan", "--detailed-exitcode", "--refresh", "all").code == 0


def test_a_folder_that_holds_something_is_refused(fleet):
    (fleet.folder / "taken").mkdir()
    (fleet.folder / "taken/note.txt").write_text("mine")
    done = fleet.run("import", "--out", "taken")
    assert done.code == 1
    assert "RCL460" in done.err
    assert "not empty" in done.err
    assert [path.name for path in (fleet.folder / "taken").iterdir()] == ["note.txt"]


def test_devices_are_chosen_by_list_label_product_and_cloud(fleet):
    (fleet.folder / "some.txt").write_text(f"# a list\nmeter-3\n{METERS[4]}\naliyun-prod/lamp-05\n")
    assert "devices: 3," in fleet.ok("import", "--out", "a", "--list", "some.txt").out
    assert "devices: 12," in fleet.ok("import", "--out", "b", "-l", "class=meter,site=haidian").out
    assert "devices: 24," in fleet.ok("import", "--out", "c", "--product", PRODUCT).out
    fleet.write({"fleet.yaml": FLEET + "  models: [models/]\n"})
    (fleet.folder / "manifests/all.csv").unlink()
    assert "devices: 48," in fleet.ok("import", "--out", "d", "--listed").out
    (fleet.folder / "some.txt").write_text("meter-999\n")
    done = fleet.run("import", "--out", "e", "--list", "some.txt")
    assert done.code == 1
    assert "meter-999" in done.err
    assert not (fleet.folder / "e").exists()


def test_an_import_that_could_not_read_everything_goes_on_where_it_stopped(fleet):
    ill = [{"operation": "query_desired", "device": f"{PRODUCT}/{name}"} for name in LAMPS[3:6]]
    fleet.cloud.post("/faults", {"rules": [{"match": match, "fault": "http_500_before"} for match in ill]})
    done = fleet.run("import", "--out", "taken", "--record")
    assert done.code == 1
    assert "Nothing was written" in done.err
    assert not (fleet.folder / "taken").exists()
    [notes] = fleet.folder.glob(".taken.import.ndjson")
    assert "correct horse" not in notes.read_text()
    assert notes.stat().st_mode & 0o077 == 0
    fleet.cloud.post("/faults", {"rules": []})
    before = len(fleet.cloud.log("query_desired"))
    fleet.ok("import", "--out", "taken", "--record")
    asked = len(fleet.cloud.log("query_desired")) - before
    assert asked == 3, "only what was not read yet is asked for"
    assert not list(fleet.folder.glob(".taken*"))


def test_a_product_without_a_model_gets_the_one_its_cloud_has_published(fleet):
    (fleet.folder / "manifests/models/lamp.json").unlink()
    fleet.write({"fleet.yaml": FLEET + "  inventory: [all.csv]\n"})
    fleet.ok("import", "--out", "taken", "--record", "-l", "class=lamp")
    assert json.loads((fleet.folder / f"taken/models/{PRODUCT}.json").read_text())["productKey"] == PRODUCT
    new = imported(fleet)
    assert new.ok("plan", "--refresh", "all", "--format", "json", "--detailed-exitcode").json["classes"] == []
    new.edit("fleet.yaml", "name: city", "name: town")
    new.write({"bad.yaml": LAMP_TOO_BRIGHT})
    assert "RCL206" in new.ok("validate", code=1).err, "the fetched model checks values"

    fleet.cloud.post("/faults", {"rules": [{"match": {"operation": "thing_model"}, "fault": "errno:iot.prod.None"}]})
    done = fleet.ok("import", "--out", "again", "-l", "class=lamp", code=1)
    assert f"product {PRODUCT}" in done.err
    assert "Put a model into `models:`" in done.err
