"""When devices were last heard, and that they are other devices now: learned by looks, in few calls."""

from datetime import UTC, datetime

from desk import FLEET, LAMPS, RECORDS, Cloud, Desk, serving

from reconcile.emulator import EmulatorThread, World

LAMP = RECORDS[2]


def test_a_refresh_of_the_status_learns_when_devices_were_heard_fifty_lamps_a_call(desk):
    desk.ok("apply", "--yes")
    assert "last_uplink" not in desk.ok("state", "show", "lamp-1").json
    alone = len(desk.cloud.log("device_status"))
    desk.ok("status", "--refresh")
    known = [desk.ok("state", "show", name).json for name in ("lamp-1", "meter-1", "meter-2")]
    assert all("last_uplink" in one for one in known)
    assert len(desk.cloud.log("BatchGetDeviceState")) == 1
    assert len(desk.cloud.log("device_status")) == alone, "the apply asked one for the time"
    assert {r["delivery"] for r in known[1]["resources"].values()} == {"queued"}, "it was heard, and has not taken it"
    before = len(desk.cloud.log("BatchGetDeviceState"))
    desk.ok("status", "--wait", "3s", code=3)
    assert len(desk.cloud.log("BatchGetDeviceState")) == before, "no lamp waits any more"


def test_a_lamp_that_was_created_anew_under_its_old_name_is_written_again(desk, tmp_path):
    desk.ok("apply", "--yes")
    desk.ok("status", "--refresh")
    assert desk.ok("state", "show", "lamp-1").json["registered"].startswith("iotId:")
    with serving([*RECORDS[:2], {**LAMP, "iotId": "another0000000000000001"}]) as emulator:
        other = Desk(tmp_path, Cloud(emulator.url))
        plan = other.ok("plan", "--refresh", "all", "-l", "class=lamp", "--format", "json").json
        (step,) = plan["steps"]
        assert step["request"] == {
            "items": {"Brightness": 60, "LightSwitch": 1},
            "versions": {"Brightness": 0, "LightSwitch": 0},
        }
        other.ok("apply", "--yes", "--refresh", "all", "-l", "class=lamp")
        assert other.cloud.lamp()["desired"]["Brightness"]["value"] == 60
        assert other.ok("plan", "--refresh", "all", "-l", "class=lamp", "--format", "json").json["steps"] == []


def test_a_value_set_at_the_device_after_ours_is_shown_before_a_plain_plan_overwrites_it(tmp_path):
    world = World.from_records([LAMP], now=datetime.now(UTC))
    with EmulatorThread(world) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url)).write({"fleet.yaml": FLEET, "lamps.yaml": LAMPS})
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(60)
        desk.ok("status", "--refresh")
        (device,) = world.aliyun.values()
        device.reported["Brightness"] = (7, int(datetime.now(UTC).timestamp() * 1000) + 59_000)  # by hand, at the lamp
        desk.edit("lamps.yaml", "Brightness: 60", "Brightness: 80")
        told = desk.ok("plan", "--format", "json").json
        (notice,) = [one for one in told["drift"] if one["resource"] == "Brightness"]
        assert (notice["desired"], notice["recorded"], notice["observed"]) == (80, 60, 7)
        assert "overwrites a newer value of the device" in " ".join(desk.ok("plan").out.split())
