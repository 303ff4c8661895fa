"""What a queue lost is queued again from git: at once, then later and later, and not for ever."""

from datetime import datetime, timedelta

import pytest
from desk import FLEET, Cloud, Desk, serving
from test_queue_limits import IMEI, queue_a_foreign_command

SLEEPER = {"kind": "psm", "wake_every_s": 86_400, "awake_s": 20}
METER = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-1}
spec:
  platform: onenet-prod
  imei: "865820030000001"
  resources: {/3303/0/5603: -10.0}
  delivery: {mode: queue, expireAfter: 2m, requeue: 2, backoff: 1h}
"""
EXPIRY_S = 180


@pytest.fixture
def meter(tmp_path, request):
    """A meter that sleeps for a day at a time, with a write queued for it."""
    records = [{"cloud": "onenet", "imei": IMEI, "sleep": SLEEPER}]
    with serving(records, switches=getattr(request, "param", {})) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=("onenet-prod",))
        fleet = FLEET[: FLEET.index("    aliyun-prod:")]
        desk.write({"fleet.yaml": fleet, "meter.yaml": METER}).ok("apply", "--yes")
        yield desk


def planned(desk, *options):
    return desk.ok("plan", "--format", "json", *options).json


def reasons(plan):
    return [change["reason"] for group in plan["classes"] for change in group["changes"]]


def queued(desk):
    return [command for command in desk.cloud.meter()["queue"] if command["send_status"] == 1]


def test_retries_grow_apart_and_end(meter):
    meter.cloud.pass_time(EXPIRY_S)
    assert reasons(planned(meter, "--refresh", "all")) == ["retry 1 of 2: the queued write expired"]
    meter.ok("plan", "-o", "saved.plan", "--refresh", "all")
    meter.ok("apply", "saved.plan")
    assert len(queued(meter)) == 1

    meter.cloud.pass_time(EXPIRY_S)
    (waiting,) = planned(meter, "--refresh", "all")["waiting"]
    assert waiting["reason"].startswith("retry 2 of 2: the queued write expired; not before ")
    meter.ok("plan", "--detailed-exitcode", "--refresh", "all", code=3)
    meter.ok("apply", "--yes", "--refresh", "all")
    assert queued(meter) == []

    meter.cloud.pass_time(3600)
    assert reasons(planned(meter, "--refresh", "all")) == ["retry 2 of 2: the queued write expired"]
    meter.ok("apply", "--yes", "--refresh", "all")
    meter.cloud.pass_time(EXPIRY_S)
    (waiting,) = planned(meter, "--refresh", "all")["waiting"]
    assert waiting["reason"] == "given up, 2 of 2 retries made: the queued write expired; --retry-failed tries again"
    meter.ok("plan", "--detailed-exitcode", "--refresh", "all", code=3)
    assert "given up" in meter.ok("explain", "meter-1", "--refresh").out

    assert reasons(planned(meter, "--refresh", "all", "--retry-failed")) == [
        "retry 3, asked for: the queued write expired"
    ]
    meter.edit("meter.yaml", "-10.0", "-11.0")
    assert reasons(planned(meter, "--refresh", "all")) == ["manifest"], "another value is new"
    meter.edit("meter.yaml", "-11.0", "-10.0")
    meter.cloud.pass_time(86_400)
    heard = planned(meter, "--refresh", "all")
    assert reasons(heard) == ["retry 3, the device was heard again: the queued write expired"]
    meter.ok("apply", "--yes", "--retry-failed")
    assert len(queued(meter)) == 1


@pytest.mark.parametrize("meter", [{"cached_limit": "evict", "limit_counts": "all"}], indirect=True)
def test_a_command_that_the_queue_lost_is_queued_again(meter):
    meter.edit("meter.yaml", "expireAfter: 2m", "expireAfter: 7d")
    meter.edit("meter.yaml", "-10.0", "-12.0")
    meter.ok("apply", "--yes", "--refresh", "all")
    for number in range(11):
        queue_a_foreign_command(meter.cloud, number)
    assert len(queued(meter)) == 10, "ours was the oldest, and was pushed out"
    meter.ok("plan", "--detailed-exitcode", "--refresh", "all", code=3)
    meter.cloud.pass_time(90_000)  # the device wakes and takes what is left
    assert meter.cloud.meter()["values"].get("/3303/0/5603") != -12.0
    assert reasons(planned(meter, "--refresh", "all")) == ["retry 1 of 2: the queued write is missing"]
    meter.ok("apply", "--yes", "--refresh", "all")
    meter.cloud.pass_time(90_000)
    assert meter.cloud.meter()["values"]["/3303/0/5603"] == -12.0
    meter.ok("status", "--refresh")
    assert meter.ok("plan", "--detailed-exitcode").code == 0


def test_an_expiry_is_sent_in_the_zone_that_the_platform_reads(meter):
    (command,) = queued(meter)
    made, valid, expires = (datetime.fromisoformat(command[f"{name}_time"]) for name in ("create", "valid", "expired"))
    assert timedelta(seconds=55) < valid - made < timedelta(seconds=70)
    assert timedelta(seconds=115) < expires - made < timedelta(seconds=130)


@pytest.mark.parametrize("meter", [{"history_zone": "utc"}], indirect=True)
def test_another_zone_of_the_platform_is_found_before_anything_waits_for_eight_hours(meter):
    (command,) = queued(meter)
    made, valid = (datetime.fromisoformat(command[f"{name}_time"]) for name in ("create", "valid"))
    assert valid - made > timedelta(hours=8), "such a platform would hold commands back for eight hours"
    assert "UTC" in meter.ok("doctor", code=1).out
