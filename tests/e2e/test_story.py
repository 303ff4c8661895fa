"""The whole story in real processes, for every generation of OneNET's API and both signatures of Aliyun at once."""

import pytest
from desk import PSM, Cloud, Desk, serving

FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: mixed}
spec:
  platforms:
    classic: {type: onenet, instant: {api: classic}, cached: {api: classic}, credentials: {masterKey: {env: ONENET_MASTER_KEY}}}
    studio:
      type: onenet
      instant: {api: studio}
      cached: {api: classic}
      credentials: {masterKey: {env: ONENET_MASTER_KEY}, accessKey: {env: ONENET_ACCESS_KEY}, resource: userid/38055}
    current:
      type: onenet
      instant: {api: current}
      cached: {api: current}
      credentials: {accessKey: {env: ONENET_ACCESS_KEY}, resource: userid/38055}
    v1-json: {type: aliyun, region: cn-shanghai, signature: v1, credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}}
    v1-xml: {type: aliyun, region: cn-shanghai, signature: v1, format: xml, credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}}
    acs3: {type: aliyun, region: cn-shanghai, signature: acs3, credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}}
  inventory: [meters.csv, lamps.csv]
"""
PROFILES = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: meters}
spec:
  selector: {matchLabels: {class: meter}}
  resources: {/3303/0: {5603: -20.0, 5604: 60.0}}
  delivery: {mode: queue}
---
apiVersion: reconcile/v1
kind: Profile
metadata: {name: mains}
spec:
  selector: {matchLabels: {class: mains}}
  resources: {/3303/0: {5603: -20.0}}
  delivery: {mode: now}
---
apiVersion: reconcile/v1
kind: Profile
metadata: {name: lamps}
spec:
  selector: {matchLabels: {class: lamp}}
  properties: {Brightness: 60, Ratio: 1.5}
"""
ONENET, ALIYUN = ("classic", "studio", "current"), ("v1-json", "v1-xml", "acs3")


def imei(number):
    return f"8658200300000{number:02}"


@pytest.fixture
def mixed(tmp_path):
    """A sleeper and a mains-powered device on each OneNET account, a lamp on each Aliyun account."""
    meters, lamps, records = "name,platform,imei,class\n", "name,platform,productKey,deviceName,class\n", []
    for number, platform in enumerate(ONENET):
        meters += (
            f"meter-{platform},{platform},{imei(number)},meter\nmains-{platform},{platform},{imei(number + 10)},mains\n"
        )
        records += [
            {"cloud": "onenet", "imei": imei(number), "sleep": PSM},
            {"cloud": "onenet", "imei": imei(number + 10)},
        ]
    for platform in ALIYUN:
        lamps += f"lamp-{platform},{platform},a1BwAGVxxxx,lamp-{platform},lamp\n"
        records.append({"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": f"lamp-{platform}"})
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=(*ONENET, *ALIYUN))
        yield desk.write({"fleet.yaml": FLEET, "profiles.yaml": PROFILES, "meters.csv": meters, "lamps.csv": lamps})


def test_apply_wake_change_withdraw_drift_heal_and_an_empty_plan(mixed):
    """Each scene leaves the clouds as the commands say."""
    cloud = mixed.cloud
    mixed.ok("apply", "--yes")
    assert all(cloud.meter(imei(n + 10))["values"]["/3303/0/5603"] == -20.0 for n in range(3))
    assert all(cloud.lamp(f"lamp-{name}")["desired"]["Brightness"]["value"] == 60 for name in ALIYUN)
    mixed.ok("plan", "--detailed-exitcode", code=3)
    assert "queued" in mixed.ok("status").out

    cloud.pass_time(7200)
    assert mixed.ok("status", "--refresh", "--format", "json").json["open"] == []
    assert all(cloud.meter(imei(n))["values"]["/3303/0/5604"] == 60.0 for n in range(3))
    mixed.ok("plan", "--detailed-exitcode")

    mixed.edit("profiles.yaml", "5603: -20.0, 5604", "5603: -15.0, 5604")
    mixed.ok("apply", "--yes")
    waiting = len(cloud.log("queue_write"))
    mixed.edit("profiles.yaml", "5603: -15.0, 5604", "5603: -20.0, 5604")
    withdrawal = mixed.ok("plan", "--format", "json").json
    assert {step["kind"] for step in withdrawal["steps"]} == {"cancel_queued"}
    mixed.ok("apply", "--yes")
    assert len(cloud.log("cancel")) == 3
    assert len(cloud.log("queue_write")) == waiting
    cloud.pass_time(7200)
    assert all(cloud.meter(imei(n))["values"]["/3303/0/5603"] == -20.0 for n in range(3))
    mixed.ok("plan", "--detailed-exitcode")

    for name in ALIYUN:
        cloud.post(f"/devices/aliyun/a1BwAGVxxxx/lamp-{name}/console", {"Brightness": 5})
    cloud.post(f"/devices/onenet/{imei(10)}/console", {"/3303/0/5603": 1.0})
    found = mixed.ok("drift", "--format", "json", code=2).json
    assert {notice["device"] for notice in found["drift"]} == {f"{n}/lamp-{n}" for n in ALIYUN} | {
        "classic/mains-classic"
    }
    mixed.ok("apply", "--yes", "--refresh", "all")
    assert all(cloud.lamp(f"lamp-{name}")["desired"]["Brightness"]["value"] == 60 for name in ALIYUN)
    assert cloud.meter(imei(10))["values"]["/3303/0/5603"] == -20.0
    cloud.pass_time(7200)
    mixed.ok("status", "--refresh")
    mixed.ok("drift")
    mixed.ok("plan", "--detailed-exitcode", "--refresh", "all")


def test_looking_commands_tell_what_is_recorded(mixed):
    """status, explain and state agree on a device; none of them sends anything."""
    mixed.ok("apply", "--yes")
    sent = len(mixed.cloud.sent())
    assert "queued" in mixed.ok("status", "meter-classic").out
    mixed.ok("status", "--wait", "1s", code=3)
    shown = mixed.ok("explain", "classic/meter-classic", "/3303/0/5603").out
    assert "profiles.yaml:6:" in shown
    assert "/3303/0/5604" not in shown
    assert "reported" in mixed.ok("explain", "lamp-acs3", "--refresh").out
    assert "RCL431" in mixed.ok("explain", "lamp-asc3", code=1).err
    assert "It has: Brightness, Ratio" in mixed.ok("explain", "lamp-acs3", "Colour", code=1).err
    assert len(mixed.ok("state", "ls").out.splitlines()) == 9
    assert mixed.ok("state", "show", "lamp-acs3").json["resources"]["Brightness"]["version"] == 1
    assert "RCL431" in mixed.ok("state", "show", "nobody", code=1).err
    exported = mixed.ok("state", "export").out.splitlines()
    assert '"format": "reconcile-state/1"' in exported[0]
    assert sum('"kind": "device"' in line for line in exported) == 9
    assert "RCL431" in mixed.ok("status", "nobody", code=1).err
    assert len(mixed.cloud.sent()) == sent
