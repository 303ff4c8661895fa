"""Meters under a rollout, at a desk: what the tests of rollouts share."""

from desk import FLEET, PSM, Cloud, Desk

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
