"""`apply --json-events`: a line for everything that happens, each as the schema says, and the words on standard error."""

import json
from pathlib import Path

import jsonschema

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "apply-event.schema.json").read_text(encoding="utf-8"))


def told(done):
    """The lines of standard output, each checked."""
    lines = [json.loads(line) for line in done.out.splitlines()]
    for line in lines:
        jsonschema.validate(line, SCHEMA)
    return lines


def test_every_event_is_a_line_and_the_last_tells_how_it_ended(desk):
    assert "nobody to ask" in desk.ok("apply", "--json-events", code=1).err
    planned, *attempted, finished = told(desk.ok("apply", "--yes", "--json-events"))
    assert (planned["event"], planned["devices"], planned["steps"]) == ("planned", 3, 3)
    assert {(line["event"], line["state"]) for line in attempted} == {("attempted", "DONE")}
    assert sorted(line["device"] for line in attempted) == [
        "aliyun-prod/lamp-1",
        "onenet-prod/meter-1",
        "onenet-prod/meter-2",
    ]
    assert (finished["exit_code"], finished["counts"]) == (0, {"DONE": 3})
    assert [line["event"] for line in told(desk.ok("apply", "--yes", "--json-events"))] == ["finished"]


def test_throttling_shows_as_an_event_and_in_words(desk):
    rule = {"match": {"operation": "set_desired", "nth": 1}, "fault": "throttle"}
    desk.cloud.post("/faults", {"rules": [rule]})
    done = desk.ok("apply", "--yes", "--json-events", "--device", "lamp-1")
    slowed = next(line for line in told(done) if line["event"] == "slowed")
    assert slowed["platform"] == "aliyun-prod"
    assert "too fast" in done.err
    assert [line["state"] for line in told(done) if line["event"] == "attempted"] == ["REFUSED", "DONE"]


def test_a_throttled_read_slows_a_run_as_well(desk):
    desk.cloud.post("/faults", {"rules": [{"match": {"operation": "query_desired", "nth": 1}, "fault": "throttle"}]})
    slowed, _, attempted, _ = told(desk.ok("apply", "--yes", "--json-events", "--device", "lamp-1"))
    assert (slowed["event"], slowed["platform"], attempted["state"]) == ("slowed", "aliyun-prod", "DONE")


def test_a_refused_plan_ends_with_failed(desk):
    desk.ok("plan", "-o", "saved.plan")
    desk.ok("apply", "saved.plan")
    done = desk.ok("apply", "saved.plan", "--json-events", code=1)
    assert [(line["event"], line["code"]) for line in told(done)] == [("failed", "RCL304")]
    assert "RCL304" in done.err


def test_the_last_line_tells_of_missing_keys_rejected_manifests_and_what_is_no_plan(desk):
    (missing,) = told(desk.ok("apply", "--yes", "--json-events", keys={"ALIYUN_AK": None}, code=1))
    assert (missing["event"], missing["exit_code"], missing["code"][:4]) == ("failed", 1, "RCL4")
    desk.write({"broken.yaml": "apiVersion: reconcile/v1\nkind: Gizmo\n"})
    done = desk.ok("apply", "--yes", "--json-events", code=1)
    (rejected,) = told(done)
    assert (rejected["event"], rejected["code"] in done.err) == ("failed", True)
    (unread,) = told(desk.ok("apply", "no-such.plan", "--json-events", code=1))
    assert unread["event"] == "failed"
    assert not desk.cloud.log()


def test_a_command_line_that_makes_no_sense_is_no_run(desk):
    assert not desk.ok("apply", "--yes", "--json-events", "--wave", "0", code=1).out
