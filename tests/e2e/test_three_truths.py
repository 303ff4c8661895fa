"""Wanted, accepted, queued, confirmed: what `status` and `explain` say of real deliveries, and when waiting ends."""

import os
import signal
import subprocess

import pytest
from desk import FLEET, Cloud, Desk, serving
from jsonschema import Draft202012Validator

PATH = "/3303/0/5603"
METER = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-1}
spec: {platform: onenet-prod, imei: "865820030000001", resources: {/3303/0/5603: 1.0}, delivery: {mode: queue}}
"""


@pytest.fixture
def applied(desk):
    """Two sleeping meters and a lamp, applied and not heard of since."""
    desk.ok("apply", "--yes")
    return desk


def of(desk, path, *arguments):
    """One resource of `status DEVICE`, as JSON."""
    (found,) = [r for r in desk.ok("status", *arguments, "--format", "json").json["resources"] if r["resource"] == path]
    return found


def test_each_stage_of_a_delivery_is_told_from_the_next(applied):
    lamp = of(applied, "Brightness", "lamp-1")
    assert (lamp["desired"], lamp["value"], lamp["state"], "confirmed" in lamp) == (60, 60, "accepted", False)
    meter = of(applied, PATH, "meter-1")
    assert (meter["desired"], meter["state"]) == (-20.0, "queued")
    assert meter["uuid"]
    assert "confirmed" not in meter

    applied.ok("status", "--refresh")
    assert of(applied, "Brightness", "lamp-1")["confirmed_by"] == "report"
    applied.cloud.pass_time(7200)
    applied.ok("status", "--refresh")
    meter = of(applied, PATH, "meter-1")
    assert (meter["state"], meter["confirmed"], meter["confirmed_by"]) == ("confirmed", -20.0, "command")

    applied.edit("meters.yaml", "5603: -20.0", "5603: -10.0")
    assert of(applied, PATH, "meter-1")["desired"] == -10.0
    assert applied.ok("status", "--format", "json").json["devices"]["unapplied"] == 2


def test_status_counts_by_class_and_label_and_shows_one_resource(applied):
    schema = applied.ok("schema", "status").json
    body = applied.ok("status", "--by", "class", "--format", "json").json
    Draft202012Validator(schema).validate(body)
    assert body["devices"] == {
        "total": 3, "lost": 0, "long_silent": 0, "silent": 0, "unapplied": 0, "queued": 2, "accepted": 1, "confirmed": 0,
    }  # fmt: skip
    assert body["by"]["groups"]["meter"]["queued"] == 2
    picked = applied.ok("status", "-l", "site=haidian", "--format", "json").json
    assert picked["devices"]["total"] == 2
    assert {item["device"] for item in picked["open"]} == {"onenet-prod/meter-2"}
    one = applied.ok("status", "meter-1", "Temperature/0/Min Range Value").out
    assert PATH in one
    assert "5604" not in one
    assert "git 要求 -20.0" in applied.ok("--lang", "zh", "status", "meter-1", PATH).out
    assert "Recorded: /3303/0/5603, /3303/0/5604" in applied.ok("status", "meter-1", "/1/2/3", code=1).err


def test_waiting_ends_when_the_last_device_confirmed(applied):
    assert applied.ok("status", "--wait", "1s", code=3).err.count("3 devices") <= 1
    applied.cloud.pass_time(7200)
    done = applied.ok("status", "--wait", "20s")
    assert "confirmed 3" in done.out
    assert "0 devices with unconfirmed deliveries" in done.err


def test_waiting_says_that_something_was_lost_and_silence_is_neither(tmp_path):
    """A device that never speaks again: silent, not failed; its delivery expired all the same, and the code says so."""
    records = [{"cloud": "onenet", "imei": "865820030000001", "sleep": {"kind": "off"}}]
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url)).write({"fleet.yaml": FLEET, "meter.yaml": METER})
        desk.ok("apply", "--yes")
        desk.ok("status", "--wait", "1s", code=3)
        desk.cloud.pass_time(4 * 86_400)
        found = desk.ok("status", "--wait", "1s", "--format", "json", code=1).json
        assert [item["state"] for item in found["lost"]] == ["expired"]
        assert (found["devices"]["silent"], found["devices"]["lost"]) == (1, 0)
        (silent,) = found["silent"]
        assert (silent["device"], silent["long"]) == ("onenet-prod/meter-1", False)
        assert silent["heard_at"] is not None, "the platform told when it was registered"


def test_a_budget_asks_those_first_that_were_asked_longest_ago(applied):
    first = applied.ok("status", "--refresh", "--budget", "2")
    assert "asked about 1 of 3 devices" in first.err
    asked = {entry["operation"] for entry in applied.cloud.log("history", "cached_history", "property_status")}
    assert asked
    applied.ok("status", "--refresh", "--budget", "2")
    applied.ok("status", "--refresh", "--budget", "2")
    times = [applied.ok("state", "show", name).json.get("asked_at") for name in ("lamp-1", "meter-1", "meter-2")]
    assert sum(time is not None for time in times) >= 2
    assert "--refresh and --wait" in applied.ok("status", "--budget", "2", code=1).err


def test_ctrl_c_ends_waiting_with_what_is_known(applied):
    process = subprocess.Popen(
        applied.command("status", "--wait", "10m"), cwd=applied.folder, env=applied.environ(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert "unconfirmed" in process.stderr.readline()
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "devices, by how far what git wants has come" in out
    applied.ok("status", "--refresh")


def test_explain_shows_queue_confirmation_and_the_reason(applied):
    shown = applied.ok("explain", "meter-1", PATH).out
    for words in ("meters.yaml:6:", "queued", "uuid ", "expires", "ago)", "not confirmed by the device"):
        assert words in shown
    assert "queued: it waits for the device's next uplink" in " ".join(shown.split())
    assert "the device did not report it yet" in " ".join(applied.ok("explain", "lamp-1", "Brightness").out.split())
    lamp = " ".join(applied.ok("explain", "lamp-1", "Brightness", "--refresh").out.split())
    for words in ("cloud 60 · version 1", "reported 60 ·", "plan in step"):
        assert words in lamp
    assert "排队中：等待设备下次上行" in applied.ok("--lang", "zh", "explain", "meter-1", PATH).out
    applied.cloud.pass_time(7200)
    applied.ok("status", "--refresh")
    shown = " ".join(applied.ok("explain", "meter-1", PATH).out.split())
    assert "it took the queued command" in shown
    applied.edit("meters.yaml", "5603: -20.0", "5603: -10.0")
    assert "delivery queued: delivery mode queue" in " ".join(applied.ok("explain", "meter-1", PATH).out.split())


def test_progress_is_one_line_on_a_terminal_and_leaves_none_behind(applied):
    words = ["--endpoint", f"onenet-prod={applied.cloud.url}", "--endpoint", f"aliyun-prod={applied.cloud.url}"]
    shown = Desk(applied.folder).on_a_terminal(*words, "status", "--wait", "2s")
    assert shown.code == 3
    assert "\r\x1b[2K" in shown.out
    before, _, after = shown.out.rpartition("\r\x1b[2K")
    assert "with unconfirmed deliveries" in before
    assert "unconfirmed deliveries" not in after
