"""A saved plan, and lines of `allow:` that were taken away or came since: nothing is carried past a second thought."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from jsonschema import Draft202012Validator

from reconcile.model.desired import Delivery, DeliveryMode, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.errors import PlanRefused
from reconcile.model.fleet import DesiredDevice, Limits, Safety
from reconcile.model.protection import Allowance, Pattern, Protected
from reconcile.planner.safety import Count, check
from reconcile.platforms import registry
from reconcile.runs.planfile import read_plan, write_plan
from reconcile.runs.saved_safety import check_allowed
from reconcile.testing.fleets import NOON, Truths, plan_of

SCHEMA = Path(__file__).parents[3] / "schemas" / "plan.schema.json"
DIALECT = registry.find("onenet").dialect
REF = DeviceRef("onenet-prod", "meter-1")
DOCUMENT = DesiredDocument.build(
    (DesiredResource("/1/0/1", 86_400), DesiredResource("/3303/0/5603", 1.0)), (), Delivery(DeliveryMode.QUEUE)
)
METER = DesiredDevice(Device(REF, Identity.of(imei="865820031234567"), {"site": "lab"}), DOCUMENT)
LINE = Allowance("resource", "tried", NOON + timedelta(days=9), Pattern("/1/*/1"))
ALLOWED = Safety(allowances=(LINE,))


def session(safety):
    platforms = {"onenet-prod": None}
    fleet = SimpleNamespace(safety=safety, platforms=platforms)
    return SimpleNamespace(fleet=fleet, devices=lambda: [METER], dialect=lambda _name: DIALECT)


def refusal(plan, safety):
    with pytest.raises(PlanRefused) as caught:
        check_allowed(session(safety), plan)
    assert caught.value.code == "RCL309"
    return str(caught.value)


@pytest.fixture(scope="module")
def plan():
    found = plan_of(Truths([METER], {"onenet-prod": DIALECT}, safety=ALLOWED))
    assert [one.resource for one in found.protected] == ["/1/0/1"]
    return found


def test_a_plan_goes_while_its_line_stands_and_not_after(plan):
    check_allowed(session(ALLOWED), plan)
    elsewhere = replace(LINE, covers=lambda device: device.labels["site"] == "street")
    for safety in (Safety(), Safety(allowances=(elsewhere,)), Safety(ended=(LINE,))):
        assert "/1/0/1 to onenet-prod/meter-1, which is protected. Plan again" in refusal(plan, safety)


def test_what_was_declared_protected_since_is_not_sent(plan):
    since = Safety(allowances=(LINE,), protected=(Protected(Pattern("/3303"), "mine"),))
    assert "/3303/0/5603" in refusal(plan, since)


@pytest.mark.parametrize("profile", ["", "lab"])
def test_a_limit_that_a_line_raised_is_looked_at_again(plan, profile, tmp_path):
    line = Allowance("maxChangedDevices", "winter", NOON + timedelta(days=9), up_to=7)

    def stated(limit, *lines):
        if not profile:
            return Safety(allowances=(LINE, *lines), max_changed_devices=limit)
        return Safety(allowances=(LINE,), profiles=(Limits(profile, max_changed_devices=limit, allowances=lines),))

    saved = replace(plan, raised=_raised(line, stated(3, line), profile))
    write_plan(saved, tmp_path / "p")
    saved = read_plan(tmp_path / "p")
    assert [(one.limit, one.profile, one.found) for one in saved.raised] == [("maxChangedDevices", profile, 5)]
    raised = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]["raised"])
    raised.validate([one.to_json() for one in saved.raised])
    for allows in (stated(3, line), stated(5), stated(None), ALLOWED):
        check_allowed(session(allows), saved)
    for withdrawn in (stated(3), stated(3, replace(line, up_to=4)), stated(3, replace(line, kind="maxChangedPercent"))):
        assert "maxChangedDevices is exceeded (5)" in refusal(saved, withdrawn)


def _raised(line, safety, profile):
    many = Count(9, 5)
    judged = check(safety, many, [many] if profile else ())
    assert not any(one.is_error for one in judged.diagnostics)
    assert judged.expires(NOON + timedelta(days=99)) == line.until
    return tuple(judged.raised)
