"""Order inside a device, through the command line: against sleepers, queues of either habit, and a process that dies."""

import signal
import subprocess

import pytest
from desk import FLEET, PSM, Cloud, Desk, serving, wait_for

IMEI = "865820030000001"
A, B = "/3303/0/5603", "/3303/0/5604"
METER = """\
apiVersion: reconcile/v1
kind: Device
metadata: {{name: meter-1, labels: {{class: meter}}}}
spec:
  platform: onenet-prod
  imei: "865820030000001"
  delivery: {{mode: {mode}}}
  resources:
    /3303/0/5603: {value}.0
    /3303/0/5604: {{value: {value}.5, after: [/3303/0/5603]}}
  commands:
    reboot: {{execute: /3/0/4, after: [/3303/0/5604], waitFor: confirmed}}
"""
LAMP = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-1}
spec:
  platform: aliyun-prod
  productKey: a1BwAGVxxxx
  properties:
    LightSwitch: 1
    Brightness: {value: 60, after: [LightSwitch]}
"""
SLEEPER = {"cloud": "onenet", "imei": IMEI, "sleep": PSM}
AWAKE = {"cloud": "onenet", "imei": IMEI, "sleep": {"kind": "none"}}


def meter(value, mode="queue"):
    return METER.format(value=value, mode=mode)


def desk_at(folder, emulator, text):
    return Desk(folder, Cloud(emulator.url)).write({"fleet.yaml": FLEET, "devices.yaml": text})


def waiting_for(desk):
    """Reasons by resource of what the plan leaves for later."""
    notices = desk.run("plan", "--format", "json").json["waiting"]
    return {notice["resource"]: notice["reason"] for notice in notices}


@pytest.mark.parametrize(
    "switches", [{"uplink_releases": "all"}, {"uplink_releases": "one"}, {"retry_position": "back"}]
)
def test_a_queued_write_waits_until_what_it_follows_is_confirmed(tmp_path, switches):
    """Whatever the queue's habit, A, then B, then the command: each is queued once the one before was confirmed."""
    with serving([SLEEPER], switches=switches) as emulator:
        desk = desk_at(tmp_path, emulator, meter(1))
        cloud = desk.cloud
        first = desk.ok("plan").out
        assert f"after {A} is confirmed" in first
        desk.ok("apply", "--yes")
        assert [e["operation"] for e in cloud.sent()] == ["queue_write"]
        desk.ok("plan", "--detailed-exitcode", code=3)
        assert waiting_for(desk) == {B: f"after {A} is confirmed", "/3/0/4": f"after {A} is confirmed"}
        explained = desk.ok("explain", "meter-1").out
        assert f"waits: after {A} is confirmed." in explained
        assert f"written only when the device is known to hold {A}" in explained
        assert "runs only when the device is known to hold what it follows" in explained
        assert f"等待 {A} 得到确认" in desk.ok("--lang", "zh", "plan").out
        desk.ok("apply", "--yes")
        assert len(cloud.sent()) == 1

        cloud.pass_time(7200)
        assert B not in cloud.meter()["values"]
        desk.ok("apply", "--yes")
        assert waiting_for(desk) == {"/3/0/4": f"after {B} is confirmed"}
        assert [e["operation"] for e in cloud.sent()] == ["queue_write"] * 2
        cloud.pass_time(7200)
        assert (cloud.meter()["values"][A], cloud.meter()["values"][B]) == (1.0, 1.5)
        desk.ok("apply", "--yes")
        cloud.pass_time(7200)
        desk.ok("apply", "--yes")
        desk.ok("plan", "--detailed-exitcode")
        assert [e["operation"] for e in cloud.sent()] == ["queue_write", "queue_write", "queue_execute"]
        assert [run["path"] for run in cloud.meter()["executions"]] == ["/3/0/4"]


def test_what_is_outdated_is_withdrawn_at_once_and_written_in_its_turn(tmp_path):
    with serving([SLEEPER]) as emulator:
        desk = desk_at(tmp_path, emulator, meter(1))
        cloud = desk.cloud
        desk.ok("apply", "--yes")
        cloud.pass_time(7200)
        desk.ok("apply", "--yes")
        desk.write({"devices.yaml": meter(2)})
        assert "withdrawn now, written in its turn" in desk.ok("plan").out
        desk.ok("apply", "--yes")
        assert [e["operation"] for e in cloud.sent()] == ["queue_write", "queue_write", "cancel", "queue_write"]
        for _ in range(3):
            cloud.pass_time(7200)
            desk.ok("apply", "--yes")
        desk.ok("plan", "--detailed-exitcode")
        assert (cloud.meter()["values"][A], cloud.meter()["values"][B]) == (2.0, 2.5)
        assert len(cloud.meter()["executions"]) == 1


def test_an_awake_device_gets_all_of_it_in_one_run_and_in_order(tmp_path):
    with serving([AWAKE]) as emulator:
        desk = desk_at(tmp_path, emulator, meter(1, "now"))
        plan = desk.ok("plan", "--format", "json").json
        assert [(s["kind"], s.get("after"), s.get("confirmed")) for s in plan["steps"]] == [
            ("write_now", None, None),
            ("write_now", ["s1"], [A]),
            ("execute_now", ["s2"], [B]),
        ]
        desk.ok("apply", "--yes")
        assert [e["operation"] for e in desk.cloud.sent()] == ["write_now", "write_now", "execute_now"]
        talked = [
            e["operation"] for e in desk.cloud.log() if e["operation"] in ("read_now", "write_now", "execute_now")
        ]
        assert talked[-5:] == ["write_now", "read_now", "write_now", "read_now", "execute_now"]
        assert plan["summary"]["requests"] == {"onenet-prod": 5}
        desk.ok("plan", "--detailed-exitcode")


def test_a_refused_write_blocks_what_follows_it(tmp_path):
    with serving([AWAKE]) as emulator:
        desk = desk_at(tmp_path, emulator, meter(1, "now"))
        desk.cloud.post("/faults", {"rules": [{"match": {"operation": "write_now"}, "fault": "errno:1"}]})
        assert "blocked" in desk.ok("apply", "--yes", code=1).out
        assert [e["operation"] for e in desk.cloud.sent()] == ["write_now"]


@pytest.mark.parametrize("fault", ["slow:20", "drop_answer_after_landing"])
def test_killed_or_deaf_between_the_two_the_same_command_goes_on_in_order(tmp_path, fault):
    """The answer to A never comes: it is asked for, and only then B is written."""
    with serving([AWAKE]) as emulator:
        desk = desk_at(tmp_path, emulator, meter(1, "now"))
        cloud = desk.cloud
        cloud.post("/faults", {"rules": [{"match": {"operation": "write_now", "nth": 1}, "fault": fault}]})
        process = subprocess.Popen(
            desk.command("apply", "--yes"), cwd=desk.folder, env=desk.environ(), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(cloud.sent)
        assert B not in cloud.meter()["values"]
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
        cloud.post("/faults", {"rules": []})
        cloud.pass_time(60)
        desk.ok("apply", "--yes")
        writes = [e for e in cloud.sent() if e["operation"] == "write_now" and e["landed"]]
        assert len(writes) == 2
        assert (cloud.meter()["values"][A], cloud.meter()["values"][B]) == (1.0, 1.5)
        assert len(cloud.meter()["executions"]) == 1
        desk.ok("plan", "--detailed-exitcode")


def test_where_an_instant_write_is_queued_instead_what_follows_it_waits(tmp_path):
    """The device proves unreachable: A goes to the queue in the same run, B is left, and that is no failure."""
    with serving([SLEEPER | {"online": False}]) as emulator:
        desk = desk_at(tmp_path, emulator, meter(1, "now"))
        cloud = desk.cloud
        done = desk.ok("apply", "--yes")
        assert "for a later run" in done.out
        assert [e["operation"] for e in cloud.sent() if e["landed"]] == ["queue_write"]
        assert waiting_for(desk)[B] == f"after {A} is confirmed"


def prepared(value, mode="queue"):
    text = meter(value, mode).partition("    /3303/0/5604")[0]
    allowed = "{allow: [{resource: /3/0/5, reason: it unlocks this meter, until: 2099-12-31}]}"
    return f"{text}  commands:\n    unlock: {{execute: /3/0/5, before: [{A}]}}\n  safety: {allowed}\n"


def test_a_command_runs_before_what_it_prepares(tmp_path):
    """Once for each change, and the write goes when the sleeping device has run it, whatever was accepted before."""
    with serving([SLEEPER]) as emulator:
        desk = desk_at(tmp_path, emulator, prepared(1))
        cloud = desk.cloud
        desk.ok("apply", "--yes")
        desk.ok("apply", "--yes")
        assert [e["operation"] for e in cloud.sent()] == ["queue_execute"]
        assert waiting_for(desk) == {A: "after command unlock ran"}
        assert f"before {A}: written only when the command ran" in desk.ok("explain", "meter-1").out
        assert "等待命令 unlock 执行完毕" in desk.ok("--lang", "zh", "plan").out
        cloud.pass_time(7200)
        assert A not in cloud.meter()["values"]
        desk.ok("apply", "--yes")
        cloud.pass_time(7200)
        desk.ok("apply", "--yes")
        desk.ok("plan", "--detailed-exitcode")
        assert [e["operation"] for e in cloud.sent()] == ["queue_execute", "queue_write"]
        assert (cloud.meter()["values"][A], len(cloud.meter()["executions"])) == (1.0, 1)
        desk.write({"devices.yaml": prepared(2)})
        for _ in range(3):
            desk.ok("apply", "--yes")
            cloud.pass_time(7200)
        assert (cloud.meter()["values"][A], len(cloud.meter()["executions"])) == (2.0, 2)


def test_an_awake_device_runs_it_and_is_written_to_in_one_apply(tmp_path):
    with serving([AWAKE]) as emulator:
        desk = desk_at(tmp_path, emulator, prepared(1, "now"))
        steps = desk.ok("plan", "--format", "json").json["steps"]
        assert [(s["kind"], s.get("after")) for s in steps] == [("execute_now", None), ("write_now", ["s1"])]
        desk.cloud.post("/faults", {"rules": [{"match": {"operation": "execute_now"}, "fault": "errno:1"}]})
        desk.ok("apply", "--yes", code=1)
        assert [e["operation"] for e in desk.cloud.sent()] == ["execute_now"], "what it prepares is not written"
        desk.cloud.post("/faults", {"rules": []})
        desk.ok("apply", "--yes")
        assert [e["operation"] for e in desk.cloud.sent()] == ["execute_now", "execute_now", "write_now"]
        desk.ok("plan", "--detailed-exitcode")


def test_aliyun_s_desired_values_are_set_in_turn_as_the_device_reports(tmp_path):
    with serving([{"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "lamp-1", "sleep": PSM}]) as emulator:
        desk = desk_at(tmp_path, emulator, LAMP)
        cloud = desk.cloud
        desk.ok("apply", "--yes")
        assert set(cloud.lamp()["desired"]) == {"LightSwitch"}
        assert waiting_for(desk) == {"Brightness": "after LightSwitch is confirmed"}
        desk.ok("apply", "--yes")
        assert len(cloud.sent()) == 1
        cloud.pass_time(7200)
        desk.ok("apply", "--yes")
        assert set(cloud.lamp()["desired"]) == {"LightSwitch", "Brightness"}
        desk.ok("plan", "--detailed-exitcode")


def test_a_command_runs_once_whatever_becomes_of_its_file_and_its_profile(tmp_path):
    """CI runs again, the file is replaced, the profile renamed: the record knows the command by its name and trigger."""
    profile = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: NAME}
spec:
  selector: {matchLabels: {class: meter}}
  safety: {allow: [{resource: /5, reason: firmware 3 was tried in the lab, until: 2099-12-31}]}
  commands:
    upgrade: {execute: /5/0/2, trigger: "2026-11", waitFor: confirmed, expireAfter: 24h}
    again: {execute: /3/0/4, after: [/3303/0/5604], waitFor: confirmed, idempotent: true}
"""
    with serving([SLEEPER]) as emulator:
        device = meter(1).partition("  commands:")[0]
        desk = desk_at(tmp_path, emulator, device).write({"profiles/a.yaml": profile.replace("NAME", "meters")})
        cloud = desk.cloud
        for _ in range(3):
            desk.ok("apply", "--yes")
            desk.ok("apply", "--yes")
            cloud.pass_time(7200)
        ran = ["/5/0/2", "/3/0/4"]  # all that is written is confirmed first, and declared order is kept
        assert [run["path"] for run in cloud.meter()["executions"]] == ran[:1]
        desk.ok("apply", "--yes")
        cloud.pass_time(7200)
        desk.ok("apply", "--yes")
        assert [run["path"] for run in cloud.meter()["executions"]] == ran
        (desk.folder / "manifests/profiles/a.yaml").unlink()
        desk.write({"other/b.yaml": profile.replace("NAME", "all-meters")})
        desk.ok("plan", "--detailed-exitcode")
        (desk.folder / "manifests/other/b.yaml").unlink()
        desk.ok("apply", "--yes")
        desk.write({"other/b.yaml": profile.replace("NAME", "meters")})
        desk.ok("apply", "--yes")
        cloud.pass_time(7200)
        desk.ok("plan", "--detailed-exitcode")
        assert [run["path"] for run in cloud.meter()["executions"]] == ran
        assert len(cloud.log("queue_execute")) == 2


def test_a_command_is_still_owed_when_the_rest_of_its_change_is_taken_back(tmp_path):
    """A was written, B waits, B is taken back: the command runs for A, once. What was withdrawn is no reason to run."""
    with serving([SLEEPER]) as emulator:
        desk = desk_at(tmp_path, emulator, meter(1).replace(f"after: [{B}], waitFor", f"after: [{A}, {B}], waitFor"))
        cloud = desk.cloud
        for _ in range(3):
            desk.ok("apply", "--yes")
            cloud.pass_time(7200)
        desk.ok("apply", "--yes")
        assert len(cloud.meter()["executions"]) == 1
        desk.edit("devices.yaml", "1.0", "2.0")
        desk.edit("devices.yaml", "1.5", "2.5")
        desk.ok("apply", "--yes")
        desk.edit("devices.yaml", "2.5", "1.5")
        for _ in range(3):
            cloud.pass_time(7200)
            desk.ok("apply", "--yes")
        desk.ok("plan", "--detailed-exitcode")
        assert (cloud.meter()["values"][A], cloud.meter()["values"][B]) == (2.0, 1.5)
        assert len(cloud.meter()["executions"]) == 2

        desk.edit("devices.yaml", "2.0", "3.0")
        desk.ok("apply", "--yes")
        desk.edit("devices.yaml", "3.0", "2.0")
        for _ in range(3):
            desk.ok("apply", "--yes")
            cloud.pass_time(7200)
        desk.ok("plan", "--detailed-exitcode")
        assert len(cloud.meter()["executions"]) == 2
