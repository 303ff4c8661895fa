"""What of ours waits for a device must not outlive our interest in it."""

import json
import os
import subprocess
import sys
import urllib.request

import pytest

from reconcile.emulator import EmulatorThread, World
from reconcile.runs.wiring import utc_now

FIRST, SECOND = "865820031234567", "865820031234568"
FLEET = """apiVersion: reconcile/v1
kind: Fleet
metadata: {name: leaving}
spec:
  platforms:
    on: {type: onenet, instant: {api: classic}, cached: {api: classic}, credentials: {masterKey: {env: MK}}}
"""
SLEEPER = {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}


class Bench:
    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        (folder / "manifests").mkdir()
        (folder / "manifests" / "fleet.yaml").write_text(FLEET)

    def declare(self, value, imei=FIRST, commands=""):
        (self.folder / "manifests" / "device.yaml").write_text(
            "apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: m1}\n"
            f"spec: {{platform: on, imei: {imei}, resources: {{/3303/0/5603: {value}}}, "
            f"delivery: {{mode: queue}}{commands}}}\n"
        )

    def remove(self):
        (self.folder / "manifests" / "device.yaml").unlink()

    def run(self, *args, code=0):
        command = [sys.executable, "-m", "reconcile", "--endpoint", f"on={self.url}", *args]
        env = {**os.environ, "MK": "emulator-master-key"}
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def advance(self, seconds):
        body = json.dumps({"advance_s": seconds}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_emulator/clock", body, method="POST")).close()

    def device(self, imei=FIRST):
        with urllib.request.urlopen(f"{self.url}/_emulator/devices/onenet/{imei}") as answer:
            return json.load(answer)

    def queue(self, imei=FIRST):
        return [command["state"] for command in self.device(imei)["queue"]]


@pytest.fixture
def bench(tmp_path):
    records = [{"cloud": "onenet", "imei": imei, "sleep": SLEEPER} for imei in (FIRST, SECOND)]
    with EmulatorThread(World.from_records(records, now=utc_now())) as emulator:
        yield Bench(tmp_path, emulator.url)


def test_a_device_that_leaves_takes_its_queued_write_with_it(bench):
    """Left behind, the command would be delivered over whatever is written later."""
    bench.declare(66.0)
    bench.run("apply", "--yes")
    bench.remove()
    assert "withdrawn" in bench.run("plan")
    bench.run("apply", "--yes")
    assert bench.queue() == ["cancelled"]
    assert bench.run("state", "ls") == ""
    bench.run("plan", "--detailed-exitcode")


def test_a_device_that_leaves_after_delivery_needs_no_request(bench):
    """The look at its queue tells that nothing waits any more."""
    bench.declare(66.0)
    bench.run("apply", "--yes")
    bench.advance(7200)
    bench.remove()
    bench.run("apply", "--yes")
    assert bench.queue() == ["delivered"]
    assert bench.run("state", "ls") == ""


def test_another_device_under_the_name_comes_after_the_one_before_is_let_go(bench):
    """First the old module's queue is emptied, then the new one is written."""
    bench.declare(70.0)
    bench.run("apply", "--yes")
    bench.declare(70.0, SECOND)
    bench.run("apply", "--yes")
    assert (bench.queue(FIRST), bench.queue(SECOND)) == (["cancelled"], [])
    bench.run("apply", "--yes")
    assert bench.queue(SECOND) == ["wait"]
    bench.run("plan", "--detailed-exitcode", code=3)


@pytest.mark.parametrize("mode", ["ignore", "observe"])
def test_a_resource_no_longer_enforced_is_not_delivered(bench, mode):
    """`observe` and `ignore` mean that nothing of ours reaches the device."""
    bench.declare(80.0)
    bench.run("apply", "--yes")
    bench.declare(f"{{value: 80.0, mode: {mode}}}")
    bench.run("apply", "--yes")
    assert bench.queue() == ["cancelled"]
    bench.run("plan", "--detailed-exitcode")


def test_a_trigger_that_comes_back_is_not_new(bench):
    """A revert in git must not reboot the devices once more."""
    for trigger in ("a", "b", "a", "c", "b"):
        bench.declare(1.0, commands=f", commands: {{reboot: {{execute: /3/0/4, trigger: {trigger}}}}}")
        bench.run("apply", "--yes")
        bench.advance(7200)
    assert len(bench.device()["executions"]) == 3


def test_a_command_that_the_network_doubled_runs_once(bench):
    """Nothing but its expiry tells that two commands were one: the copy is withdrawn at once."""
    fault = {"rules": [{"match": {"operation": "queue_execute", "nth": 1}, "fault": "duplicate"}]}
    body = json.dumps(fault).encode()
    urllib.request.urlopen(urllib.request.Request(f"{bench.url}/_emulator/faults", body, method="POST")).close()
    bench.declare(1.0, commands=", commands: {reboot: {execute: /3/0/4, trigger: a}}")
    bench.run("apply", "--yes")
    bench.advance(7200)
    assert len(bench.device()["executions"]) == 1
