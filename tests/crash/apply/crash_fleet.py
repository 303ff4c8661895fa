"""A small mixed fleet, the program as a process beside an emulator, and what must hold of the emulator's log."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

from reconcile.emulator import EmulatorThread, World
from reconcile.model.journal import AttemptState
from reconcile.runs.plan import make_plan
from reconcile.runs.request import Request, Scope
from reconcile.runs.session import Options, Session
from reconcile.state.sqlite import Sqlite

KEYS = {
    "ONENET_MASTER_KEY": "emulator-master-key",
    "ONENET_ACCESS_KEY": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=",
    "ALIYUN_AK": "emulator-ak",
    "ALIYUN_SK": "emulator-secret",
}
SLEEPER, LISTENER, LAMP = "865820030000001", "865820030000002", "a1Crash/lamp-1"
WAIT_S = 20.0

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

POPULATION = [
    {"cloud": "onenet", "imei": SLEEPER, "sleep": {"kind": "psm", "wake_every_s": 864000, "awake_s": 1}},
    {"cloud": "onenet", "imei": LISTENER, "sleep": {"kind": "none"}},
    {"cloud": "aliyun", "productKey": "a1Crash", "deviceName": "lamp-1", "sleep": {"kind": "none"}},
]


class Site:
    """Manifests, state and clouds of one test."""

    def __init__(self, folder, emulator):
        self.folder, self.emulator = folder, emulator
        self.manifests, self.state = folder / "manifests", folder / "state.db"
        self.manifests.mkdir()
        (self.manifests / "fleet.yaml").write_text(FLEET, encoding="utf-8")
        self.declare(1)

    def declare(self, value):
        """Every resource of every device wants another value."""
        properties = ", ".join(f"P{n:02}: {value}" for n in range(12))
        text = DEVICES.format(value=value, properties=properties)
        (self.manifests / "devices.yaml").write_text(text, encoding="utf-8")

    def command(self, *words, program=("-m", "reconcile")):
        url = self.emulator.url
        return [
            *(sys.executable, *map(str, program), "--manifests", str(self.manifests)),
            *("--state", f"sqlite:///{self.state}"),
            *("--endpoint", f"onenet-prod={url}", "--endpoint", f"aliyun-prod={url}"),
            *words,
        ]

    @contextmanager
    def started(self, *words, **program):
        env = {**os.environ, **KEYS, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        process = subprocess.Popen(
            self.command(*words, **program),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def run(self, *words):
        """Runs to the end. The exit code, and what was said."""
        with self.started(*words) as process:
            said, _ = process.communicate(timeout=60)
            return process.returncode, said.decode()

    def apply(self):
        code, said = self.run("apply", "--yes")
        assert code == 0, said

    def kill_when(self, is_time, *words, number=signal.SIGKILL):
        """Starts the program and sends it the signal at a moment; true when it was still running."""
        with self.started(*words) as process:
            wait_until(lambda: is_time() or process.poll() is not None)
            process.send_signal(number)
            process.communicate(timeout=30)
            return process.returncode == -number

    def post(self, path, body):
        request = urllib.request.Request(self.emulator.url + "/_emulator" + path, json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def get(self, path):
        with urllib.request.urlopen(self.emulator.url + "/_emulator" + path, timeout=10) as answer:
            return json.load(answer)

    def log(self):
        return self.get("/log?after=0")

    def mutating(self, operation=None):
        """How many mutating requests arrived so far; read without a request, as it is asked very often."""
        entries = self.emulator.world.log.entries
        return sum(entry.mutating and operation in (None, entry.operation) for entry in entries)

    def fault(self, operation, *faults, nth=1):
        self.post("/faults", {"rules": [{"match": {"operation": operation, "nth": nth}, "fault": list(faults)}]})

    def heal(self):
        self.post("/faults", {"rules": []})

    def skip(self, seconds=30):
        """The clouds' clocks move on, so that no copy of an open attempt can land any more."""
        self.post("/clock", {"advance_s": seconds})

    def plan(self, scope=None):
        url = self.emulator.url
        endpoints = {"onenet-prod": url, "aliyun-prod": url}
        options = Options(self.manifests, f"sqlite:///{self.state}", endpoints, KEYS)

        async def look(session):
            try:
                return (await make_plan(session, Request(scope=scope or Scope()))).plan
            finally:
                await session.close_clients()

        with Session.open(options, creates_state=True) as session:
            return asyncio.run(look(session))

    # What must hold.

    def check_journal_came_first(self):
        """Every mutating request that arrived has its durable INFLIGHT, with the precondition the cloud checked."""
        with Sqlite.open(self.state, create=False) as store:
            begun = [entry for entry in store.journal() if entry.state is AttemptState.INFLIGHT]
        requests = [entry for entry in self.log() if entry["mutating"] and not _is_copy(entry)]
        began, arrived = Counter(map(_journaled, begun)), Counter(map(_arrived, requests))
        # A further copy of a queued command is withdrawn under the attempt it is a copy of: still open, and durable.
        began["cancel_queued", SLEEPER, None] += sum(
            _is_copy(e) and e["operation"].startswith("queue_") for e in self.log()
        )
        assert arrived <= began, arrived - began
        for request in requests:
            if request["operation"] == "write_now":  # no token outlives the deadline that was written down
                deadlines = [entry.deadline for entry in begun if _journaled(entry) == _arrived(request)]
                assert request["precondition"]["et"] <= max(deadlines).timestamp()

    def check_settled(self, value, *, runs, version):
        """The clouds hold the value once, versions grew by one per item and edit, nothing ran or waits twice."""
        self.check_journal_came_first()
        plan = self.plan()
        assert not plan.classes, plan.classes
        with Sqlite.open(self.state, create=False) as store:
            assert store.open_attempts() == []
        log = self.log()
        landed = [entry for entry in log if entry["operation"] == "queue_execute" and entry["landed"]]
        assert len(landed) == runs
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
        self.skip()  # past valid_time: what waits is due
        self.post(f"/devices/onenet/{SLEEPER}/uplink", {"kind": "update"})
        sleeper = self.get(f"/devices/onenet/{SLEEPER}")
        wanted = {"/3303/0/5603": float(value), "/3303/0/5604": value + 0.5, "/1/0/3": value * 100}
        assert {path: sleeper["values"][path] for path in wanted} == wanted
        assert len(sleeper["executions"]) == executions
        assert not self.plan().classes

    def live(self):
        """Paths of each waiting command of the sleeper, by uuid."""
        queue = self.get(f"/devices/onenet/{SLEEPER}")["queue"]
        return {command["uuid"]: _paths(command) for command in queue if command["state"] in ("wait", "sent")}


NAMES = {"sleeper": SLEEPER, "listener": LISTENER, "lamp-1": LAMP}
BEIJING = timezone(timedelta(hours=8))


def _journaled(entry):
    """What the cloud can know of an INFLIGHT: operation, device, and the expiry, versions or instance it names."""
    versions = entry.precondition.get("versions")
    if versions is not None:
        guard = json.dumps(versions, sort_keys=True)
    elif entry.marker is not None:
        guard = entry.marker.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")
    else:
        guard = entry.target.rpartition("/")[0] if entry.operation == "write_now" else None
    return entry.operation, NAMES[entry.device.name], guard


def _arrived(entry):
    """The same of a request in the emulator's log."""
    checked = entry["precondition"] or {}
    if "Versions" in checked:
        guard = json.dumps(checked["Versions"], sort_keys=True)
    else:
        guard = entry["target"] if entry["operation"] == "write_now" else checked.get("expired_time")
    operation = "cancel_queued" if entry["operation"] == "cancel" else entry["operation"]
    return operation, entry["device"], guard


def _paths(command):
    if command["type"] == "EXECUTE":
        return [command["path"]]
    return [f"{command['path']}/{item['res_id']}" for item in command["content"]["data"]]


def _is_copy(entry):
    return entry["fault"] in ("duplicate", "late_copy")


def wait_until(is_true):
    deadline = time.monotonic() + WAIT_S
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.001)


@contextmanager
def site(folder):
    with EmulatorThread(World.from_records(POPULATION, now=datetime.now(UTC))) as emulator:
        yield Site(folder, emulator)
