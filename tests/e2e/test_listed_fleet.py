"""A fleet whose devices only the clouds list: planned, applied, planned again offline, from listings that are kept."""

import gzip
import json

import pytest
from desk import FLEET, Desk, serving
from test_plans import schemas

LISTED = """\
  inventory:
    - {platform: aliyun-prod, products: [a1BwAGVxxxx], labels: {class: lamp}}
    - {platform: onenet-prod, labels: {class: meter}}
  safety: {maxInventoryShrinkPercent: 40, minPopulation: 2}
"""
PROFILES = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: lamps}
spec: {selector: {matchLabels: {class: lamp, product: a1BwAGVxxxx}}, properties: {Brightness: 60}}
---
apiVersion: reconcile/v1
kind: Profile
metadata: {name: meters}
spec: {selector: {matchLabels: {class: meter}}, resources: {/3303/0/5603: -20.0}, delivery: {mode: queue}}
"""
RECORDS = [
    *({"cloud": "onenet", "imei": f"8658200300000{n}"} for n in (10, 11)),
    *({"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": f"lamp-{n}"} for n in range(4)),
    {"cloud": "aliyun", "productKey": "a2Other", "deviceName": "lamp-1"},
]
GZIP = b"\x1f\x8b"
ALL = ["aliyun-prod/lamp-0", "aliyun-prod/lamp-1", "aliyun-prod/lamp-2", "aliyun-prod/lamp-3"]


@pytest.fixture
def desk(tmp_path):
    from desk import Cloud

    with serving(RECORDS) as emulator:
        yield Desk(tmp_path, Cloud(emulator.url)).write({"fleet.yaml": FLEET + LISTED, "profiles.yaml": PROFILES})


def kept(desk):
    return sorted((desk.folder / "manifests" / ".reconcile" / "listings").iterdir())


def listed(desk):
    return {entry["operation"] for entry in desk.cloud.log() if entry["operation"] in {"QueryDevice", "list_devices"}}


def planned(done):
    return sorted({step["device"] for step in done.json["steps"]})


def test_listed_devices_are_planned_applied_and_settled_from_what_was_kept(desk):
    """Validate and an offline plan have nothing to go by until a plan asked."""
    for words in (["validate"], ["plan", "--refresh", "none"], ["explain", "lamp-1"]):
        done = desk.ok(*words, code=1)
        assert "RCL160" in done.err
        assert "fleet.yaml:16:7" in done.err
    assert listed(desk) == set()
    first = desk.ok("plan", "--format", "json")
    assert planned(first) == [*ALL, "onenet-prod/865820030000010", "onenet-prod/865820030000011"]
    schemas(desk).validate(first.json)
    assert [(one["platform"], one["devices"]) for one in first.json["base"]["listings"]] == [
        ("aliyun-prod", 4),
        ("onenet-prod", 2),
    ]
    assert "Inventory from aliyun-prod: 4 devices, listed 0s ago" in first.err or "listed 1s ago" in first.err
    count = len(desk.cloud.log())
    assert "valid. 6 devices" in desk.ok("validate").out
    again = desk.ok("plan", "--refresh", "none", "--format", "json")
    assert again.json["digest"] == first.json["digest"]
    assert len(desk.cloud.log()) == count
    told = [
        desk.ok("-v", "plan", "-o", "saved.plan"),
        desk.ok("-v", "apply", "--yes", "--expect", first.json["digest"]),
    ]
    assert desk.cloud.lamp("lamp-2")["desired"]["Brightness"]["value"] == 60
    assert "60" in desk.ok("explain", "lamp-1").out
    assert planned(desk.ok("plan", "--format", "json")) == []
    # The answers that it was read from held the secret of each device: nothing keeps it, nothing says it.
    left = [path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()]
    unpacked = [gzip.decompress(content) for content in left if content.startswith(GZIP)]
    assert len(unpacked) == 1
    for content in [*left, *unpacked, *((done.out + done.err).encode() for done in told)]:
        assert b"emulator-device-secret" not in content


def test_the_doctor_tries_listings_before_anything_is_kept(desk):
    """With what they name it tries the rest; a call that the key may not make is told before a plan needs it."""
    done = desk.ok("doctor", "--format", "json")
    found = {(each["platform"], each["key"]): each["values"] for each in done.json["findings"]}
    assert found["aliyun-prod", "listing.answered"]["what"] == "aliyun-prod a1BwAGVxxxx"
    assert found["aliyun-prod", "listing.answered"]["device"].startswith("lamp-")
    assert ("onenet-prod", "listing.answered") in found
    assert ("aliyun-prod", "signature.accepted") in found
    assert not (desk.folder / "manifests" / ".reconcile").exists()
    desk.cloud.post(
        "/faults", {"rules": [{"match": {"operation": "BatchQueryDeviceDetail"}, "fault": "errno:Forbidden.RAM"}]}
    )
    desk.edit("fleet.yaml", "platform: onenet-prod, ", "platform: onenet-prod, tags: {none: such}, ")
    done = desk.ok("doctor", "--format", "json", code=1)
    marks = {
        (each["platform"], each["key"], each["mark"]) for each in done.json["findings"] if each["topic"] == "listing"
    }
    assert marks == {("aliyun-prod", "listing.failed", "problem"), ("onenet-prod", "listing.empty", "warning")}
    assert "Forbidden.RAM" in done.out


def test_a_listing_that_fails_releases_nobody_and_tells_how_old_the_kept_one_is(desk):
    desk.ok("apply", "--yes")
    for path in kept(desk):
        assert path.stat().st_mode & 0o077 == 0
        assert "secret" not in path.read_text().lower()
    away = desk.run("plan", "--refresh", "all", "--format", "json", env={"ALIYUN_AK": "nobody-here"})
    assert "RCL161 warning" in away.err
    assert "Used instead is the one taken" in " ".join(away.err.split())
    assert not [one for one in json.loads(away.out)["classes"] if one["changes"][0]["action"] == "release"]


def test_a_listing_that_lost_too_many_devices_is_blocked(desk):
    desk.ok("apply", "--yes")
    desk.edit("fleet.yaml", "labels: {class: meter}", "labels: {class: meter}, tags: {none: such}")
    desk.edit("fleet.yaml", "maxInventoryShrinkPercent: 40", "maxInventoryShrinkPercent: 30")
    done = desk.ok("plan", "--detailed-exitcode", code=4)
    assert "RCL169" in done.err
    assert "RCL703" in done.out + done.err


def test_commands_that_do_not_plan_go_on_without_a_listing(desk):
    desk.ok("plan", "-o", "p")
    for path in kept(desk):
        path.unlink()
    desk.ok("apply", "p", "--yes")
    assert desk.cloud.lamp("lamp-2")["desired"]["Brightness"]["value"] == 60
    done = desk.ok("status")
    assert "RCL160 warning" in done.err
    assert "lamp-2" in desk.ok("state", "ls").out


def test_a_row_names_a_listed_meter(desk):
    desk.write({"names.csv": "name,platform,imei,site\nhall,onenet-prod,865820030000010,lab\n"})
    desk.edit("fleet.yaml", "  inventory:\n", "  inventory:\n    - names.csv\n")
    assert planned(desk.ok("plan", "--format", "json"))[-2:] == ["onenet-prod/865820030000011", "onenet-prod/hall"]


def test_two_products_with_one_device_name_are_told_apart_by_a_row(desk):
    desk.edit("fleet.yaml", "products: [a1BwAGVxxxx]", "products: [a1BwAGVxxxx, a2Other]")
    done = desk.ok("plan", code=1)
    assert "RCL158" in done.err
    assert "narrow the listing by products" in " ".join(done.err.split())
    desk.write({"names.csv": "name,platform,productKey,deviceName\nother-1,aliyun-prod,a2Other,lamp-1\n"})
    desk.edit("fleet.yaml", "  inventory:\n", "  inventory:\n    - names.csv\n")
    assert "valid. 7 devices" in desk.ok("validate").out


def test_an_unsafe_endpoint_is_told_before_anybody_is_asked(desk):
    done = desk.run("--endpoint", "aliyun-prod=http://192.0.2.1", "plan", endpoints=False)
    assert done.code == 1
    assert "RCL421 error" in done.err
    assert "RCL161" not in done.err
    assert desk.cloud.log() == []
