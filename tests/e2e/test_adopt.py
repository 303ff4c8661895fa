"""`reconcile adopt`: drift that is to stay becomes an edit of the manifests, and nothing else of them moves."""

import pytest
from desk import FLEET, Cloud, Desk, serving

LAMPS = """\
# Lamps of the avenue.
apiVersion: reconcile/v1
kind: Profile
metadata: {name: lamps}
spec:
  selector: {matchLabels: {class: lamp}}
  onRemoval: clear
  properties:
    Brightness:   60      # as agreed with the road office
    LightSwitch: 1
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-1, labels: {class: lamp}}
spec:
  platform: aliyun-prod
  productKey: a1BwAGVxxxx
  properties:
    WorkMode:  {value: 2, mode: enforce}   # by hand, since March
# the end
"""
METER = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: meters}
spec:
  selector: {matchLabels: {class: meter}}
  resources:
    /3303/0: {5603: -20.0, 5604: 60.0}   # two thresholds
  delivery: {mode: now}
"""
INVENTORY = """\
name,platform,imei,productKey,class
lamp-2,aliyun-prod,,a1BwAGVxxxx,lamp
lamp-3,aliyun-prod,,a1BwAGVxxxx,lamp
meter-1,onenet-prod,865820030000001,,meter
"""
RECORDS = [
    {"cloud": "onenet", "imei": "865820030000001", "sleep": {"kind": "none"}},
    *({"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": f"lamp-{number}"} for number in (1, 2, 3)),
]


@pytest.fixture
def fleet(tmp_path):
    with serving(RECORDS) as emulator:
        fleet_file = FLEET + "  inventory: [all.csv]\n"
        files = {"fleet.yaml": fleet_file, "lamps.yaml": LAMPS, "meter.yaml": METER, "all.csv": INVENTORY}
        desk = Desk(tmp_path, Cloud(emulator.url)).write(files)
        desk.ok("apply", "--yes")
        yield desk


def changes_by_hand(fleet, lamp, **values):
    fleet.cloud.post(f"/devices/aliyun/a1BwAGVxxxx/{lamp}/console", values)


def text_of(fleet, name):
    return (fleet.folder / "manifests" / name).read_bytes().decode()


def test_a_value_of_the_device_document_is_changed_in_place(fleet):
    changes_by_hand(fleet, "lamp-1", WorkMode=3)
    fleet.ok("drift", code=2)
    done = fleet.ok("adopt", "lamp-1", "--yes")
    assert "-    WorkMode:  {value: 2, mode: enforce}   # by hand, since March" in done.out
    assert "+    WorkMode:  {value: 3, mode: enforce}   # by hand, since March" in done.out
    assert text_of(fleet, "lamps.yaml") == LAMPS.replace("{value: 2, mode", "{value: 3, mode")
    before = len(fleet.cloud.sent())
    fleet.ok("apply", "--yes")
    assert len(fleet.cloud.sent()) == before, "what was adopted is only recorded"
    fleet.ok("plan", "--refresh", "all", "--detailed-exitcode")


def test_a_value_of_a_profile_becomes_an_exception_of_the_device(fleet):
    changes_by_hand(fleet, "lamp-1", Brightness=35)
    changes_by_hand(fleet, "lamp-2", Brightness=40)
    fleet.ok("adopt", "lamp-1", "Brightness", "--yes")
    entry = "    WorkMode:  {value: 2, mode: enforce}   # by hand, since March\n"
    exception = "    Brightness: {value: 35, onRemoval: clear}\n"
    assert text_of(fleet, "lamps.yaml") == LAMPS.replace(entry, entry + exception)
    fleet.ok("adopt", "lamp-2", "--yes")
    assert text_of(fleet, "devices/lamp-2.yaml").endswith(
        "  properties:\n    Brightness: {value: 40, onRemoval: clear}\n"
    )
    before = len(fleet.cloud.sent())
    fleet.ok("apply", "--yes", "--refresh", "all")
    assert len(fleet.cloud.sent()) == before
    assert fleet.cloud.lamp("lamp-3")["desired"]["Brightness"]["value"] == 60


def test_with_profile_the_profile_is_changed_for_all(fleet):
    changes_by_hand(fleet, "lamp-2", Brightness=40)
    done = fleet.ok("adopt", "lamp-2", "--profile", "--yes")
    assert "2 other devices" in done.err
    assert text_of(fleet, "lamps.yaml") == LAMPS.replace("Brightness:   60  ", "Brightness:   40  ")
    fleet.ok("apply", "--yes")
    assert fleet.cloud.lamp("lamp-3")["desired"]["Brightness"]["value"] == 40


def test_drift_of_a_meter_is_found_by_label_and_adopted(fleet):
    fleet.cloud.post("/devices/onenet/865820030000001/console", {"/3303/0/5604": 71.5})
    done = fleet.ok("adopt", "-l", "class=meter", "--yes")
    assert "1 resources in 1 files" in done.out or "Adopted 1" in done.out
    assert text_of(fleet, "meter.yaml") == METER
    assert "/3303/0/5604: 71.5" in text_of(fleet, "devices/meter-1.yaml")
    fleet.ok("drift")


def test_nothing_is_written_without_a_yes(fleet):
    changes_by_hand(fleet, "lamp-1", WorkMode=3)
    done = fleet.ok("adopt", "lamp-1", code=1)
    assert "+    WorkMode" in done.out
    assert "--yes" in done.err
    assert text_of(fleet, "lamps.yaml") == LAMPS
    shown = fleet.on_a_terminal("adopt", "lamp-1", answers=[("Write these edits?", "y\n")])
    assert shown.code == 0
    assert "value: 3" in text_of(fleet, "lamps.yaml")


def test_where_nothing_drifted_nothing_is_adopted(fleet):
    done = fleet.ok("adopt", "lamp-1")
    assert "Nothing to adopt" in done.err
    done = fleet.ok("adopt", code=1)
    assert "DEVICE" in done.err


def test_a_value_that_looks_like_a_secret_is_not_adopted(fleet):
    fleet.edit("lamps.yaml", "LightSwitch: 1", "LightSwitch: 1\n    WifiPassword: none")
    fleet.ok("apply", "--yes")
    changes_by_hand(fleet, "lamp-2", WifiPassword="correct horse")
    done = fleet.ok("adopt", "lamp-2", "--yes", code=1)
    assert "secret" in done.err
    assert "correct horse" not in done.out + done.err


def test_drift_shows_the_edits_that_would_let_it_stay_and_writes_nothing(fleet):
    changes_by_hand(fleet, "lamp-1", WorkMode=3)
    changes_by_hand(fleet, "lamp-2", Brightness=40)
    shown = fleet.ok("drift", "--diff", code=2).out
    assert "+    WorkMode:  {value: 3, mode: enforce}   # by hand, since March" in shown
    assert "+++ b/devices/lamp-2.yaml" in shown
    edits = fleet.ok("drift", "--diff", "--format", "json", code=2).json["edits"]
    assert [edit["file"] for edit in edits] == ["devices/lamp-2.yaml", "lamps.yaml"]
    assert "edits" not in fleet.ok("drift", "--format", "json", code=2).json
    dry = fleet.ok("adopt", "-l", "class=lamp", "--dry-run").out
    assert "".join(edit["diff"] for edit in edits) == dry
    assert text_of(fleet, "lamps.yaml") == LAMPS
    assert not (fleet.folder / "manifests/devices").exists()
