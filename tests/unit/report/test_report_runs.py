"""Status, explain and outcome say where things stand and what to do."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from report_fleet import SENTENCES, desired_meter, observed_meter, recorded_lamp, recorded_meter
from report_plans import AT, meter

from reconcile.model.observed import ObservedDevice
from reconcile.model.recorded import DeliveryState
from reconcile.report.explain import explain_text
from reconcile.report.messages import translate
from reconcile.report.outcome import outcome_text
from reconcile.report.status import status_text
from reconcile.report.status_document import status_json
from reconcile.report.style import columns_of
from reconcile.report.view import age

LANGS = pytest.mark.parametrize("lang", ["en", "zh"])
STATES = {"DONE": 8112, "REFUSED": 2, "CONFLICT": 1, "IN_DOUBT": 1}


def _fits(text):
    return all(columns_of(line) <= 80 for line in text.splitlines())


@LANGS
@pytest.mark.parametrize("is_detailed", [False, True])
def test_status(lang, is_detailed, golden):
    fleet = (device for device in (recorded_meter(), recorded_lamp()))
    text = status_text(fleet, now=AT, lang=lang, is_detailed=is_detailed)
    golden(f"status{'-detailed' if is_detailed else ''}.{lang}.txt", text)
    assert _fits(text)


def test_status_of_nothing_is_one_line():
    assert status_text([], now=AT) == "Nothing recorded yet.\n"


def _sleeping(number, **fields):
    queued = replace(recorded_meter().resources["/3303/0/5603"], command_uuid=f"u{number}", **fields)
    return replace(recorded_meter(), ref=meter(number), resources={queued.path: queued}, runs={})


def test_devices_that_wait_for_the_same_are_one_entry():
    fleet = [_sleeping(number, accepted_at=AT - timedelta(minutes=number)) for number in range(1, 9)]
    text = status_text([*fleet, _sleeping(99, value=5)], now=AT)
    assert text.count("/3303/0/5603  -10.0") == 1
    assert "8 devices  onenet-prod/meter-0001, " in text
    assert "oldest 8m ago · first expires in 2d 23h" in text
    assert "uuid u99" in text
    assert "uuid u1" not in text


def test_what_we_withdrew_is_not_lost():
    meter_now = recorded_meter()
    run = replace(next(iter(meter_now.runs.values())), delivery=DeliveryState.CANCELLED, command_uuid=None)
    withdrawn = replace(meter_now, resources={}, runs={run.command: run})
    assert "Lost" not in status_text([withdrawn], now=AT)
    assert "cancelled 1" in status_text([withdrawn], now=AT)
    assert json.loads("".join(status_json([withdrawn], now=AT)))["lost"] == []
    by_others = replace(withdrawn, runs={run.command: replace(run, command_uuid="u1")})
    assert "Lost" in status_text([by_others], now=AT)
    leaving = _sleeping(1, delivery=DeliveryState.CANCELLED, is_leaving=True)
    path, resource = next(iter(leaving.resources.items()))
    assert "Lost" in status_text([replace(leaving, resources={path: replace(resource, command_uuid=None)})], now=AT)


def test_status_names_what_it_leaves_out():
    text = status_text([_sleeping(number, value=number) for number in range(104)], now=AT)
    assert "… and 4 more groups" in text


def test_status_as_json_counts_and_lists_what_is_open():
    body = json.loads("".join(status_json([recorded_meter(), recorded_lamp()], now=AT)))
    deliveries = body["platforms"]["onenet-prod"]["deliveries"]
    assert (deliveries["queued"], deliveries["sent"], deliveries["expired"]) == (1, 1, 1)
    assert [(item["device"], item["state"]) for item in body["open"]] == [
        ("onenet-prod/meter-0001", "queued"),
        ("onenet-prod/meter-0001", "sent"),
    ]
    assert "resources" not in body
    assert len(json.loads("".join(status_json([recorded_lamp()], now=AT, is_detailed=True)))["resources"]) == 2


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0s"), (59, "59s"), (60, "1m"), (7260, "2h 1m"), (86_400, "1d"), (183_600, "2d 3h")]
)
def test_ages_name_two_units_at_most(seconds, text):
    assert age(seconds, translate("en")) == text


@LANGS
def test_explain_with_a_look_at_the_cloud(lang, golden):
    text = explain_text(desired_meter(), recorded_meter(), observed_meter(), sentences=SENTENCES, lang=lang)
    golden(f"explain.{lang}.txt", text)
    assert _fits(text)


@LANGS
def test_explain_of_one_resource_without_a_look(lang, golden):
    text = explain_text(desired_meter(), None, None, resource="/3303/0/5605", sentences={}, lang=lang)
    golden(f"explain-offline.{lang}.txt", text)
    assert "/3303/0/5603" not in text


def test_explain_marks_only_the_last_layer():
    text = explain_text(desired_meter(), None, None, resource="/3303/0/5603", sentences={})
    assert [line.split()[1] for line in text.splitlines() if line.startswith("  * ")] == ["device"]


def test_explain_names_what_it_does_not_know():
    text = explain_text(desired_meter(), None, None, resource="/1/2/3", sentences={})
    assert "Neither the manifests nor the recorded state name /1/2/3" in text


def test_explain_says_that_a_device_could_not_be_read():
    seen = ObservedDevice(meter(1), problem="timed out")
    assert "could not be read: timed out" in explain_text(desired_meter(), None, seen, sentences={})


def test_explain_finds_a_command_by_its_name():
    text = explain_text(desired_meter(), recorded_meter(), None, resource="reboot", sentences=SENTENCES)
    assert "Command reboot" in text
    assert "trigger:2026-11" in text
    assert "/3303/0/5603  -10.0" not in text


@LANGS
def test_outcome(lang, golden):
    failures = [(meter(n), "queue_write", "RCL402", "the platform refused: quota exceeded " * 4) for n in range(23)]
    text = outcome_text(STATES, blocked=3, not_begun=0, failures=failures, lang=lang)
    golden(f"outcome.{lang}.txt", text)
    assert _fits(text)
    assert text.count("RCL402") == 20


@pytest.mark.parametrize(
    ("states", "counts", "first"),
    [
        ({"DONE": 3}, (0, 0), "Applied: all went well"),
        ({"DONE": 3}, (0, 1), "Applied in part"),
        ({"ADOPTED": 1}, (1, 0), "Applied in part"),
        ({"DONE": 1, "NEEDS_OPERATOR": 1}, (0, 0), "Applied, with attempts in doubt"),
        ({}, (0, 0), "Nothing was sent"),
        ({"SOMETHING_NEW": 1}, (0, 0), "Applied in part"),
    ],
)
def test_the_first_line_of_an_outcome_is_its_verdict(states, counts, first):
    assert outcome_text(states, blocked=counts[0], not_begun=counts[1]).splitlines()[0] == first


def test_an_attempt_in_doubt_says_what_settles_it():
    assert "asks the clouds what happened" in outcome_text(STATES)
    assert "asks the clouds what happened" not in outcome_text({"DONE": 1})


def test_an_overdue_delivery_is_shown_as_overdue():
    text = status_text([recorded_meter()], now=AT + timedelta(days=9))
    assert "expired 6d 1h ago" in text
