"""Waves across processes, by state alone: canaries, gates, an abort that withdraws, and going on after it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk import FLEET, PSM, Cloud, Desk, serving
from jsonschema import Draft202012Validator

PLAN_SCHEMA = Path(__file__).parents[2] / "schemas" / "plan.schema.json"
RARE = {"kind": "psm", "wake_every_s": 86_400, "awake_s": 20}
PROFILE = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: meters}
spec:
  selector: {matchLabels: {class: meter}}
  resources: {/3303/0/5603: -20.0}
  delivery: {mode: queue}
  rollout:
"""
METER = """\
---
apiVersion: reconcile/v1
kind: Device
metadata: {{name: meter-{n}, labels: {{class: meter, ring: "{n}"}}}}
spec: {{platform: onenet-prod, imei: "86582003000000{n}"}}
"""
ORDER = '    order: {label: ring, values: ["1", "2", "3", "4"]}\n'


def record(number, **habits):
    return {"cloud": "onenet", "imei": f"86582003000000{number}", "sleep": PSM, **habits}


def desk_at(folder, emulator, rollout, count):
    fleet = FLEET[: FLEET.index("    aliyun-prod:")]
    meters = "".join(METER.format(n=number) for number in range(1, count + 1))
    desk = Desk(folder, Cloud(emulator.url), platforms=("onenet-prod",))
    return desk.write({"fleet.yaml": fleet, "meters.yaml": PROFILE + rollout + ORDER + meters})


def sent(desk):
    """What was meant to change something so far, as operation and the last digit of the device."""
    return [(entry["operation"], entry["device"][-1]) for entry in desk.cloud.sent()]


def test_waves_go_one_by_one_across_processes_and_saved_plans(tmp_path):
    rollout = "    waves: [{devices: 1}, {devices: 2}, {devices: 100%}]\n"
    with serving([record(number) for number in (1, 2, 3)]) as emulator:
        desk = desk_at(tmp_path, emulator, rollout, 3)
        plan = desk.ok("plan", "-o", "saved.plan", "--format", "json").json
        assert [(step["device"][-1], step["wave"]) for step in plan["steps"]] == [("1", 1), ("2", 2), ("3", 3)]
        assert [wave["unsent"] for wave in plan["rollouts"][0]["waves"]] == [1, 1, 1]

        waiting = desk.ok("apply", "saved.plan").err
        assert "waves up to 1 of 3 are sent. The gate waits for answers: confirmed 0, failed 0, silent 1" in waiting
        desk.ok("apply", "saved.plan")
        assert sent(desk) == [("queue_write", "1")]
        desk.ok("plan", "--detailed-exitcode", code=3)
        said = {n: " ".join(desk.ok("explain", f"meter-{n}").out.split()) for n in (1, 2)}
        assert "profile meters, wave 1 of 3: sent 0s ago, not heard yet." in said[1].replace("1s ago", "0s ago")
        gate = "The gate waits for answers: confirmed 0, failed 0, silent 1"
        asked = "The gate asks for 100 % confirmed of the devices heard"
        assert "wave 2 of 3: not sent yet. Waves up to 1 of 3 are sent. " + gate in said[2]
        assert asked in said[2]
        status = " ".join(desk.ok("status").out.split())
        assert gate in status
        assert asked in status
        assert "第 2 批（共 3 批）：尚未下发" in desk.ok("--lang", "zh", "explain", "meter-2").out
        assert "第 1 批（共 3 批）" in desk.ok("--lang", "zh", "status", "meter-1").out

        desk.cloud.pass_time(3700)
        desk.ok("status", "--refresh")
        desk.ok("plan", "--detailed-exitcode", code=2)
        desk.ok("apply", "saved.plan", "--wave", "1")
        assert len(sent(desk)) == 1
        desk.ok("apply", "saved.plan")
        assert sent(desk)[1:] == [("queue_write", "2")]

        desk.cloud.pass_time(3700)
        desk.ok("apply", "--yes")
        assert sent(desk)[2:] == [("queue_write", "3")]
        desk.cloud.pass_time(3700)
        assert "全部 3 批均已下发并确认" in desk.ok("--lang", "zh", "apply", "--yes").err
        desk.ok("plan", "--detailed-exitcode")


def test_canaries_stand_for_every_site_and_more_than_allowed_are_an_error_of_the_plan(tmp_path):
    rollout = "    canaries: {cover: [ring], atMost: 2}\n    waves: [{devices: 100%}]\n"
    with serving([record(number) for number in (1, 2, 3)]) as emulator:
        desk = desk_at(tmp_path, emulator, rollout, 3)
        assert "RCL713" in desk.ok("plan", "--detailed-exitcode", code=4).out
        desk.edit("meters.yaml", "atMost: 2", "atMost: 3")
        plan = desk.ok("plan", "--format", "json").json
        Draft202012Validator(json.loads(PLAN_SCHEMA.read_text(encoding="utf-8"))).validate(plan)
        assert [(wave["wave"], wave["devices"]) for wave in plan["rollouts"][0]["waves"]] == [(1, 3), (2, 0)]


def test_too_many_failures_stop_a_rollout_and_withdraw_what_waits(tmp_path):
    rollout = "    waves: [{devices: 3}, {devices: 100%}]\n    abortWhen: {failedPercent: 20, minimum: 0}\n"
    fleet = [record(1, refuses=["/3303/0/5603"]), record(2), record(3, sleep=RARE), record(4)]
    with serving(fleet, switches={"negative_answer": "failed"}) as emulator:
        desk = desk_at(tmp_path, emulator, rollout, 4)
        desk.ok("apply", "--yes")
        assert sorted(sent(desk)) == [("queue_write", "1"), ("queue_write", "2"), ("queue_write", "3")]
        desk.cloud.pass_time(3700)
        assert "aborted" in desk.ok("apply", "--yes", code=4).err
        assert sent(desk)[3:] == [("cancel", "3")]
        for _ in range(2):  # remembered, and still so when more devices confirm
            desk.ok("apply", "--yes", code=4)
            desk.cloud.pass_time(3700)
        assert len(sent(desk)) == 4
        plan = desk.ok("plan", "--detailed-exitcode", code=4).out
        assert "the rollout of profile meters was aborted" in plan
        assert "配置 meters 的分批发布已中止" in desk.ok("--lang", "zh", "plan", "--format", "markdown").out

        desk.ok("state", "rollout", "meters", "--clear", "--yes", "--reason", "looked at meter 1")
        desk.ok("state", "rollout", "meters", "--clear", "--yes", code=1)
        desk.ok("apply", "--yes")
        assert ("queue_write", "1") in sent(desk)[4:]
        assert ("queue_write", "4") not in sent(desk)

        desk.edit("meters.yaml", "-20.0", "-21.0")
        desk.ok("apply", "--yes")
        assert ("queue_write", "4") not in sent(desk)
        assert desk.ok("plan", "--format", "json").json["rollouts"][0]["standing"] == "waiting"


def test_a_refusal_counts_as_failed_and_neither_a_device_out_of_reach_nor_a_bad_key_does(tmp_path):
    rollout = "    waves: [{devices: 4}, {devices: 100%}]\n    abortWhen: {failedPercent: 20, minimum: 0}\n"
    awake = {"sleep": {"kind": "none"}}
    fleet = [record(1, refuses=["/3303/0/5603"], **awake), *(record(n, **awake) for n in (2, 3, 4, 5))]
    rules = [
        {"match": {"operation": "write_now", "device": f"86582003000000{n}"}, "fault": fault}
        for n, fault in ((2, "device_answers:OFFLINE"), (3, "errno:10403:authentication failed"))
    ]
    with serving(fleet) as emulator:
        desk = desk_at(tmp_path, emulator, rollout, 5)
        desk.edit("meters.yaml", "{mode: queue}", "{mode: now, timeout: 5s}")
        desk.cloud.post("/faults", {"rules": rules})
        assert "aborted" in desk.ok("apply", "--yes", code=4).err
        (note,) = desk.ok("plan", "--format", "json").json["rollouts"]
        counts = {name: note["waves"][0][name] for name in ("confirmed", "failed", "silent")}
        assert (note["standing"], counts) == ("aborted", {"confirmed": 1, "failed": 1, "silent": 2})
        desk.ok("apply", "--yes", code=4)
        assert "5" not in {device for _, device in sent(desk)}


def test_outside_its_window_nothing_goes_and_everybody_is_told_when_it_opens(tmp_path):
    day = (datetime.now(UTC) + timedelta(days=3)).strftime("%a").lower()
    rollout = (
        f"    waves: [{{devices: 100%}}]\n    windows: {{open: [{{days: [{day}], from: '00:00', to: '24:00'}}]}}\n"
    )
    with serving([record(1)]) as emulator:
        desk = desk_at(tmp_path, emulator, rollout, 1)
        desk.ok("plan", "-o", "saved.plan")
        for words in (["--yes"], ["saved.plan"]):
            assert "wave 1 of 1 waits for its window, which opens 20" in desk.ok("apply", *words).err
        assert sent(desk) == []
        desk.ok("plan", "--detailed-exitcode", code=2)
        assert "waits for its window, which opens 20" in " ".join(desk.ok("status").out.split())
        assert "等待发布窗口，将于20" in "".join(desk.ok("--lang", "zh", "explain", "meter-1").out.split())
        desk.edit("meters.yaml", f"days: [{day}], ", "")
        assert "RCL302" in desk.ok("apply", "saved.plan", code=1).err
        desk.ok("apply", "--yes")
        assert sent(desk) == [("queue_write", "1")]


LAMPS = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: lamps}
spec:
  selector: {matchLabels: {class: lamp}}
  properties: {Brightness: 10}
"""
LAMP = """\
---
apiVersion: reconcile/v1
kind: Device
metadata: {{name: lamp-{n}, labels: {{class: lamp, ring: "{n}"}}}}
spec: {{platform: aliyun-prod, productKey: a1BwAGVxxxx, deviceName: lamp-{n}}}
"""


def test_an_abort_sets_back_the_desired_values_that_no_device_reported(tmp_path):
    fleet = FLEET[: FLEET.index("    onenet-prod:")] + FLEET[FLEET.index("    aliyun-prod:") :]
    records = [
        {
            "cloud": "aliyun",
            "productKey": "a1BwAGVxxxx",
            "deviceName": f"lamp-{n}",
            **({"sleep": PSM} if n == 3 else {}),
        }
        for n in (1, 2, 3, 4)
    ]
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=("aliyun-prod",))
        desk.write({"fleet.yaml": fleet, "lamps.yaml": LAMPS + "".join(LAMP.format(n=n) for n in (1, 2, 3, 4))})
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(3700)
        desk.ok("status", "--refresh")
        rollout = "60}\n  rollout:\n    waves: [{devices: 3}, {devices: 100%}]\n    abortWhen: {failedPercent: 20, minimum: 0}\n"
        desk.edit("lamps.yaml", "10}\n", rollout + ORDER)
        rule = {"operation": "set_desired", "device": "a1BwAGVxxxx/lamp-2"}
        desk.cloud.post("/faults", {"rules": [{"match": rule, "fault": "errno:iot.device.NotExistedDevice"}]})
        desk.run("apply", "--yes")
        begun = len(desk.cloud.sent())
        plan = desk.ok("plan", "--detailed-exitcode", "--format", "json", "--device", "lamp-2", code=4).json
        assert plan["steps"] == [], "out of scope nothing is taken back"
        told = desk.ok("--lang", "zh", "plan").out
        assert "设备尚未上报，恢复原值" in told
        desk.ok("apply", "--yes", code=4)
        assert sent(desk)[begun:] == [("set_desired", "3")]
        values = [desk.cloud.lamp(f"lamp-{n}")["desired"]["Brightness"]["value"] for n in (1, 2, 3, 4)]
        assert values == [60, 10, 10, 10], "a lamp that took the change keeps it"
        desk.cloud.pass_time(3700)
        desk.ok("apply", "--yes", code=4)
        assert len(sent(desk)) == begun + 1
        assert desk.cloud.lamp("lamp-3")["values"]["Brightness"] == 10

        desk.cloud.post("/faults", {"rules": []})
        desk.ok("state", "rollout", "lamps", "--clear", "--yes", "--reason", "lamp 2 is back")
        desk.ok("apply", "--yes")
        assert sorted(sent(desk)[begun + 1 :]) == [("set_desired", "2"), ("set_desired", "3")]
