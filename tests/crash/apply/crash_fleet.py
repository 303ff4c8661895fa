"""A small mixed fleet: a sleeper with queued writes and a command, a listener, a lamp."""

from collections import Counter
from types import MappingProxyType

from crash_site import Site

SLEEPER, LISTENER, LAMP = "865820030000001", "865820030000002", "a1Crash/lamp-1"

FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: crash}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {api: studio, endpoint: "https://openapi.heclouds.com"}
      cached: {api: classic, endpoint: "https://api.heclouds.com"}
      credentials: {masterKey: {env: ONENET_MASTER_KEY}, accessKey: {env: ONENET_ACCESS_KEY}, resource: "userid/38055"}
      quota: {requestsPerSecond: 80}
    aliyun-prod:
      type: aliyun
      region: cn-shanghai
      credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}
      quota: {requestsPerSecond: 40}
  defaults: {delivery: {mode: queue, validAfter: 10s, timeout: 5s, expireAfter: 72h, retry: 3}}
"""

DEVICES = """\
apiVersion: reconcile/v1
kind: Device
metadata: {{name: sleeper}}
spec:
  platform: onenet-prod
  imei: "865820030000001"
  resources: {{/3303/0/5603: {value}.0, /3303/0/5604: {value}.5, /1/0/3: {value}00}}
  commands: {{reboot: {{execute: /3/0/4, after: [/3303/0/5603]}}}}
---
apiVersion: reconcile/v1
kind: Device
metadata: {{name: listener}}
spec:
  platform: onenet-prod
  imei: "865820030000002"
  delivery: {{mode: now}}
  resources: {{/3303/0/5603: {value}.0, /1/0/3: {value}00}}
---
apiVersion: reconcile/v1
kind: Device
metadata: {{name: lamp-1}}
spec:
  platform: aliyun-prod
  productKey: a1Crash
  properties: {{{properties}}}
"""


class Mixed(Site):
    """Every resource of every device wants value 1; `declare(2)` makes all of them want another."""

    POPULATION = (
        {"cloud": "onenet", "imei": SLEEPER, "sleep": {"kind": "psm", "wake_every_s": 864000, "awake_s": 1}},
        {"cloud": "onenet", "imei": LISTENER, "sleep": {"kind": "none"}},
        {"cloud": "aliyun", "productKey": "a1Crash", "deviceName": "lamp-1", "sleep": {"kind": "none"}},
    )
    NAMES = MappingProxyType({"sleeper": SLEEPER, "listener": LISTENER, "lamp-1": LAMP})

    def write(self):
        self.file("fleet.yaml", FLEET)
        self.declare(1)

    def check(self):
        self.check_settled(1, runs=1, version=1)
        self.check_delivered(1, executions=1)

    def declare(self, value):
        """Every resource of every device wants another value."""
        properties = ", ".join(f"P{n:02}: {value}" for n in range(12))
        self.file("devices.yaml", DEVICES.format(value=value, properties=properties))

    def check_settled(self, value, *, runs, version):
        """The clouds hold the value once, versions grew by one per item and edit, nothing ran or waits twice."""
        self.check_at_rest()
        assert len(self.landed("queue_execute")) == runs
        live = Counter(path for paths in self.live().values() for path in paths)
        assert live == {"/3303/0/5603": 1, "/3303/0/5604": 1, "/1/0/3": 1, "/3/0/4": 1}
        lamp = self.get(f"/devices/aliyun/{LAMP}")["desired"]
        assert {path: (item["value"], item["version"]) for path, item in lamp.items()} == {
            f"P{n:02}": (value, version) for n in range(12)
        }
        listener = self.get(f"/devices/onenet/{LISTENER}")["values"]
        assert {path: listener[path] for path in ("/3303/0/5603", "/1/0/3")} == {
            "/3303/0/5603": float(value),
            "/1/0/3": value * 100,
        }

    def check_delivered(self, value, *, executions):
        """After its next uplink the sleeper holds what git says, and ran what it had to run."""
        self.wake(SLEEPER)
        sleeper = self.get(f"/devices/onenet/{SLEEPER}")
        wanted = {"/3303/0/5603": float(value), "/3303/0/5604": value + 0.5, "/1/0/3": value * 100}
        assert {path: sleeper["values"][path] for path in wanted} == wanted
        assert len(sleeper["executions"]) == executions
        assert not self.plan().classes

    def live(self):
        """Paths of each waiting command of the sleeper, by uuid."""
        queue = self.get(f"/devices/onenet/{SLEEPER}")["queue"]
        return {command["uuid"]: _paths(command) for command in queue if command["state"] in ("wait", "sent")}


def _paths(command):
    if command["type"] == "EXECUTE":
        return [command["path"]]
    return [f"{command['path']}/{item['res_id']}" for item in command["content"]["data"]]
