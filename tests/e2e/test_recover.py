"""`reconcile recover`: what was left in doubt is settled, nothing new is sent, and a person is told what to choose from."""

import re
import subprocess

import pytest
from desk import FLEET, Cloud, Desk, serving, wait_for

VALVE = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: valve-1}
spec:
  platform: onenet-prod
  imei: "865820030000009"
  delivery: {mode: now, retry: 0}
  commands: {open-valve: {execute: /3/0/4, trigger: one}}
"""
LAMP = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-1}
spec: {platform: aliyun-prod, productKey: a1BwAGVxxxx, properties: {Brightness: 60}}
"""
RECORDS = [
    {"cloud": "onenet", "imei": "865820030000009", "sleep": {"kind": "none"}},
    {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "lamp-1"},
]


@pytest.fixture
def fleet(tmp_path):
    with serving(RECORDS) as emulator:
        yield Desk(tmp_path, Cloud(emulator.url)).write({"fleet.yaml": FLEET, "valve.yaml": VALVE, "lamp.yaml": LAMP})


def test_what_a_killed_run_left_is_settled_and_nothing_new_is_sent(fleet):
    assert "Nothing is in doubt" in fleet.ok("recover").out
    fleet.cloud.post("/faults", {"rules": [{"match": {"operation": "set_desired"}, "fault": "slow:600"}]})
    words = fleet.command("apply", "--yes", "--device", "lamp-1")
    process = subprocess.Popen(words, cwd=fleet.folder, env=fleet.environ(), stderr=subprocess.DEVNULL)
    wait_for(lambda: fleet.cloud.log("set_desired"))
    process.kill()
    process.wait()
    fleet.cloud.post("/faults", {"rules": []})
    sent = len(fleet.cloud.sent())
    done = fleet.ok("recover")
    assert "1 of 1 open attempts settled" in done.out
    assert "aliyun-prod/lamp-1 set_desired" in done.err
    assert len(fleet.cloud.sent()) == sent
    assert "没有结果未定" in fleet.ok("--lang", "zh", "recover").out
    fleet.ok("plan", "--device", "lamp-1", "--detailed-exitcode")


def test_a_person_is_shown_the_evidence_and_both_commands(fleet):
    """One of them ends it; meanwhile not even the plan it came from runs the command again."""
    fleet.ok("plan", "-o", "saved.plan", "--device", "valve-1")
    rule = {"match": {"operation": "execute_now"}, "fault": "drop_answer_after_landing"}
    fleet.cloud.post("/faults", {"rules": [rule]})
    fleet.ok("apply", "saved.plan", code=5)
    fleet.cloud.post("/faults", {"rules": []})
    fleet.ok("apply", "saved.plan", code=5)
    assert len(fleet.cloud.meter("865820030000009")["executions"]) == 1
    told = fleet.ok("recover", code=5).out
    for evidence in ("imei=865820030000009", "execute_now /3/0/4", "open-valve", "INFLIGHT", "IN_DOUBT", "RCL404"):
        assert evidence in told, evidence
    ran, not_ran = re.findall(r"reconcile (state settle \w+ --\S+)", told)
    assert not_ran == ran.replace("--ran", "--not-ran")
    fleet.ok(*ran.split(), "--yes")
    assert "Nothing is in doubt" in fleet.ok("recover").out
    fleet.ok("apply", "saved.plan")
    assert len(fleet.cloud.meter("865820030000009")["executions"]) == 1
