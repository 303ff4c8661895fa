"""Now or queued, against devices that sleep, are offline, or are called online and cannot be reached."""

from datetime import UTC, datetime

import pytest
from desk import FLEET, Cloud, Desk, serving

from reconcile.emulator import EmulatorThread, World

IMEI = "865820030000001"
METER = """\
apiVersion: reconcile/v1
kind: Device
metadata: {{name: meter-1, labels: {{class: meter}}}}
spec:
  platform: onenet-prod
  imei: "{imei}"
  delivery: {{mode: {mode}, timeout: 5s}}
  resources: {{/3303/0/5603: {value}, /3304/0/5603: 1.0}}
"""
HOURLY = {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}


@pytest.fixture
def meter(tmp_path):
    """Writes the manifests of one meter."""

    def make(cloud, mode, value=1.0):
        files = {"fleet.yaml": FLEET, "meter.yaml": METER.format(imei=IMEI, mode=mode, value=value)}
        return Desk(tmp_path, cloud).write(files)

    return make


def test_write_to_an_offline_device_is_queued_in_the_same_apply(meter):
    """The plan names both requests; one instant attempt proves that it is offline, and both writes are queued."""
    with serving([{"cloud": "onenet", "imei": IMEI, "sleep": HOURLY, "online": False}]) as emulator:
        cloud = Cloud(emulator.url)
        desk = meter(cloud, "now")
        plan = desk.ok("plan", "--format", "json").json
        assert [(s["kind"], s["otherwise"]["kind"]) for s in plan["steps"]] == [("write_now", "queue_write")] * 2
        assert plan["records"][0]["delivery"] == "sent now: delivery mode now"
        desk.ok("apply", "--yes")
        assert [entry["operation"] for entry in cloud.sent()] == ["write_now", "queue_write", "queue_write"]
        desk.ok("plan", "--detailed-exitcode", code=3)

        meter(cloud, "now", value=2.0)
        again = desk.ok("plan", "--format", "json").json
        assert "write_now" not in {step["kind"] for step in again["steps"]}
        assert "did not answer" in again["records"][0]["delivery"]
        assert "未应答" in desk.ok("--lang", "zh", "explain", "meter-1").out


def test_device_that_is_called_online_and_does_not_answer_gets_one_attempt(meter):
    """The first apply is told nothing for the length of a timeout; the next one queues, and the device takes it."""
    world = World.from_records([{"cloud": "onenet", "imei": IMEI, "sleep": HOURLY}], now=datetime.now(UTC))
    with EmulatorThread(world, speed=30) as emulator:
        cloud = Cloud(emulator.url)
        desk = meter(cloud, "now")
        desk.run("apply", "--yes")
        assert [entry["operation"] for entry in cloud.sent()] == ["write_now", "queue_write"]
        desk.ok("apply", "--yes")
        assert len(cloud.log("write_now")) == 1
        assert len(cloud.log("queue_write")) == 2
        cloud.pass_time(7200)
        desk.ok("status", "--refresh")
        desk.ok("plan", "--detailed-exitcode")
        assert cloud.meter()["values"]["/3303/0/5603"] == 1.0


def test_auto_says_why_it_queues_and_calls_a_device_that_just_spoke(meter):
    """`plan --format json` and `explain` hold the evidence."""
    with serving([{"cloud": "onenet", "imei": IMEI, "sleep": HOURLY | {"phase_s": 1800}}]) as emulator:
        cloud = Cloud(emulator.url)
        desk = meter(cloud, "auto")
        reason = desk.ok("plan", "--format", "json").json["records"][0]["delivery"]
        assert reason.startswith("queued: last uplink")
        assert reason.endswith("window 60s")
        assert "queued: last uplink" in desk.ok("explain", "meter-1", "--refresh").out
        cloud.pass_time(1801)
        plan = desk.ok("plan", "--format", "json").json
        assert [step["kind"] for step in plan["steps"]] == ["write_now", "write_now"]
        assert plan["records"][0]["delivery"].startswith("sent now: last uplink")
