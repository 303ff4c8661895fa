"""A plan says the same in every form, and fits the reader's screen."""

import json
import re
from dataclasses import replace

import jsonschema
import pytest
from report_plans import empty_plan, large_plan, meter

from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.plan import Change, ChangeClass, Notice, PlannedDevice, Summary
from reconcile.model.plan_json import class_json, device_json, diagnostic_json, header_json
from reconcile.report.comment.compose import plan_markdown
from reconcile.report.diagnostics import diagnostics_text
from reconcile.report.document import plan_json
from reconcile.report.drift import drift_json, drift_text
from reconcile.report.html.page import plan_page
from reconcile.report.style import columns_of
from reconcile.report.text import plan_text

LANGS = pytest.mark.parametrize("lang", ["en", "zh"])


@LANGS
def test_plan_as_text(lang, golden):
    text = plan_text(large_plan(), lang=lang)
    golden(f"plan.{lang}.txt", text)
    assert max(map(columns_of, text.splitlines())) <= 80


@LANGS
@pytest.mark.parametrize("width", [48, 60, 120])
def test_plan_fits_other_widths_but_for_single_words(lang, width):
    lines = plan_text(large_plan(), lang=lang, width=width).splitlines()
    assert all(columns_of(line) <= width or "sha256:" in line for line in lines)


def test_colour_adds_nothing_but_colour():
    painted = plan_text(large_plan(), color=True)
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plan_text(large_plan())


def test_plan_as_json(golden):
    golden("plan.json", "".join(plan_json(large_plan())))


@LANGS
def test_drift(lang, golden):
    golden(f"drift.{lang}.txt", drift_text(large_plan(), lang=lang))


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (empty_plan(), "Nothing to do: 10,000 devices, all as the manifests say\n"),
        (
            empty_plan(summary=Summary(10, settled=7, waiting=3)),
            "Nothing to send: 3 of 10 devices waiting for delivery\n",
        ),
    ],
)
def test_an_empty_plan_is_one_line(plan, line):
    assert plan_text(plan) == line


def test_held_devices_alone_do_not_make_an_empty_plan_look_troubled():
    plan = empty_plan(held=(Notice(meter(1), "on site"),), summary=Summary(64, settled=63, held=1))
    text = plan_text(plan)
    assert text.startswith("Nothing to do: 63 of 64 devices as the manifests say, 1 device held\n")
    assert "on site" in text


def test_the_forecast_speaks_of_sleepers_only_when_something_is_queued():
    device = large_plan().devices[8]
    plan = replace(large_plan(), devices=(device,), summary=Summary(1, changing=1, requests={"aliyun-prod": 1}))
    assert "after about 0.1 s." in plan_text(plan)
    assert "uplink" not in plan_text(plan)


def test_an_empty_plan_with_unknown_devices_does_not_claim_that_all_is_well():
    plan = empty_plan(unknown=(Notice(meter(1), "timed out"),), summary=Summary(1, unknown=1))
    assert plan_text(plan).startswith("Nothing to send; some devices are left alone")
    assert "timed out" in plan_text(plan)


def test_a_blocked_plan_says_so_first():
    error = Diagnostic(
        "RCL701", "too many devices would change", "9 devices would change, the limit is 5.", Span("fleet.yaml", 4, 3)
    )
    plan = replace(large_plan(), diagnostics=(error,))
    for text in (plan_text(plan), plan_markdown(plan), "".join(plan_page(plan))):
        assert "Blocked: safety limits refuse this plan (RCL701)" in text
        assert "the limit is 5." in text


def test_a_plan_that_only_records_does_not_speak_of_requests():
    group = ChangeClass("c1", 1, (meter(1),), (Change("/3/0/1", "adopt", 1, 1, "already there"),))
    device = PlannedDevice(meter(1), large_plan().devices[0].identity, "c1", "none", "d")
    text = plan_text(empty_plan(classes=(group,), devices=(device,), summary=Summary(1, changing=1)))
    assert text.startswith("Plan: nothing to send; 1 device only recorded\n")
    assert "Recorded only" in text


def test_a_plan_that_holds_only_a_conflict_does_not_speak_of_recording():
    device = PlannedDevice(meter(1), large_plan().devices[0].identity, "", "sha256:0", None)
    conflict = Notice(meter(1), "changed in the manifests and outside", "/3/0/1", 1, 2, 3)
    plan = empty_plan(devices=(device,), conflicts=(conflict,), summary=Summary(1, conflicts=1))
    assert plan_text(plan).startswith("Nothing to send; some devices are left alone, see below\n")


def test_a_device_in_conflict_that_is_still_sent_something_is_counted():
    plan = replace(
        large_plan(), summary=Summary(1, conflicts=1, requests={"onenet-prod": 2}), devices=large_plan().devices[:1]
    )
    assert plan_text(plan).startswith("Plan: 1 of 1 device will change, with 2 requests\n")


def test_devices_of_which_the_same_is_said_are_one_entry():
    unknown = tuple(Notice(meter(number), "account locked") for number in range(10_000))
    text = plan_text(empty_plan(unknown=unknown))
    assert text.count("account locked") == 1
    assert "10,000 devices" in text


def test_json_streamed_is_the_json_of_the_whole():
    plan = large_plan()
    records = [device_json(device) for device in plan.devices]
    whole = {
        **header_json(plan),
        "classes": [class_json(group) for group in plan.classes],
        "steps": [step for record in records for step in record.pop("steps")],
        "records": records,
        "held": [notice.to_json() for notice in plan.held],
        "unknown": [notice.to_json() for notice in plan.unknown],
        "conflicts": [notice.to_json() for notice in plan.conflicts],
        "drift": [notice.to_json() for notice in plan.drift],
        "waiting": [notice.to_json() for notice in plan.waiting],
        "diagnostics": [diagnostic_json(diagnostic) for diagnostic in plan.diagnostics],
    }
    streamed = json.loads("".join(plan_json(plan)))
    assert json.dumps(streamed) == json.dumps(whole)


def test_every_element_of_json_stands_on_its_own_line():
    lines = "".join(plan_json(large_plan())).splitlines()
    elements = [json.loads(line.rstrip(",")) for line in lines if line.startswith("    ")]
    plan = large_plan()
    assert len([e for e in elements if "kind" in e]) == len(plan.steps())
    assert len([e for e in elements if "identity" in e]) == len(plan.devices)


def test_json_of_an_empty_plan_has_empty_lists():
    assert json.loads("".join(plan_json(empty_plan())))["steps"] == []


def test_json_fits_its_schema(schemas):
    for plan in (large_plan(), empty_plan()):
        jsonschema.Draft202012Validator(schemas("plan")).validate(json.loads("".join(plan_json(plan))))


def test_drift_as_json_names_all_three_sides():
    body = json.loads("".join(drift_json(large_plan())))
    assert body["devices"] == {"compared": 10_000, "drift": 1, "conflicts": 1, "unknown": 5}
    assert body["conflicts"][0] | {"reason": ""} == {
        "device": "aliyun-prod/lamp-20",
        "reason": "",
        "resource": "Brightness",
        "desired": 10,
        "recorded": 20,
        "observed": 30,
    }


def test_without_drift_the_refresh_level_is_named():
    assert drift_text(empty_plan()) == "No drift found: 10,000 devices, refresh changed\n"


@LANGS
def test_diagnostics(lang, golden):
    errors = [
        Diagnostic(
            "RCL204",
            "value cannot be written to this resource",
            "device onenet-prod/meter-0001  resource /3303/0/5700 (Temperature/0/Sensor Value): the LwM2M model declares "
            "this resource read-only (R). Remove it, or set `mode: observe` to only watch it.",
            Span("manifests/profiles/meters.yaml", 12, 7),
        ),
        Diagnostic("RCL116", "there must be exactly one Fleet", "Found none."),
        *large_plan().diagnostics,
    ]
    text = diagnostics_text(errors, lang=lang)
    golden(f"diagnostics.{lang}.txt", text)
    assert max(map(columns_of, text.splitlines())) <= 80


def test_no_diagnostics_is_one_line():
    assert diagnostics_text([]) == "No problems found.\n"
