"""`doctor --prove`: the sheet tells the truth under each answer of the switches, and everything is as it was before."""

import json
import signal
import subprocess

import pytest
from desk import FLEET, KEYS, PSM, Cloud, Desk, serving, wait_for
from doctor_kit import answers_of, options_of, prove_here

from reconcile.runs.lanes import leases
from reconcile.runs.session import Session

METER = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-9, labels: {class: meter}}
spec:
  platform: onenet-prod
  imei: "865820030000009"
  resources: {/3303/0/5603: -20.0, /3303/0/5604: 60.0}
  delivery: {mode: queue}
"""
LAMP = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-9, labels: {class: lamp}}
spec:
  platform: aliyun-prod
  productKey: a1BwAGVxxxx
  properties: {Brightness: 60, Ratio: 35.0, "Energy:period": 900}
"""


def prop(identifier, kind, specs):
    return {
        "identifier": identifier,
        "name": identifier,
        "accessMode": "rw",
        "required": False,
        "dataType": {"type": kind, "specs": specs},
    }


NUMBER = {"min": "0", "max": "1000", "step": "1"}
MODEL = {
    "profile": {"productKey": "a1BwAGVxxxx"},
    "properties": [prop("Brightness", "int", NUMBER), prop("Ratio", "float", NUMBER), prop("Spare", "int", NUMBER)],
    "functionBlocks": [{"functionBlockId": "Energy", "functionBlockName": "Energy", "productKey": "a1BwAGVxxxx"}],
}
ENERGY = {
    "profile": {"productKey": "a1BwAGVxxxx"},
    "functionBlockId": "Energy",
    "functionBlockName": "Energy",
    "properties": [prop("period", "int", NUMBER)],
}
RECORDS = [
    {"cloud": "onenet", "imei": "865820030000009", "sleep": {"kind": "none", "uplink_every_s": 3}},
    {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "lamp-9"},
]
FLEET_WITH_MODELS = FLEET + "  models: [models/]\n"


@pytest.fixture
def settled(tmp_path):
    """A meter and a lamp that hold what the manifests say, recorded as such."""
    with serving(RECORDS) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        desk.write({"fleet.yaml": FLEET_WITH_MODELS, "meter.yaml": METER, "lamp.yaml": LAMP})
        desk.write({"models/lamp.json": json.dumps(MODEL), "models/lamp.Energy.json": json.dumps(ENERGY)})
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(600)
        desk.ok("status", "--refresh")
        yield desk


def lamp_values(desk):
    found = desk.cloud.lamp("lamp-9")
    return {path: entry["value"] for path, entry in found["desired"].items()}, found["values"]


# Every answer of every switch at least once, in different company.
ALIYUN = [
    {
        "same_value_raises_version": "yes",
        "null_version": "zero",
        "set_atomic": "yes",
        "versions_subset": "allow",
        "answer_versions": "items",
        "module_identifier": "bare",
        "float_text": "trimmed",
        "unset_listed": "yes",
    },
    {
        "same_value_raises_version": "no",
        "null_version": "keeps",
        "set_atomic": "yes",
        "versions_subset": "refuse",
        "answer_versions": "all",
        "module_identifier": "prefixed",
        "float_text": "as_written",
        "unset_listed": "no",
    },
    {"same_value_raises_version": "yes", "null_version": "counts", "set_atomic": "no"},
    {"same_value_raises_version": "no", "null_version": "zero", "set_atomic": "no", "answer_versions": "all"},
    {"same_value_raises_version": "yes", "null_version": "keeps", "versions_subset": "refuse"},
    {
        "same_value_raises_version": "no",
        "null_version": "counts",
        "versions_subset": "allow",
        "unset_version": "absent",
    },
    {"desired_error_code": "iot.system.SystemException", "null_version": "keeps", "unset_version": "zero"},
]


@pytest.mark.parametrize("switches", ALIYUN, ids=lambda each: "-".join(each.values()))
def test_the_aliyun_sheet_says_what_the_emulator_is_set_to(settled, switches):
    """And its desired values, its device and the plan are as before."""
    before = lamp_values(settled)
    settled.cloud.post("/switches", switches)
    proof, sheet = prove_here(settled, "lamp-9")
    assert {name: sheet["switches"].get(name) for name in switches} == switches
    answers = answers_of(sheet)
    assert answers["aliyun.stale_version"] == "refused"
    assert answers["aliyun.restored"] == "yes"
    assert proof.exit_code == 0
    assert sheet["restored"] is True
    assert lamp_values(settled) == before
    sent = len(settled.cloud.sent())
    settled.ok("plan", "--detailed-exitcode", "--refresh", "all")
    settled.edit("lamp.yaml", "Brightness: 60", "Brightness: 70")
    settled.ok("apply", "--yes", "--refresh", "none")  # under the recorded version: it is the right one
    assert len(settled.cloud.sent()) == sent + 1
    assert settled.cloud.lamp("lamp-9")["desired"]["Brightness"]["value"] == 70


def test_equal_codes_prove_nothing(settled):
    """Where a stale version and a refused subset have one general code, the sheet says that it cannot tell."""
    settled.cloud.post("/switches", {"desired_error_code": "iot.system.IllegalRequest", "versions_subset": "refuse"})
    proof, sheet = prove_here(settled, "lamp-9")
    assert sheet["switches"]["desired_error_code"] == "iot.system.IllegalRequest"
    assert "versions_subset" not in sheet["switches"]
    assert answers_of(sheet)["aliyun.versions_subset"] == "same_code"
    assert proof.exit_code == 0


ONENET = [
    (
        {"history_zone": "beijing", "cancel_after_valid_time": "allow", "cached_limit": "refuse", "remain_type": "int"},
        0,
    ),
    ({"cancel_after_valid_time": "refuse", "cached_limit": "evict", "retry_minimum": "3"}, 0),
    ({"history_zone": "utc", "cancel_after_valid_time": "allow", "cached_limit": "evict", "retry_minimum": "0"}, 1),
    (
        {"history_zone": "utc", "cancel_after_valid_time": "refuse", "cached_limit": "refuse", "remain_type": "string"},
        1,
    ),
]


@pytest.mark.parametrize(("switches", "code"), ONENET, ids=str)
def test_the_onenet_sheet_says_what_the_emulator_is_set_to(settled, switches, code):
    """And nothing of it is left in the queue, the device holds what it held, and the plan is empty."""
    before = settled.cloud.meter("865820030000009")["values"]
    settled.cloud.post("/switches", switches)
    proof, sheet = prove_here(settled, "meter-9", fill_queue=True)
    assert {name: sheet["switches"].get(name) for name in switches} == switches
    answers = answers_of(sheet)
    assert answers["onenet.late_valid_time"] == "refused"
    assert answers["onenet.past_expiry"] == "refused"
    assert answers["onenet.duplicate"] == "two"
    assert answers["onenet.cancelled_not_delivered"] == "stayed_away"
    assert answers["onenet.expired"] == "expired"
    assert answers["onenet.mode_two"] == "kept"
    assert answers["onenet.cleared"] == "yes"
    assert proof.exit_code == code
    after = settled.cloud.meter("865820030000009")
    assert after["values"] == before
    assert [command for command in after["queue"] if command["send_status"] in (1, 3)] == []
    assert settled.ok("plan", "--detailed-exitcode").code == 0


def test_without_the_flag_the_queue_is_not_filled(settled):
    _, sheet = prove_here(settled, "meter-9")
    assert answers_of(sheet)["onenet.cached_limit"] == "not_asked"
    assert "cached_limit" not in sheet["switches"]


def test_a_sleeping_device_is_not_said_to_have_refused(tmp_path):
    """What the device itself would have to answer is not asked, or said to be unseen."""
    records = [{"cloud": "onenet", "imei": "865820030000009", "sleep": PSM}]
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url), platforms=("onenet-prod",))
        desk.write({"fleet.yaml": FLEET[: FLEET.index("    aliyun-prod:")], "meter.yaml": METER})
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(7200)
        desk.ok("status", "--refresh")
        _, sheet = prove_here(desk, "meter-9", wait_s=4)
    answers = answers_of(sheet)
    assert answers["onenet.mode_two"] == "unreachable"
    assert answers["onenet.cancelled_not_delivered"] == "not_seen"


def test_every_write_of_a_proof_is_journaled_before_and_carries_the_value_that_is_there(settled):
    seen = len(settled.cloud.sent())
    prove_here(settled, "lamp-9")
    prove_here(settled, "meter-9", fill_queue=True)
    sent = settled.cloud.sent()[seen:]
    exported = [json.loads(line) for line in settled.ok("state", "export").out.splitlines()]
    entries = [
        one["entry"] for one in exported if one["kind"] == "journal" and one["entry"]["plan"].startswith("doctor ")
    ]
    begun = [entry for entry in entries if entry["state"] == "INFLIGHT"]
    assert len(begun) == len(sent)
    assert not [one for one in exported if one["kind"] == "open"]
    for request in sent:
        if request["operation"] in ("queue_write", "write_now"):
            assert request["body"]["data"] == [{"res_id": 5603, "val": -20.0}]


@pytest.mark.parametrize("question", ["aliyun.stale_version", "aliyun.null_clear", "aliyun.set_atomic"])
def test_a_stop_after_any_question_puts_everything_back(settled, question):
    before = lamp_values(settled)
    proof, sheet = prove_here(settled, "lamp-9", after=lambda answer: answer.question == question)
    assert proof.is_interrupted
    assert proof.exit_code == 1
    assert sheet["restored"] is True
    assert lamp_values(settled) == before
    settled.ok("plan", "--detailed-exitcode")


def test_a_lost_answer_ends_the_proof_and_apply_settles_it(settled):
    """After a request in doubt nothing more is sent; the next apply asks what became of it and brings the value back."""
    rule = {"match": {"operation": "set_desired", "nth": 4}, "fault": "drop_answer_after_landing"}
    settled.cloud.post("/faults", {"rules": [rule]})
    done = settled.ok("doctor", "--prove", "lamp-9", "--yes", "--format", "json", code=5)
    assert done.json["in_doubt"] is True
    settled.ok("apply", "--yes")
    assert settled.cloud.lamp("lamp-9")["desired"]["Brightness"]["value"] == 60
    settled.ok("plan", "--detailed-exitcode")


def test_killed_while_the_value_is_cleared_the_next_apply_brings_it_back(settled):
    """Recorded state is true after each transaction: the cleared value is not recorded as set."""
    rules = [{"match": {"operation": "set_desired", "nth": 5}, "fault": "slow:600"}]
    settled.cloud.post("/faults", {"rules": rules})
    known = len(settled.cloud.log("set_desired"))
    process = subprocess.Popen(
        settled.command("doctor", "--prove", "lamp-9", "--yes"), cwd=settled.folder, env=settled.environ(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    wait_for(lambda: len(settled.cloud.log("set_desired")) >= known + 5)
    process.kill()
    process.communicate()
    settled.ok("apply", "--yes")
    assert settled.cloud.lamp("lamp-9")["desired"]["Brightness"]["value"] == 60
    settled.ok("plan", "--detailed-exitcode")


def test_killed_with_a_command_in_the_queue_nothing_of_it_outlives_a_newer_value(settled):
    """The command is recorded until it was seen to end, so the next apply withdraws it before it queues another."""
    rules = [{"match": {"operation": "cancel"}, "fault": ["slow:600", "errno:5006"]}]
    settled.cloud.post("/faults", {"rules": rules})
    process = subprocess.Popen(
        settled.command("doctor", "--prove", "meter-9", "--yes"), cwd=settled.folder, env=settled.environ(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    wait_for(lambda: settled.cloud.log("cancel"))
    process.kill()
    process.communicate()
    settled.cloud.post("/faults", {"rules": []})
    queue = settled.cloud.meter("865820030000009")["queue"]
    (left,) = [command["uuid"] for command in queue if command["send_status"] == 1]
    settled.edit("meter.yaml", "/3303/0/5603: -20.0", "/3303/0/5603: -10.0")
    settled.ok("apply", "--yes")
    now = {command["uuid"]: command["send_status"] for command in settled.cloud.meter("865820030000009")["queue"]}
    assert now[left] == 2
    for kind in ("register", "update"):
        settled.cloud.pass_time(101)
        settled.cloud.post("/devices/onenet/865820030000009/uplink", {"kind": kind})
    assert settled.cloud.meter("865820030000009")["values"]["/3303/0/5603"] == -10.0
    settled.ok("status", "--refresh")
    settled.ok("plan", "--detailed-exitcode")


def test_ctrl_c_puts_the_value_back_before_it_ends(settled):
    rules = [{"match": {"operation": "set_desired", "nth": 4}, "fault": "slow:2"}]
    settled.cloud.post("/faults", {"rules": rules})
    known = len(settled.cloud.log("set_desired"))
    process = subprocess.Popen(
        settled.command("doctor", "--prove", "lamp-9", "--yes", "--format", "json"), cwd=settled.folder,
        env=settled.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(lambda: len(settled.cloud.log("set_desired")) >= known + 4)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert "put back first" in err
    assert process.returncode == 1
    assert json.loads(out)["interrupted"] is True
    assert json.loads(out)["restored"] is True
    assert settled.cloud.lamp("lamp-9")["desired"]["Brightness"]["value"] == 60
    settled.ok("plan", "--detailed-exitcode")


def test_no_proof_while_somebody_applies_and_no_apply_during_a_proof(settled):
    """Both take the leases of all accounts."""
    with Session.open(options_of(settled), creates_state=True) as session, leases(session, "somebody"):
        assert "RCL502" in settled.ok("doctor", "--prove", "meter-9", "--yes", code=1).err
        assert "being written to by somebody" in " ".join(settled.ok("doctor").out.split())
    settled.edit("lamp.yaml", "Ratio: 35.0", "Ratio: 36.0")
    said = []

    def apply_meanwhile(answer):
        if answer.question == "aliyun.stale_version":
            said.append(settled.ok("apply", "--yes", code=1, apart=True).err)
        return False

    proof, _ = prove_here(settled, "lamp-9", after=apply_meanwhile)
    assert "RCL502" in said[0]
    assert proof.exit_code == 0
    settled.ok("apply", "--yes")


def test_it_refuses_what_is_not_safe_and_sends_nothing(tmp_path):
    with serving(RECORDS) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        secret = LAMP.replace("Brightness: 60, Ratio: 35.0", "Brightness: {secret: {env: LAMP_SECRET}}").replace(
            ', "Energy:period": 900', ""
        )
        desk.write({"fleet.yaml": FLEET, "meter.yaml": METER, "lamp.yaml": secret})
        desk.env["LAMP_SECRET"] = "60"
        assert "RCL451" in desk.ok("doctor", "--prove", "meter-9", "--yes", code=1).err
        assert "RCL431" in desk.ok("doctor", "--prove", "nobody", "--yes", code=1).err
        assert desk.cloud.sent() == []
        desk.ok("apply", "--yes")
        sent = len(desk.cloud.sent())
        assert "RCL452" in desk.ok("doctor", "--prove", "meter-9", "--yes", code=1).err
        assert "RCL453" in desk.ok("doctor", "--prove", "lamp-9", "--yes", code=1).err
        assert len(desk.cloud.sent()) == sent


def test_it_asks_first_and_names_what_it_writes(settled):
    sent = len(settled.cloud.sent())
    done = settled.ok("doctor", "--prove", "lamp-9", code=1)
    assert "aliyun-prod/lamp-9: Brightness is set" in done.err
    assert "nobody to ask" in done.err
    declined = settled.on_a_terminal("--lang", "zh", "doctor", "--prove", "lamp-9", answers=[("[y/N]", "n\n")])
    assert declined.code == 1
    assert "在该设备上验证" in declined.out
    assert len(settled.cloud.sent()) == sent
    agreed = settled.on_a_terminal("doctor", "--prove", "lamp-9", answers=[("[y/N]", "y\n")])
    assert agreed.code == 0
    assert "Everything is as it was before." in agreed.out
    assert not any(secret in agreed.out for secret in (KEYS["ALIYUN_AK"], KEYS["ALIYUN_SK"]))


def test_the_sheet_feeds_an_emulator(settled):
    """`emulate` takes the options as they stand, and the control call takes `switches`."""
    settled.cloud.post("/switches", {"null_version": "counts", "same_value_raises_version": "no"})
    sheet = settled.ok("doctor", "--prove", "lamp-9", "--yes", "--format", "json").json
    assert sheet["emulate"][0] == "--switch"
    settled.cloud.post("/switches", {"null_version": "zero", "same_value_raises_version": "yes"})
    found = {one["name"]: one["value"] for one in settled.cloud.post("/switches", sheet["switches"])}
    assert found["null_version"] == "counts"
    assert found["same_value_raises_version"] == "no"
