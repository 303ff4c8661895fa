"""What a plan does about protected resources, judged on whole plans of small fleets."""

import json
from datetime import timedelta

import pytest

from reconcile.model.actions import CancelQueued, touched
from reconcile.model.desired import (
    Command,
    Delivery,
    DeliveryMode,
    DesiredDocument,
    DesiredResource,
    OnRemoval,
    Ownership,
    WriteMode,
)
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.diagnostic import Span
from reconcile.model.fleet import DesiredDevice, Limits, Safety
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.protection import Allowance, Pattern, Protected
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.platforms import registry
from reconcile.report.document import plan_json
from reconcile.report.text import plan_text
from reconcile.runs.planfile import read_plan, write_plan
from reconcile.testing.fleets import NOON, Truths, plan_of

DIALECTS = {"onenet-prod": registry.find("onenet").dialect, "aliyun-prod": registry.find("aliyun").dialect}
QUEUED = Delivery(mode=DeliveryMode.QUEUE)
NEXT_MONTH = NOON + timedelta(days=30)
LIFETIME, LIMIT = DesiredResource("/1/0/1", 86_400), DesiredResource("/3303/0/5603", -10.0)


def meter(*resources, number=1, commands=(), delivery=QUEUED, **labels):
    device = Device(DeviceRef("onenet-prod", f"meter-{number}"), Identity.of(imei=f"86582003123456{number}"), labels)
    return DesiredDevice(device, DesiredDocument.build(resources, commands, delivery))


def lamp(**values):
    device = Device(DeviceRef("aliyun-prod", "lamp"), Identity.of(productKey="a1", deviceName="lamp"), {})
    resources = tuple(DesiredResource(name, value) for name, value in values.items())
    return DesiredDevice(device, DesiredDocument.build(resources, (), Delivery()))


def line(text, kind="resource", until=NEXT_MONTH, **more):
    return Allowance(kind, "tried in the lab", until, Pattern(text), span=Span("fleet.yaml", 7, 3), **more)


def planned(*devices, recorded=(), observed=None, **safety):
    return plan_of(Truths(devices, DIALECTS, recorded, observed or {}, safety=Safety(**safety)))


def held(desired, **values):
    """A record of that device, brought to another document with these values."""
    rows = {
        path: RecordedResource(path, value, None, DeliveryState.CONFIRMED, NOON, confirmed=value)
        for path, value in values.items()
    }
    return RecordedDevice(desired.device.ref, desired.device.identity, digest="another document", resources=rows)


@pytest.mark.parametrize(
    ("pattern", "path", "is_meant"),
    [
        ("/1/*/1", "/1/3/1", True),
        ("/1/*/1", "/1/3/10", False),
        ("/11", "/11/0/1", True),
        ("/11", "/111/0/1", False),
        ("/1/0", "/1", False),
        ("Target", "Target", True),
        ("Target", "Targets", False),
        ("Energy:*", "Energy:period", True),
        ("Energy", "Energy:period", False),
        ("Energy:*", "/1/0/1", False),
    ],
)
def test_a_pattern_means_instances_and_what_is_below_and_nothing_else(pattern, path, is_meant):
    assert Pattern(pattern).matches(path) is is_meant


def test_a_device_with_a_protected_write_is_sent_nothing_and_the_others_go_on():
    plan = planned(meter(LIFETIME, LIMIT), meter(LIMIT, number=2))
    assert {str(step.device) for step in plan.steps()} == {"onenet-prod/meter-2"}
    assert [(str(n.device), n.resource, n.desired) for n in plan.blocked] == [("onenet-prod/meter-1", "/1/0/1", 86_400)]
    assert (plan.summary.held, plan.summary.changing) == (1, 1)
    assert [(d.code, d.is_error) for d in plan.diagnostics] == [("RCL704", False)]
    assert not plan.is_blocked


def test_an_allowed_write_goes_and_is_told_with_its_reason_and_its_end():
    plan = planned(meter(LIFETIME), meter(LIFETIME, number=2), allowances=(line("/1/*/1"),))
    (told,) = plan.protected
    assert (told.resource, told.devices, told.reason, told.at) == ("/1/0/1", 2, "tried in the lab", "fleet.yaml:7:3")
    assert len(plan.steps()) == 2
    assert not plan.blocked
    assert not plan.diagnostics


def test_a_plan_does_not_outlive_the_line_that_it_needs():
    soon = NOON + timedelta(hours=2)
    assert planned(meter(LIFETIME), allowances=(line("/1/*/1", until=soon),)).expires == soon
    others = planned(meter(LIMIT), allowances=(line("/1/*/1", until=soon, is_declared=True),))
    assert others.expires == NOON + timedelta(hours=24)


def test_a_line_whose_last_day_is_over_blocks_again_and_is_named():
    plan = planned(meter(LIFETIME), ended=(line("/1/*/1", until=NOON - timedelta(days=1)),))
    assert not plan.steps()
    assert plan.blocked[0].reason.endswith("what allowed it ended at 2026-11-21T12:00:00+00:00")


def test_a_line_counts_only_for_the_devices_that_it_is_about():
    lab = line("/1/*/1", covers=lambda device: device.labels.get("site") == "lab")
    plan = planned(meter(LIFETIME, site="lab"), meter(LIFETIME, number=2, site="street"), allowances=(lab,))
    assert {str(step.device) for step in plan.steps()} == {"onenet-prod/meter-1"}
    assert {str(notice.device) for notice in plan.blocked} == {"onenet-prod/meter-2"}


def test_a_line_that_nothing_needs_is_told():
    plan = planned(meter(LIMIT), allowances=(line("/11"), line("/1/*/1", is_declared=True)))
    assert [(d.code, d.detail.partition(":")[0]) for d in plan.diagnostics] == [("RCL707", "`resource")]
    assert "/11" in plan.diagnostics[0].detail


@pytest.mark.parametrize("path", ["/3/0/5", "/1/0/4", "/5/0/2", "/8/0/3"])
def test_a_run_that_can_strand_a_device_is_blocked_and_a_reboot_is_not(path):
    plan = planned(meter(commands=(Command("wipe", path, trigger="1"),)))
    assert [notice.resource for notice in plan.blocked] == [path]
    assert not plan.steps()
    assert planned(meter(commands=(Command("reboot", "/3/0/4", trigger="1"),))).steps()


def test_what_is_written_on_removal_is_protected_too_and_letting_go_is_not():
    now, once = meter(LIMIT), meter(LIFETIME, LIMIT)
    record = held(once, **{"/1/0/1": 86_400, "/3303/0/5603": -10.0})
    assert planned(now, recorded=[record]).blocked == ()
    record.resources["/1/0/1"] = RecordedResource(
        "/1/0/1", 86_400, None, DeliveryState.CONFIRMED, NOON, confirmed=86_400, on_removal=OnRemoval("set", 300)
    )
    plan = planned(now, recorded=[record])
    assert [notice.resource for notice in plan.blocked] == ["/1/0/1"]
    assert not plan.steps()


def test_a_value_that_is_there_already_is_recorded_without_a_line():
    device = meter(LIFETIME)
    seen = ObservedDevice(device.device.ref, {"/1/0/1": ObservedResource(reported=86_400)})
    plan = planned(device, observed={device.device.ref: seen})
    assert [adoption.path for adoption in plan.devices[0].adoptions] == ["/1/0/1"]
    assert not plan.blocked


def test_observing_is_no_write():
    watched = DesiredResource("/1/0/1", 86_400, ownership=Ownership.OBSERVE)
    assert not planned(meter(watched, LIMIT)).blocked


def test_drift_of_a_protected_resource_is_not_written_back_without_a_line():
    device = meter(LIFETIME)
    record = held(device, **{"/1/0/1": 86_400})
    seen = ObservedDevice(device.device.ref, {"/1/0/1": ObservedResource(reported=60)})
    plan = planned(device, recorded=[record], observed={device.device.ref: seen})
    assert [notice.observed for notice in plan.blocked] == [60]
    assert [notice.resource for notice in plan.drift] == ["/1/0/1"]


def test_a_withdrawal_needs_no_line():
    device = meter(LIFETIME)
    row = RecordedResource(
        "/1/0/1", 60, None, DeliveryState.QUEUED, NOON, command_uuid="u1", confirmed=86_400, expires_at=NEXT_MONTH
    )
    record = RecordedDevice(device.device.ref, device.device.identity, digest="another", resources={"/1/0/1": row})
    (step,) = planned(device, recorded=[record]).steps()
    assert isinstance(step.action, CancelQueued)


def test_a_replacing_write_needs_a_line_of_its_own():
    replacing = Delivery(mode=DeliveryMode.QUEUE, write_mode=WriteMode.REPLACE)
    plan = planned(meter(LIMIT, delivery=replacing))
    assert ([n.resource for n in plan.blocked], [d.code for d in plan.diagnostics]) == (["/3303/0"], ["RCL705"])
    assert planned(meter(LIMIT, delivery=replacing), allowances=(line("/3303", "replace"),)).protected
    both = planned(meter(LIFETIME, delivery=replacing), allowances=(line("/1", "replace"),))
    assert [notice.resource for notice in both.blocked] == ["/1/0/1"]


def test_a_fleet_protects_what_only_it_can_know():
    mine = Protected(Pattern("Server"), "the gateway follows it at once")
    assert planned(lamp(Server="a", Light=1)).steps()
    plan = planned(lamp(Server="a", Light=1), protected=(mine,))
    assert not plan.steps()
    assert plan.blocked[0].reason == "protected: the gateway follows it at once; no manifest allows it"
    assert planned(lamp(Server="a"), protected=(mine,), allowances=(line("Server"),)).steps()


def test_limits_of_a_profile_count_its_devices_alone():
    lab = Limits("lab", max_changed_devices=1, covers=lambda device: device.labels.get("site") == "lab")
    fleet = [meter(LIMIT, number=n, site="lab" if n < 4 else "street") for n in range(1, 8)]
    records = [held(device, **{"/3303/0/5603": -20.0}) for device in fleet]
    found = planned(*fleet, recorded=records, profiles=(lab,)).diagnostics
    assert [(d.code, d.detail.partition(",")[0]) for d in found] == [
        ("RCL701", "profile lab: 3 managed devices would change")
    ]
    assert not planned(*fleet[3:], recorded=records[3:], profiles=(lab,)).diagnostics
    percent = Limits("lab", max_changed_percent=50, min_population=3, covers=lab.covers)
    assert [d.code for d in planned(*fleet, recorded=records, profiles=(percent,)).diagnostics] == ["RCL702"]


def test_a_line_raises_a_limit_as_far_as_it_says_and_the_plan_says_so():
    fleet = [meter(LIMIT, number=n) for n in range(1, 6)]
    records = [held(device, **{"/3303/0/5603": -20.0}) for device in fleet]
    enough, short = (line("*", "maxChangedDevices", up_to=n, is_declared=True) for n in (5, 4))
    plan = planned(*fleet, recorded=records, max_changed_devices=3, allowances=(enough,))
    assert [(d.code, d.is_error) for d in plan.diagnostics] == [("RCL708", False)]
    assert "tried in the lab" in plan.diagnostics[0].detail
    assert [(one.limit, one.profile, one.found) for one in plan.raised] == [("maxChangedDevices", "", 5)]
    assert planned(*fleet, recorded=records, max_changed_devices=3, allowances=(short,)).is_blocked
    soon = line("*", "maxChangedDevices", until=NOON + timedelta(hours=2), up_to=5, is_declared=True)
    ending = planned(*fleet, recorded=records, max_changed_devices=3, allowances=(soon,))
    assert ending.expires == soon.until, "a plan does not outlive the line that it needs"


def test_a_saved_plan_keeps_both_banners(tmp_path):
    plan = planned(
        meter(LIFETIME, site="lab"), meter(DesiredResource("/11/0/1", "x"), number=2), allowances=(line("/1"),)
    )
    write_plan(plan, tmp_path / "plan")
    read = read_plan(tmp_path / "plan")
    assert (read.blocked, read.protected) == (plan.blocked, plan.protected)
    shown = json.loads("".join(plan_json(read)))
    assert [one["resource"] for one in shown["protected"]] == ["/1/0/1"]
    assert [one["resource"] for one in shown["blocked"]] == ["/11/0/1"]
    for lang in ("en", "zh"):
        text = plan_text(read, lang=lang)
        assert "tried in the lab" in text
        assert "/11/0/1" in text
        assert lang == "en" or "it decides whether" not in text.partition("RCL704")[0] + text.partition("已拦截：")[2]


def test_an_allowance_decides_nothing_of_the_digest():
    one, other = (
        planned(meter(LIFETIME), allowances=(line("/1", until=NEXT_MONTH + timedelta(days=n)),)) for n in (0, 1)
    )
    assert one.digest == other.digest


def test_every_path_of_a_step_is_noted_or_harmless():
    plan = planned(meter(LIFETIME, LIMIT, DesiredResource("/1/0/7", "U")), allowances=(line("/1"),))
    sent = {path for step in plan.steps() for path in touched(step.action)}
    assert sent - {one.resource for one in plan.protected} == {"/3303/0/5603"}
