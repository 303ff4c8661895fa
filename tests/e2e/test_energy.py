"""Forecasts and budgets through the command line, on meters that sleep: the emulator's devices tell what they took."""

from desk import FLEET, METERS, PSM, Cloud, Desk, serving

METER = "865820030000001"
ONE_METER = [{"cloud": "onenet", "imei": METER, "sleep": {**PSM, "phase_s": 1800}}]
PROFILE = METERS.partition("---")[0]
DEVICE = """\
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-1, labels: {class: meter}}
spec: {platform: onenet-prod, imei: "865820030000001"}
"""


def desk_at(tmp_path, url, delivery):
    desk = Desk(tmp_path, Cloud(url), ("onenet-prod",))
    fleet = FLEET.partition("    aliyun-prod:")[0]
    profile = PROFILE.replace("{mode: queue}", delivery)
    return desk.write({"fleet.yaml": fleet, "meters.yaml": profile + DEVICE})


def sessions(desk):
    """How many radio sessions the meter spent on commands of ours."""
    return len({command["confirm_time"] for command in desk.cloud.meter()["queue"] if command["state"] == "delivered"})


def edited_every_hour(desk, hours):
    """A value is changed and applied each hour, just after the meter spoke; returns the exit code of the last plan."""
    for hour in range(hours):
        desk.edit("meters.yaml", f"5603: {-20.0 - hour}", f"5603: {-21.0 - hour}")
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(3600)
    return desk.run("plan", "--detailed-exitcode")


def test_a_budget_coalesces_a_day_of_edits_into_one_session(tmp_path):
    with serving(ONE_METER) as emulator:
        desk = desk_at(tmp_path, emulator.url, "{mode: queue, expireAfter: 72h}")
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(3600)
        edited_every_hour(desk, 4)
        assert sessions(desk) == 5
    thrifty = tmp_path / "thrifty"
    with serving(ONE_METER) as emulator:
        desk = desk_at(thrifty, emulator.url, "{mode: queue, expireAfter: 72h, budget: {wakeUpsPerDay: 1}}")
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(3600)
        waiting = edited_every_hour(desk, 4)
        assert sessions(desk) == 1
        assert waiting.code == 3
        assert "wake-up budget (1 a day) is spent until" in " ".join(waiting.out.split())


def test_a_change_set_and_what_joins_it_before_the_uplink_are_one_session(tmp_path):
    """Two object instances and a command, then an edit of one: the plans say one wake-up and none, and so it is."""
    more = "5604: 60.0, /1/0/2: 5}\n  commands: {reboot: {execute: /3/0/4, trigger: a}}"
    with serving(ONE_METER) as emulator:
        desk = desk_at(tmp_path, emulator.url, "{mode: queue}")
        desk.edit("meters.yaml", "/3303/0/5604: 60.0}", f"/3303/0/{more}")
        first = desk.ok("plan", "--format", "json").json
        assert (len(first["steps"]), first["summary"]["energy"]["wakeups"]) == (3, 1)
        desk.ok("apply", "--yes")
        desk.edit("meters.yaml", "5604: 60.0", "5604: 61.0")
        second = desk.ok("plan", "--format", "json").json
        assert [step["kind"] for step in second["steps"]] == ["cancel_queued", "queue_write"]
        assert second["summary"]["energy"]["wakeups"] == 0
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(3600)
        delivered = [each for each in desk.cloud.meter()["queue"] if each["state"] == "delivered"]
        assert (len(delivered), sessions(desk)) == (3, 1)
        assert desk.cloud.meter()["values"]["/3303/0/5604"] == 61.0


def test_what_may_ride_along_is_no_instant_call(tmp_path):
    awake = [{"cloud": "onenet", "imei": METER, "sleep": {"kind": "none", "uplink_every_s": 20}}]
    for delivery, operations in (("{mode: auto}", {"write_now"}), ("{mode: auto, urgency: whenever}", {"queue_write"})):
        folder = tmp_path / str(len(operations) + len(delivery))
        with serving(awake) as emulator:
            desk = desk_at(folder, emulator.url, delivery)
            kinds = {step["kind"] for step in desk.ok("plan", "--format", "json").json["steps"]}
            assert kinds == operations
            desk.ok("apply", "--yes")
            desk.cloud.pass_time(120)
            assert desk.cloud.meter()["values"]["/3303/0/5603"] == -20.0


def test_the_forecast_comes_true(tmp_path):
    with serving(ONE_METER) as emulator:
        desk = desk_at(tmp_path, emulator.url, "{mode: queue}")
        first = desk.ok("plan", "--format", "json").json["summary"]["forecast"]["confirmed"]
        assert (first["devices"], first["unknown"], first["half_s"]) == (1, 1, None)
        for value in (-20.0, -21.0, -22.0):
            desk.ok("apply", "--yes")
            desk.cloud.pass_time(3600)
            desk.ok("status", "--refresh")
            desk.edit("meters.yaml", f"5603: {value}", f"5603: {value - 1}")
        told = desk.ok("plan", "--format", "json").json["summary"]["forecast"]["confirmed"]
        assert (told["unknown"], told["outlive"]) == (0, 0)
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(told["most_s"] - 60)
        assert desk.cloud.meter()["values"]["/3303/0/5603"] == -22.0
        desk.cloud.pass_time(120)
        assert desk.cloud.meter()["values"]["/3303/0/5603"] == -23.0
        desk.ok("status", "--refresh")
        score = desk.ok("status", "--format", "json").json["forecast"]
        assert abs(score["foreseen"]["most_s"] - told["most_s"]) < 60
        assert (score["devices"], score["confirmed"], score["lost"]) == (1, 1, 0)
        assert "1 confirmed, 0 lost" in " ".join(desk.ok("status").out.split())
