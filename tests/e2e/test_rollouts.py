"""Waves across processes, by state alone: canaries, gates, windows, and what people are told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk import serving
from jsonschema import Draft202012Validator
from rollout_desk import desk_at, record, sent

SCHEMAS = Path(__file__).parents[2] / "schemas"


def schema(name):
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def rollouts(desk, *words):
    """What the JSON of a status says of rollouts; it fits its schema."""
    body = desk.ok("status", *words, "--format", "json").json
    Draft202012Validator(schema("status")).validate(body)
    return body.get("rollouts")


def test_waves_go_one_by_one_across_processes_and_saved_plans(tmp_path):
    rollout = "    waves: [{devices: 1}, {devices: 2}, {devices: 100%}]\n"
    with serving([record(number) for number in (1, 2, 3)]) as emulator:
        desk = desk_at(tmp_path, emulator, rollout, 3)
        plan = desk.ok("plan", "-o", "saved.plan", "--format", "json").json
        assert [(step["device"][-1], step["wave"]) for step in plan["steps"]] == [("1", 1), ("2", 2), ("3", 3)]
        assert [wave["unsent"] for wave in plan["rollouts"][0]["waves"]] == [1, 1, 1]

        waiting = desk.ok("apply", "saved.plan").err
        assert "waves up to 1 of 3 are sent. The gate waits for answers: confirmed 0, failed 0, silent 1" in waiting
        desk.ok("apply", "saved.plan")
        assert sent(desk) == [("queue_write", "1")]
        desk.ok("plan", "--detailed-exitcode", code=3)
        said = {n: " ".join(desk.ok("explain", f"meter-{n}").out.split()) for n in (1, 2)}
        assert "profile meters, wave 1 of 3: sent 0s ago, not heard yet." in said[1].replace("1s ago", "0s ago")
        gate = "The gate waits for answers: confirmed 0, failed 0, silent 1"
        asked = "The gate asks for 100 % confirmed of the devices heard"
        assert "wave 2 of 3: not sent yet. Waves up to 1 of 3 are sent. " + gate in said[2]
        assert asked in said[2]
        status = " ".join(desk.ok("status").out.split())
        assert gate in status
        assert asked in status
        assert "第 2 批（共 3 批）：尚未下发" in desk.ok("--lang", "zh", "explain", "meter-2").out
        assert "第 1 批（共 3 批）" in desk.ok("--lang", "zh", "status", "meter-1").out
        (found,) = rollouts(desk)
        assert (found["standing"], found["wave"], found["gate"]) == ("waiting", 1, {"confirmedPercent": 100.0})
        counts = {"devices": 1, "confirmed": 0, "failed": 0, "parked": 0}
        assert found["waves"][:2] == [
            {"wave": 1, **counts, "silent": 1, "unsent": 0},
            {"wave": 2, **counts, "silent": 0, "unsent": 1},
        ]
        place = rollouts(desk, "meter-1")[0]["place"]
        assert (place["wave"], place["did"], place["sent_at"][:2]) == (1, "silent", "20")

        desk.cloud.pass_time(3700)
        desk.ok("status", "--refresh")
        desk.ok("plan", "--detailed-exitcode", code=2)
        desk.ok("apply", "saved.plan", "--wave", "1")
        assert len(sent(desk)) == 1
        desk.ok("apply", "saved.plan", apart=True)
        assert sent(desk)[1:] == [("queue_write", "2")]

        desk.cloud.pass_time(3700)
        desk.ok("apply", "--yes")
        assert sent(desk)[2:] == [("queue_write", "3")]
        desk.cloud.pass_time(3700)
        assert "全部 3 批均已下发并确认" in desk.ok("--lang", "zh", "apply", "--yes").err
        desk.ok("plan", "--detailed-exitcode")


def test_canaries_stand_for_every_site_and_more_than_allowed_are_an_error_of_the_plan(tmp_path):
    rollout = "    canaries: {cover: [ring], atMost: 2}\n    waves: [{devices: 100%}]\n"
    with serving([record(number) for number in (1, 2, 3)]) as emulator:
        desk = desk_at(tmp_path, emulator, rollout, 3)
        assert "RCL713" in desk.ok("plan", "--detailed-exitcode", code=4).out
        desk.edit("meters.yaml", "atMost: 2", "atMost: 3")
        plan = desk.ok("plan", "--format", "json").json
        Draft202012Validator(schema("plan")).validate(plan)
        assert [(wave["wave"], wave["devices"]) for wave in plan["rollouts"][0]["waves"]] == [(1, 3), (2, 0)]


def test_outside_its_window_nothing_goes_and_everybody_is_told_when_it_opens(tmp_path):
    day = (datetime.now(UTC) + timedelta(days=3)).strftime("%a").lower()
    rollout = (
        f"    waves: [{{devices: 100%}}]\n    windows: {{open: [{{days: [{day}], from: '00:00', to: '24:00'}}]}}\n"
    )
    with serving([record(1)]) as emulator:
        desk = desk_at(tmp_path, emulator, rollout, 1)
        desk.ok("plan", "-o", "saved.plan")
        for words in (["--yes"], ["saved.plan"]):
            assert "wave 1 of 1 waits for its window, which opens 20" in desk.ok("apply", *words).err
        assert sent(desk) == []
        desk.ok("plan", "--detailed-exitcode", code=2)
        assert "waits for its window, which opens 20" in " ".join(desk.ok("status").out.split())
        (found,) = rollouts(desk)
        assert (found["standing"], found["opens"][:2]) == ("closed", "20")
        assert "等待发布窗口，将于20" in "".join(desk.ok("--lang", "zh", "explain", "meter-1").out.split())
        desk.edit("meters.yaml", f"days: [{day}], ", "")
        assert "RCL302" in desk.ok("apply", "saved.plan", code=1).err
        desk.ok("apply", "--yes")
        assert sent(desk) == [("queue_write", "1")]
