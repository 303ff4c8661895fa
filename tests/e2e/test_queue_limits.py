"""Ten cached commands a device, whoever queued them; and one instant command of a device at a time."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from desk import FLEET, KEYS, PSM, Cloud, Desk, serving

IMEI = "865820030000001"
LIMIT = 10
INSTANCES = range(14)
SLOW_S = 0.25
METER = """\
apiVersion: reconcile/v1
kind: Device
metadata: {{name: {name}, labels: {{class: meter}}}}
spec:
  platform: onenet-prod
  imei: "{imei}"
  delivery: {{mode: {mode}}}
  resources: {{{resources}}}
"""


def meter(values, mode="queue", name="meter-1", imei=IMEI):
    """A meter with one resource in each of several instances: each is a request of its own."""
    resources = ", ".join(f"/3303/{n}/5603: {value}" for n, value in values.items())
    return METER.format(name=name, imei=imei, mode=mode, resources=resources)


def queue_a_foreign_command(cloud, number):
    """Somebody else's cached write, past our back."""
    until = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S")
    query = f"imei={IMEI}&obj_id=3303&obj_inst_id={number}&mode=2&expired_time={until}"
    body = json.dumps({"data": [{"res_id": 5700 + number, "val": 1.0}]}).encode()
    request = urllib.request.Request(
        f"{cloud.url}/nbiot/offline?{query}",
        body,
        {"api-key": KEYS["ONENET_MASTER_KEY"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["errno"] == 0


def waiting(cloud):
    """Commands in the device's queue."""
    return [command for command in cloud.meter()["queue"] if command["send_status"] == 1]


@pytest.mark.parametrize("answer", ["refuse", "evict"])
def test_no_command_is_refused_or_pushed_out(tmp_path, answer):
    """Whatever the platform does with an eleventh command, it never sees one."""
    records = [{"cloud": "onenet", "imei": IMEI, "sleep": PSM}]
    with serving(records, switches={"cached_limit": answer}) as emulator:
        cloud = Cloud(emulator.url)
        desk = Desk(tmp_path, cloud).write({"fleet.yaml": FLEET})
        for number in range(3):
            queue_a_foreign_command(cloud, number)
        desk.write({"meter.yaml": meter(dict.fromkeys(INSTANCES, 1.0))})
        plan = desk.ok("plan", "--detailed-exitcode", "--format", "json", code=2).json
        assert plan["summary"]["requests"] == {"onenet-prod": 7}
        assert {notice["reason"] for notice in plan["waiting"]} == {"queue full: 10 of 10"}
        assert len(plan["waiting"]) == 7
        desk.ok("apply", "--yes")
        assert len(waiting(cloud)) == LIMIT

        shown = desk.ok("plan", "--detailed-exitcode", code=3).out
        assert "queue full: 10 of 10" in shown
        assert "队列已满：10/10" in desk.ok("--lang", "zh", "plan").out
        assert "waits: queue full: 10 of 10." in desk.ok("explain", "meter-1", "/3303/13/5603", "--refresh").out
        sent = len(cloud.sent())
        desk.ok("apply", "--yes")
        assert len(cloud.sent()) == sent

        desk.write({"meter.yaml": meter(dict.fromkeys(INSTANCES, 1.0) | {0: 2.0, 6: 2.0, 13: 2.0})})
        desk.ok("apply", "--yes")
        assert len(waiting(cloud)) == LIMIT
        for _ in range(3):
            cloud.pass_time(7200)
            desk.ok("apply", "--yes")
        cloud.pass_time(7200)
        desk.ok("plan", "--detailed-exitcode", "--refresh", "all")
        held = {n: cloud.meter()["values"][f"/3303/{n}/5603"] for n in INSTANCES}
        assert held == dict.fromkeys(INSTANCES, 1.0) | {0: 2.0, 6: 2.0, 13: 2.0}
        assert [entry for entry in cloud.sent() if entry["code"] != 0] == []
        withdrawn = [command["uuid"] for command in cloud.meter()["queue"] if command["send_status"] == 2]
        assert sorted(withdrawn) == sorted(entry["target"] for entry in cloud.log("cancel"))
        assert len(withdrawn) == 2


def test_a_command_that_finds_no_room_runs_once_and_last(tmp_path):
    """It is owed while it waits, also over plans in which nothing it follows changes any more."""
    records = [{"cloud": "onenet", "imei": IMEI, "sleep": PSM}]
    with serving(records) as emulator:
        cloud = Cloud(emulator.url)
        command = "  commands: {reboot: {execute: /3/0/4, after: [/3303/9/5603]}}\n"
        text = meter(dict.fromkeys(range(LIMIT), 1.0)) + command
        desk = Desk(tmp_path, cloud).write({"fleet.yaml": FLEET, "meter.yaml": text})
        desk.ok("apply", "--yes")
        assert [entry["operation"] for entry in cloud.sent()] == ["queue_write"] * LIMIT
        assert "queue full: 10 of 10" in desk.ok("plan", "--detailed-exitcode", code=3).out
        assert "queue full" in desk.ok("explain", "meter-1").out
        cloud.pass_time(7200)
        desk.ok("apply", "--yes")
        cloud.pass_time(7200)
        desk.ok("apply", "--yes")
        desk.ok("plan", "--detailed-exitcode")
        cloud.pass_time(7200)
        assert [run["path"] for run in cloud.meter()["executions"]] == ["/3/0/4"]
        assert len(cloud.log("queue_execute")) == 1


def test_a_small_plan_asks_nobody_for_the_queue(tmp_path):
    """The look at the queue costs a request a device: only plans that may fill half of it pay for it."""
    with serving([{"cloud": "onenet", "imei": IMEI, "sleep": PSM}]) as emulator:
        cloud = Cloud(emulator.url)
        desk = Desk(tmp_path, cloud).write({"fleet.yaml": FLEET, "meter.yaml": meter(dict.fromkeys(range(5), 1.0))})
        desk.ok("plan")
        assert cloud.log() == []
        desk.write({"meter.yaml": meter(dict.fromkeys(range(6), 1.0))})
        desk.ok("plan")
        assert [entry["operation"] for entry in cloud.log()] == ["history"]


def test_one_instant_command_of_a_device_at_a_time(tmp_path):
    """Devices side by side, the commands of each one after the other, writes and reads alike."""
    imeis = [f"86582003000000{n}" for n in range(3)]
    records = [{"cloud": "onenet", "imei": imei, "sleep": {"kind": "none"}} for imei in imeis]
    with serving(records) as emulator:
        cloud = Cloud(emulator.url)
        values = dict.fromkeys(range(3), 1.0)
        files = {f"{imei}.yaml": meter(values, "now", f"meter-{imei}", imei) for imei in imeis}
        desk = Desk(tmp_path, cloud).write({"fleet.yaml": FLEET, **files})
        slow = [{"match": {"operation": name}, "fault": f"slow:{SLOW_S}"} for name in ("write_now", "read_now")]
        cloud.post("/faults", {"rules": slow})
        desk.ok("apply", "--yes")
        desk.ok("plan", "--refresh", "all", "--detailed-exitcode")
        for operation in ("write_now", "read_now"):
            times = {imei: [] for imei in imeis}
            for entry in cloud.log(operation):
                times[entry["device"]].append(datetime.fromisoformat(entry["time"]).timestamp())
            assert [len(moments) for moments in times.values()] == [3, 3, 3]
            gaps = [later - earlier for moments in times.values() for earlier, later in pairwise(moments)]
            assert min(gaps) >= SLOW_S * 0.98
            firsts = [moments[0] for moments in times.values()]
            assert max(firsts) - min(firsts) < SLOW_S, "devices should not wait for one another"
