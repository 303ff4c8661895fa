"""`reconcile state rm|replace|import`: records forgotten, handed on, and carried to another place."""

import json

import pytest
from desk import FLEET, METERS, RECORDS, Cloud, Desk, serving

FIRST, SECOND = "865820030000001", "865820030000002"
REBOOT = "  commands: {reboot: {execute: /3/0/4, trigger: one}}\n"


def queue(desk, imei=FIRST):
    kinds = {"/3/0/4": "execute"}
    return [(kinds.get(command["path"], "write"), command["state"]) for command in desk.cloud.meter(imei)["queue"]]


def recorded(desk, name):
    return desk.ok("state", "show", name).json


def journal(desk):
    lines = map(json.loads, desk.ok("state", "export").out.splitlines())
    return [line["entry"] for line in lines if line["kind"] == "journal"]


@pytest.fixture
def meters(tmp_path):
    """Two sleeping meters, the first declared with a command, and a third that nobody declares yet."""
    records = [*RECORDS, {**RECORDS[0], "imei": "865820030000003"}]
    with serving(records) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        desk.write({"fleet.yaml": FLEET, "meters.yaml": METERS})
        desk.edit("meters.yaml", "  delivery: {mode: queue}\n", "  delivery: {mode: queue}\n" + REBOOT)
        yield desk


def delivered(desk):
    desk.cloud.pass_time(3700)
    desk.ok("status", "--refresh", code=0)


def test_forgetting_asks_and_is_kept_in_the_journal(meters):
    meters.ok("apply", "--yes")
    delivered(meters)
    sent = len(meters.cloud.log())
    assert "nobody to ask" in meters.ok("state", "rm", "meter-1", code=1).err
    meters.ok("state", "rm", "meter-1", "--yes", "--reason", "scrapped")
    assert len(meters.cloud.log()) == sent
    assert [line.split("\t")[0] for line in meters.ok("state", "ls").out.splitlines()] == ["onenet-prod/meter-2"]
    last = journal(meters)[-1]
    assert (last["operation"], last["device"], last["evidence"]["reason"]) == (
        "state_rm", "onenet-prod/meter-1", "scrapped",
    )  # fmt: skip
    assert last["evidence"]["by"]
    assert last["at"]


def test_what_waits_is_withdrawn_before_the_record_goes(meters):
    meters.ok("apply", "--yes")
    refused = meters.ok("state", "rm", "meter-1", "--yes", code=1)
    assert "RCL504" in refused.err
    assert "--withdraw" in refused.err
    assert {state for _, state in queue(meters)} == {"wait"}
    meters.ok("state", "rm", "meter-1", "--yes", "--withdraw")
    assert {state for _, state in queue(meters)} == {"wait"}
    assert "removed by hand" in meters.ok("plan").out
    meters.ok("apply", "--yes")
    assert {state for _, state in queue(meters)} == {"cancelled"}
    meters.ok("apply", "--yes")
    delivered(meters)
    meters.ok("plan", "--detailed-exitcode")
    assert [state for _, state in queue(meters)].count("delivered") == 2


def test_device_swapped_under_its_name_is_written_anew_and_runs_nothing_twice(meters):
    meters.ok("apply", "--yes")
    delivered(meters)
    meters.edit("meters.yaml", FIRST, "865820030000003")
    told = meters.ok("state", "replace", "meter-1", "meter-1", "--yes", "--reason", "broken").out
    assert "not run again: reboot" in told
    assert "resources" not in recorded(meters, "meter-1")
    meters.ok("apply", "--yes")
    delivered(meters)
    meters.ok("plan", "--detailed-exitcode")
    assert queue(meters, "865820030000003") == [("write", "delivered")]
    assert meters.cloud.meter("865820030000003")["values"]["/3303/0/5603"] == -20.0
    assert journal(meters)[-1]["operation"] != "state_replace"


def test_device_swapped_under_another_name_leaves_nothing_waiting(meters):
    """What never reached the old one is withdrawn there and done on the new one."""
    meters.ok("apply", "--yes")
    meters.edit("meters.yaml", f'{{name: meter-1, labels: {{class: meter, site: chaoyang}}}}\nspec: {{platform: onenet-prod, imei: "{FIRST}"',
                '{name: meter-1b, labels: {class: meter, site: chaoyang}}\nspec: {platform: onenet-prod, imei: "865820030000003"')  # fmt: skip
    told = meters.ok("state", "replace", "meter-1", "meter-1b", "--yes").out
    assert "queued commands are withdrawn" in told
    assert "run on the new device: reboot" in told
    assert "replaced by onenet-prod/meter-1b" in meters.ok("plan").out
    meters.ok("apply", "--yes")
    assert {state for _, state in queue(meters)} == {"cancelled"}
    assert sorted(queue(meters, "865820030000003")) == [("execute", "wait"), ("write", "wait")]
    names = [line.split("\t")[0] for line in meters.ok("state", "ls").out.splitlines()]
    assert names == ["onenet-prod/meter-1b", "onenet-prod/meter-2"]


def test_swap_under_one_name_with_a_full_queue_takes_one_apply(meters):
    meters.ok("apply", "--yes")
    meters.edit("meters.yaml", FIRST, "865820030000003")
    meters.ok("state", "replace", "meter-1", "meter-1", "--yes", "--run-again")
    meters.ok("apply", "--yes")
    assert {state for _, state in queue(meters)} == {"cancelled"}
    assert sorted(queue(meters, "865820030000003")) == [("execute", "wait"), ("write", "wait")]
    assert len(meters.ok("state", "ls").out.splitlines()) == 2


def test_same_device_without_its_values_is_written_anew(meters):
    """Its hardware was swapped under one identity: what waits is withdrawn and queued again, in one apply."""
    meters.ok("apply", "--yes")
    delivered(meters)
    meters.edit("meters.yaml", "/3303/0/5603: -20.0", "/3303/0/5603: -21.0")
    meters.ok("apply", "--yes")
    meters.ok("state", "replace", "meter-1", "meter-1", "--yes")
    meters.ok("apply", "--yes")
    writes = [state for operation, state in queue(meters) if operation == "write"]
    assert sorted(writes) == ["cancelled", "delivered", "wait"]
    delivered(meters)
    meters.ok("plan", "--detailed-exitcode")
    assert [operation for operation, _ in queue(meters)].count("execute") == 1


def test_old_device_that_is_still_declared_keeps_its_record(meters):
    meters.ok("apply", "--yes")
    assert "still declare it" in meters.ok("state", "replace", "meter-1", "meter-2", "--yes", code=1).err
    assert "RCL431" in meters.ok("state", "replace", "meter-1", "meter-9", "--yes", code=1).err


def test_export_moves_to_another_folder_and_goes_on_there(meters, tmp_path):
    """Nothing is sent, and the next plan there is what it would have been here."""
    meters.ok("apply", "--yes")
    exported = meters.ok("state", "export").out
    (tmp_path / "state.jsonl").write_text(exported)
    expected = meters.ok("plan", "--format", "json", "--refresh", "none").json
    url = f"sqlite:///{tmp_path}/moved.db"
    meters.ok("--state", url, "state", "import", "state.jsonl")
    assert meters.ok("--state", url, "state", "export").out == exported
    found = meters.ok("--state", url, "plan", "--format", "json", "--refresh", "none").json
    assert (found["digest"], found["base"]) == (expected["digest"], expected["base"])
    refused = meters.ok("--state", url, "state", "import", "state.jsonl", code=1)
    assert "not empty" in refused.err
    meters.ok("--state", url, "state", "import", "state.jsonl", "--replace", "--yes")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "".join(text.splitlines(keepends=True)[:-1]),
        lambda text: text.replace("-20.0", "-21.0", 1),
        lambda _: "",
        lambda _: "[" * 100_000,
        lambda _: "\x00\xff",
        lambda text: text + "{}\n",
    ],
)
def test_damaged_export_makes_no_state(meters, tmp_path, damage):
    meters.ok("apply", "--yes")
    (tmp_path / "state.jsonl").write_text(damage(meters.ok("state", "export").out))
    refused = meters.ok("--state", "sqlite:///new.db", "state", "import", "state.jsonl", code=1)
    assert "RCL503" in refused.err
    assert "Nothing was changed" in refused.err
    assert not (tmp_path / "new.db").exists()


def test_device_registered_anew_gets_its_values_and_nothing_that_waited(tmp_path):
    """Deleted and created again on the platform it has another number there, and nothing of what was recorded."""
    meter = {**RECORDS[0], "device_id": "1001"}
    profile, first, _ = METERS.split("---\n")
    with serving([meter]) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url)).write({"fleet.yaml": FLEET, "m.yaml": f"{profile}---\n{first}"})
        desk.ok("apply", "--yes")
        delivered(desk)
        desk.ok("apply", "--yes", "--refresh", "all")
        assert recorded(desk, "meter-1")["registered"] == "classic:1001"
        desk.ok("plan", "--refresh", "all", "--detailed-exitcode")
    with serving([{**meter, "device_id": "2002"}]) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        desk.ok("plan", "--detailed-exitcode")
        plan = desk.ok("plan", "--refresh", "all", "-o", "saved.plan").out
        assert "began anew" in plan
        desk.ok("apply", "saved.plan")
        assert len(desk.cloud.sent()) == 1
        delivered(desk)
        assert recorded(desk, "meter-1")["registered"] == "classic:2002"
        desk.ok("plan", "--refresh", "all", "--detailed-exitcode")
        assert desk.cloud.meter()["values"]["/3303/0/5604"] == 60.0


@pytest.mark.parametrize(("seen", "runs"), [("--ran", 1), ("--not-ran", 2)])
def test_person_settles_what_nobody_else_can_tell(tmp_path, seen, runs):
    """An instant Execute without an answer keeps nothing from going on, and ends when somebody looked."""
    declared = METERS.replace("  delivery: {mode: queue}\n", "  delivery: {mode: now}\n" + REBOOT)
    profile, first, _ = declared.split("---\n")
    with serving([{"cloud": "onenet", "imei": FIRST}]) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url)).write({"fleet.yaml": FLEET, "m.yaml": f"{profile}---\n{first}"})
        rule = {"match": {"operation": "execute_now"}, "fault": "drop_answer_after_landing"}
        desk.cloud.post("/faults", {"rules": [rule]})
        desk.ok("apply", "--yes", code=5)
        desk.cloud.post("/faults", {"rules": []})
        desk.ok("apply", "--yes", code=5)
        intent, device, command, _ = desk.ok("state", "settle").out.strip().split("\t")
        assert (device, command) == ("onenet-prod/meter-1", "reboot")
        assert "--not-ran" in desk.ok("state", "settle", intent, "--yes", code=1).err
        assert "RCL504" in desk.ok("state", "settle", "ffff", seen, "--yes", code=1).err
        desk.ok("state", "settle", intent[:12], seen, "--yes", "--reason", "looked at it")
        assert desk.ok("state", "settle").out == ""
        assert journal(desk)[-1]["evidence"]["reason"] == "looked at it"
        desk.ok("apply", "--yes")
        desk.ok("plan", "--detailed-exitcode")
        assert len(desk.cloud.log("execute_now")) == runs
