"""Whatever devices, clouds and people write, no report obeys it."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hostile_plans import STRINGS, hostile_plan
from report_fleet import desired_meter, recorded_meter
from report_plans import AT

from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import Span
from reconcile.report.comment.compose import plan_markdown
from reconcile.report.diagnostics import diagnostics_text
from reconcile.report.document import plan_json
from reconcile.report.drift import drift_json, drift_text
from reconcile.report.explain import explain_text
from reconcile.report.outcome import outcome_text
from reconcile.report.status import status_text
from reconcile.report.status_document import status_json
from reconcile.report.text import plan_text

EVIL = (
    "::error::evil\x1b[31m\r\n::set-env name=X::evil\n##[command]evil ##vso[evil] \u202eevil\u2066 \x9b2J `evil` | [evil](http://evil)"
    " ![evil](http://evil) <script>evil()</script> <img src=x onerror=evil> @evil #1 www.evil.com\n```\nevil </details> {evil} \ud800"
    " 设备::evil"
)
REF = DeviceRef(EVIL, EVIL)
LANGS = pytest.mark.parametrize("lang", ["en", "zh"])


def _texts(lang):
    plan, now = hostile_plan(EVIL), AT + timedelta(days=1)
    recorded = recorded_meter()
    queued = replace(recorded.resources["/3303/0/5603"], path=EVIL, value=EVIL, command_uuid=EVIL)
    device = replace(recorded, ref=REF, resources={EVIL: queued})
    desired = desired_meter()
    desired.device = Device(REF, recorded.identity, {EVIL: EVIL}, Span(EVIL, 1))
    sentences = dict.fromkeys(("/3303/0/5603", EVIL), EVIL)
    yield plan_text(plan, lang=lang)
    yield drift_text(plan, lang=lang)
    yield plan_markdown(plan, lang=lang)
    yield diagnostics_text(plan.diagnostics, lang=lang)
    yield status_text([device], now=now, lang=lang)
    yield status_text([device], now=now, lang=lang, is_detailed=True)
    yield explain_text(desired, device, None, sentences=sentences, lang=lang)
    yield outcome_text({EVIL: 1}, blocked=0, not_begun=0, failures=[(REF, EVIL, EVIL, EVIL)], lang=lang)
    yield "".join(plan_json(plan))
    yield "".join(drift_json(plan))
    yield "".join(status_json([device], now=now, is_detailed=True))


def _is_inert(text):
    text.encode("utf-8")
    lines = text.split("\n")
    is_shown = all(line.replace("\u3000", "").isprintable() for line in lines)
    return is_shown and not any(line.lstrip().startswith("::") for line in lines) and not re.search(r"##\w*\[", text)


@LANGS
def test_no_report_moves_the_cursor_or_commands_a_runner(lang):
    assert all(map(_is_inert, _texts(lang)))


@pytest.mark.parametrize("name", STRINGS)
def test_every_hostile_string_is_inert_on_a_terminal_and_kept_in_json(name):
    text = STRINGS[name]
    plan = hostile_plan(text)
    assert all(map(_is_inert, (plan_text(plan), drift_text(plan), diagnostics_text(plan.diagnostics))))
    document = "".join(plan_json(plan))
    assert _is_inert(document)
    assert json.loads(document)["held"][0]["reason"] == text


def test_json_keeps_hostile_values_as_they_are():
    body = json.loads("".join(plan_json(hostile_plan(EVIL))))
    assert body["held"][0]["device"] == f"{EVIL}/{EVIL}"
    assert body["classes"][0]["changes"][0]["before"] == EVIL
