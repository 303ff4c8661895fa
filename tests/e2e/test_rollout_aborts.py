"""A rollout that fails: what counts against it, what an abort stops and takes back, and going on after it."""

from desk import FLEET, PSM, Cloud, Desk, serving
from rollout_desk import METER, ORDER, RARE, desk_at, record, sent

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


def test_a_wave_of_refusals_is_stopped_on_its_way_and_stays_stopped(tmp_path):
    rollout = "    waves: [{devices: 100%}]\n    abortWhen: {failedPercent: 30, minimum: 1}\n"
    imeis = [f"8658200300001{n:02}" for n in range(40)]
    fleet = [record(1) | {"imei": imei, "sleep": {"kind": "none"}, "refuses": ["/3303/0/5603"]} for imei in imeis]
    with serving(fleet) as emulator:
        desk = desk_at(tmp_path, emulator, rollout, 0)
        meters = [METER.format(n=n).replace(f"86582003000000{n}", imei) for n, imei in enumerate(imeis)]
        desk.edit("meters.yaml", ORDER, ORDER + "".join(meters))
        desk.edit("meters.yaml", "{mode: queue}", "{mode: now, timeout: 5s}")
        desk.edit("fleet.yaml", "      type: onenet\n", "      type: onenet\n      quota: {requestsPerSecond: 10}\n")
        assert "aborted" in desk.ok("apply", "--yes", code=4).err
        begun = len(sent(desk))
        assert begun < 40, "those whose turn had not come are not begun"
        desk.ok("apply", "--yes", code=4)
        assert len(sent(desk)) == begun


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
