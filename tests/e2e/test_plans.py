"""`reconcile plan`: formats, scopes, exit codes. `show`: what was saved, in every format."""

import json
import os
from dataclasses import replace

import pytest
from desk import COLOR, METERS
from jsonschema import Draft202012Validator

from reconcile.runs.planfile import read_plan, write_plan


def schemas(desk):
    """A validator for plans, from what `reconcile schema` prints: it needs no other file."""
    return Draft202012Validator(desk.ok("schema", "plan").json)


def test_plan_as_json_is_what_its_schema_says_before_and_after_applying(desk):
    """CI reads this document."""
    validator = schemas(desk)
    first = desk.ok("plan", "--format", "json").json
    validator.validate(first)
    assert first["summary"]["requests"] == {"aliyun-prod": 1, "onenet-prod": 2}
    desk.ok("apply", "--yes")
    desk.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    second = desk.ok("plan", "--format", "json").json
    validator.validate(second)
    assert second["classes"][0]["changes"] == [
        {"resource": "Brightness", "action": "update", "reason": "manifest", "before": 60, "after": 70}
    ]


def test_several_formats_at_once_go_to_files_and_standard_output(desk):
    """One look at the clouds, a report for everybody."""
    done = desk.ok(
        "plan", "--format", "json=out/plan.json", "--format", "markdown=out/plan.md", "--format", "html=out/plan.html",
        "--format", "text=out/plan.txt", "--format", "text",
    )  # fmt: skip
    out = desk.folder / "out"
    assert json.loads((out / "plan.json").read_text())["format"] == "reconcile-plan/1"
    assert "meter-1" in (out / "plan.md").read_text()
    assert (out / "plan.html").read_text().lstrip().lower().startswith("<!doctype html>")
    assert (out / "plan.txt").read_text().strip() == done.out.strip()


def test_detailed_exit_code_tells_changes_waiting_and_nothing_to_do(desk):
    """2, then 3, then 0; without the option always 0."""
    desk.ok("plan")
    desk.ok("plan", "--detailed-exitcode", code=2)
    desk.ok("apply", "--yes")
    desk.ok("plan", "--detailed-exitcode", code=3)
    desk.ok("drift", code=3)
    desk.cloud.pass_time(7200)
    desk.ok("plan", "--detailed-exitcode")
    desk.ok("status", "--refresh")
    desk.ok("plan", "--detailed-exitcode", "--refresh", "all")


def test_a_plan_beyond_the_safety_limits_is_blocked_with_4(desk):
    """Neither plan nor apply goes on, and nothing is sent."""
    desk.edit(
        "fleet.yaml",
        "metadata: {name: city}\nspec:\n",
        "metadata: {name: city}\nspec:\n  safety: {maxChangedDevices: 1}\n",
    )
    desk.ok("apply", "--yes")
    sent = len(desk.cloud.sent())
    desk.edit("meters.yaml", "-20.0", "-15.0")
    assert "RCL701" in desk.ok("plan", "--detailed-exitcode", code=4).out
    assert "RCL701" in desk.ok("apply", "--yes", code=4).err
    assert len(desk.cloud.sent()) == sent


@pytest.mark.parametrize(
    ("options", "devices"),
    [
        (["-l", "class=meter"], {"meter-1", "meter-2"}),
        (["-l", "class=meter,site!=haidian"], {"meter-1"}),
        (["-l", "site in (haidian)"], {"meter-2", "lamp-1"}),
        (["-l", "!class"], set()),
        (["--device", "lamp-1"], {"lamp-1"}),
        (["--device", "onenet-prod/meter-2"], {"meter-2"}),
        (["--device", "meter-*", "--exclude", "meter-2"], {"meter-1"}),
        (["--exclude", "onenet-prod/*"], {"lamp-1"}),
        (["--resource", "/3303/*"], {"meter-1", "meter-2"}),
        (["--resource", "Brightness"], {"lamp-1"}),
    ],
)
def test_options_limit_a_plan_to_a_part_of_the_fleet(offline, options, devices):
    """Steps for those devices and no others."""
    steps = offline.ok("plan", "--refresh", "none", "--format", "json", *options).json["steps"]
    assert {step["device"].rpartition("/")[2] for step in steps} == devices


def test_resource_option_sends_only_that_resource(desk):
    """The rest stays to be done."""
    desk.ok("apply", "--yes", "--resource", "Brightness", "--device", "lamp-1")
    assert [entry["body"]["Items"] for entry in desk.cloud.log("set_desired")] in (
        [{"Brightness": 60}],
        ['{"Brightness":60}'],
    )
    desk.ok("plan", "--detailed-exitcode", "--device", "lamp-1", code=2)


def test_a_selection_of_nobody_is_said(desk):
    """A slip in a name must not pass for a settled fleet."""
    assert desk.ok("plan", "-l", "class=metre").err.count("No device matches") == 1
    assert desk.ok("drift", "--device", "nope").err.count("No device matches") == 1
    assert "没有设备符合" in desk.ok("--lang", "zh", "drift", "--exclude", "*").err
    assert "No device matches" in desk.ok("apply", "--yes", "--device", "metre-1").err
    assert desk.cloud.sent() == []


def test_a_saved_plan_is_shown_in_every_format_without_manifests(desk, tmp_path):
    """Reviewers need neither the repository nor keys."""
    live = desk.ok("plan", "-o", "saved.plan").out
    assert desk.ok("show", "saved.plan").out == live
    alone = ("--manifests", "nowhere", "show", "saved.plan")
    assert desk.ok(*alone, keys={}, endpoints=False).out == live
    assert json.loads(desk.ok(*alone, "--format", "json").out)["digest"] in live
    assert "meter-1" in desk.ok(*alone, "--format", "markdown").out
    assert "<html" in desk.ok(*alone, "--format", "html").out
    desk.ok(*alone, "--format", "json=again.json")
    assert json.loads((tmp_path / "again.json").read_text())["summary"]["changing"] == 3
    assert "计划" in desk.ok("--lang", "zh", *alone).out
    assert COLOR in desk.on_a_terminal("show", "saved.plan").out


def test_schema_prints_every_schema_it_names(offline):
    """Each is a JSON Schema with an id."""
    names = offline.ok("schema").out.split()
    assert {"plan", "manifest", "fleet", "device", "profile", "hold"} <= set(names)
    for name in ("plan", "MANIFEST", "fleet.schema.json"):
        assert "$schema" in offline.ok("schema", name).json


WRONG = {"ALIYUN_SK": "wrong", "ONENET_MASTER_KEY": "wrong"}


def test_a_plan_that_could_read_nothing_says_so_and_fails(desk):
    """Wrong keys must not pass for a settled fleet, with or without the detailed exit code."""
    done = desk.ok("plan", "--refresh", "all", env=WRONG, code=1)
    assert "3 devices could not be read" in done.err
    assert "The first reason: " in done.err
    assert "3 台设备无法读取" in desk.ok("--lang", "zh", "plan", "--refresh", "all", env=WRONG, code=1).err
    desk.ok("plan", "--refresh", "all", "--detailed-exitcode", env=WRONG, code=1)


def test_a_plan_that_could_read_a_part_says_what_it_left_out(desk):
    """The rest of the fleet can be planned: that is no failure, and no secret either."""
    done = desk.ok("plan", "--refresh", "all", env={"ALIYUN_SK": "wrong"})
    assert "1 device could not be read" in done.err
    assert "could not be read" not in desk.ok("plan").err


def test_a_plan_without_a_server_fails(offline):
    """Nobody at the other end, and nothing recorded that could be planned from."""
    offline.platforms = ()
    refused = ("--endpoint", "onenet-prod=http://127.0.0.1:9", "--endpoint", "aliyun-prod=http://127.0.0.1:9")
    assert "3 devices could not be read" in offline.ok(*refused, "plan", "--refresh", "all", code=1).err


IDLE_PROFILE = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: nobody}
spec:
  selector: {matchLabels: {class: nothing}}
  resources: {/3303/0/5603: 1.0}
"""


def test_a_blocked_apply_tells_each_problem_once(desk):
    """Warnings of the manifests were told when they were read."""
    desk.ok("apply", "--yes")
    desk.write({"idle.yaml": IDLE_PROFILE})
    desk.edit(
        "fleet.yaml",
        "metadata: {name: city}\nspec:\n",
        "metadata: {name: city}\nspec:\n  safety: {maxChangedDevices: 1}\n",
    )
    desk.edit("meters.yaml", "-20.0", "-15.0")
    told = desk.ok("apply", "--yes", code=4).err
    assert (told.count("RCL128"), told.count("RCL701")) == (1, 1)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (".", ". is a folder. Name a file in it, such as plan.out."),
        ("manifests", "manifests is a folder. Name a file in it, such as manifests/plan.out."),
        ("manifests/fleet.yaml/x/y", "fleet.yaml is a file, not a folder. Name another place."),
        ("n" * 300, "File name too long. Name another place."),
        ("/proc/reconcile/x", "the file cannot be written: No such file or directory. Name another place."),
    ],
)
@pytest.mark.parametrize("option", ["-o", "--format"])
def test_a_place_where_no_plan_can_be_written_is_told_in_one_line(offline, option, target, says):
    """What, where and what to do; as a rule before anything is planned."""
    given = target if option == "-o" else f"json={target}"
    done = offline.ok("plan", "--refresh", "none", option, given, code=1)
    assert (done.err.count("\n"), done.err.startswith(f"RCL400 error: {option} {given}: ")) == (1, True)
    assert says in done.err


def test_a_plan_does_not_replace_a_device(offline):
    """A saved plan is moved to its place: done to /dev/null by root, it would take everybody's null device away."""
    os.mkfifo(offline.folder / "pipe")
    assert "no regular file" in offline.ok("plan", "--refresh", "none", "-o", "pipe", code=1).err
    assert (offline.folder / "pipe").is_fifo()
    offline.ok("plan", "--refresh", "none", "--format", "json=/dev/null")


COMMANDED = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-1, labels: {class: meter, site: chaoyang}}
spec:
  platform: onenet-prod
  imei: "865820030000001"
  commands:
    reboot: {execute: /3/0/4, after: [/3303/0/5603]}
"""


def test_a_plan_of_another_major_version_is_refused_by_the_program_and_nothing_is_sent(desk):
    desk.ok("plan", "-o", "saved.plan")
    plan = read_plan(desk.folder / "saved.plan")
    write_plan(replace(plan, base=replace(plan.base, tool="7.0.0")), desk.folder / "saved.plan")
    said = desk.ok("apply", "saved.plan", apart=True, code=1).err
    assert "RCL308" in said
    assert "made by reconcile 7.0.0" in said
    assert desk.cloud.sent() == []


def test_explain_says_why_a_command_runs_and_that_an_idle_one_has_nothing_to_do(desk):
    """Not that no plan was made: one was."""
    desk.edit("meters.yaml", METERS.split("---\n")[1], COMMANDED)
    shown = " ".join(desk.ok("explain", "meter-1").out.split())
    assert "a plan would run it: reboot: after its resources change." in shown
    desk.ok("apply", "--yes")
    shown = desk.ok("explain", "meter-1").out
    assert "nothing to run" in shown
    assert "No plan was made" not in shown
    assert "无需执行" in desk.ok("--lang", "zh", "explain", "meter-1").out
