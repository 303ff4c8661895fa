"""Git and somebody else both changed a desired value: held, won or given way to, and never overwritten blindly."""

import pytest
from desk import FLEET, Cloud, Desk, serving

PRODUCT = "a1BwAGVxxxx"
LAMP = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-1}
spec: {platform: aliyun-prod, productKey: a1BwAGVxxxx, properties: {Brightness: 60}}
"""
SWITCHES = [{"version_after_clear": answer, "null_version": answer} for answer in ("zero", "keeps", "counts")]


@pytest.fixture
def lamp(tmp_path, request):
    """One lamp that holds 60, as git says."""
    records = [{"cloud": "aliyun", "productKey": PRODUCT, "deviceName": "lamp-1"}]
    with serving(records, switches=getattr(request, "param", {})) as emulator:
        fleet = FLEET[: FLEET.index("    onenet-prod:")] + FLEET[FLEET.index("    aliyun-prod:") :]
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=("aliyun-prod",))
        desk.write({"fleet.yaml": fleet, "lamp.yaml": LAMP}).ok("apply", "--yes")
        yield desk


def somebody_sets(desk, *values):
    for value in values:
        desk.cloud.post(f"/devices/aliyun/{PRODUCT}/lamp-1/console", {"Brightness": value})


def git_says(desk, old, new):
    desk.edit("lamp.yaml", f"Brightness: {old}}}", f"Brightness: {new}}}")


def wish(desk):
    return desk.cloud.lamp()["desired"]["Brightness"]["value"]


def planned(desk, *options):
    return desk.ok("plan", "--format", "json", *options).json


def test_hold_shows_both_values_and_versions_and_sends_nothing(lamp):
    somebody_sets(lamp, 5)
    git_says(lamp, 60, 70)
    lamp.ok("plan", "--detailed-exitcode", code=4)
    (conflict,) = planned(lamp)["conflicts"]
    assert (conflict["desired"], conflict["recorded"], conflict["observed"]) == (70, 60, 5)
    note = conflict["conflict"]
    assert (note["policy"], note["recorded_version"], note["version"]) == ("hold", 1, 2)
    assert "changed_at" in note
    shown = lamp.ok("plan").out
    assert "version 1 → 2" in shown
    assert "reconcile adopt aliyun-prod/lamp-1" in shown
    lamp.ok("apply", "--yes", code=4)
    assert wish(lamp) == 5


def test_ours_wins_over_what_was_read_and_over_nothing_else(lamp):
    somebody_sets(lamp, 5)
    git_says(lamp, 60, "{value: 70, onConflict: ours}")
    plan = planned(lamp)
    assert [(c["before"], c["after"]) for group in plan["classes"] for c in group["changes"]] == [(5, 70)]
    assert [step["precondition"] for step in plan["steps"]] == [{"versions": {"Brightness": 2}}]
    lamp.ok("plan", "-o", "saved.plan")
    somebody_sets(lamp, 6)
    lamp.ok("apply", "saved.plan", code=1)
    assert wish(lamp) == 6, "a third write is a conflict again"
    (undone,) = planned(lamp)["drift"]
    assert (undone["observed"], undone["conflict"]["version"]) == (6, 3)
    lamp.ok("apply", "--yes")
    assert wish(lamp) == 70
    assert planned(lamp, "--refresh", "all")["steps"] == []


def test_adopt_keeps_what_was_found_until_git_says_another_value(lamp):
    somebody_sets(lamp, 5)
    git_says(lamp, 60, "{value: 70, onConflict: adopt}")
    lamp.ok("apply", "--yes", code=4)
    assert (wish(lamp), planned(lamp)["steps"]) == (5, [])
    assert len(planned(lamp)["conflicts"]) == 1, "git and the cloud differ, and every plan says so"
    lamp.edit("lamp.yaml", "value: 70", "value: 80")
    lamp.ok("apply", "--yes")
    assert wish(lamp) == 80


def test_adopt_ends_when_git_follows(lamp):
    somebody_sets(lamp, 5)
    git_says(lamp, 60, "{value: 70, onConflict: adopt}")
    lamp.ok("apply", "--yes", code=4)
    lamp.edit("lamp.yaml", "value: 70", "value: 5")
    lamp.ok("apply", "--yes")
    assert lamp.ok("plan", "--detailed-exitcode", "--refresh", "all").code == 0
    lamp.edit("lamp.yaml", "value: 5", "value: 70")
    lamp.ok("apply", "--yes")
    assert wish(lamp) == 70, "70 gave way once, and that is over"


@pytest.mark.parametrize("lamp", SWITCHES, indirect=True, ids=lambda switches: switches["version_after_clear"])
def test_a_value_cleared_and_set_again_is_seen_whatever_its_version(lamp):
    somebody_sets(lamp, None, 5)
    git_says(lamp, 60, 70)
    (conflict,) = planned(lamp)["conflicts"]
    assert conflict["observed"] == 5
    lamp.ok("apply", "--yes", code=4)
    assert wish(lamp) == 5
    git_says(lamp, 70, "{value: 70, onConflict: ours}")
    lamp.ok("apply", "--yes")
    assert wish(lamp) == 70
    assert planned(lamp, "--refresh", "all")["steps"] == []


@pytest.mark.parametrize("lamp", SWITCHES, indirect=True, ids=lambda switches: switches["version_after_clear"])
def test_a_version_that_moved_unseen_ends_after_one_conflict_at_most(lamp):
    somebody_sets(lamp, None, 60)
    git_says(lamp, 60, 70)
    first = lamp.run("apply", "--yes", "--refresh", "none")
    if first.code:
        lamp.ok("apply", "--yes")
    assert wish(lamp) == 70
    assert planned(lamp, "--refresh", "all")["steps"] == []
