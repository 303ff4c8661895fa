"""The gate's table, and what an approval covers: the same, or less, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.gitops.approval import beyond
from reconcile.gitops.gate import Approval, Decision, decide
from reconcile.model.actions import QueueWrite, WriteNow
from reconcile.model.desired import WriteMode
from reconcile.model.diagnostic import Diagnostic, Severity
from reconcile.model.plan import Change, ChangeClass, Plan
from reconcile.model.plan_spelling import plan_digest
from reconcile.model.protection import AllowedWrite, RaisedLimit
from reconcile.testing import fleets

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "plan"
AT = datetime(2026, 11, 23, tzinfo=UTC)
UNTIL = AT + timedelta(days=9)


@pytest.fixture(scope="module")
def plan():
    """Several classes of changes on several devices."""
    import sys

    sys.path.insert(0, str(GOLDEN.parent))
    from test_plan import read

    made = fleets.plan_of(read(GOLDEN / "classes-largest-first"))
    assert len(made.classes) > 1
    return renamed(replace(made, expires=UNTIL))


def renamed(plan: Plan) -> Plan:
    return replace(plan, digest=plan_digest(plan))


def without(plan, *refs):
    return renamed(replace(plan, devices=tuple(one for one in plan.devices if one.ref not in refs)))


def altered(plan, device, **changes):
    devices = tuple(replace(one, **changes) if one.ref == device.ref else one for one in plan.devices)
    return renamed(replace(plan, devices=devices))


def reclassed(plan, device, *changes):
    """The plan with another class for one device."""
    group = ChangeClass("cx", 1, (device.ref,), changes)
    return renamed(replace(altered(plan, device, class_id="cx"), classes=(*plan.classes, group)))


def changes_of(plan, device):
    return next(one.changes for one in plan.classes if one.id == device.class_id)


def yes(plan):
    return Approval(plan.digest, plan)


def test_the_table(plan):
    less = without(plan, plan.devices[0].ref)
    stop = Diagnostic("RCL701", "too many", "", severity=Severity.ERROR)
    rows = [
        (replace(plan, diagnostics=(stop,)), yes(plan), Decision.BLOCKED),
        (without(plan, *(one.ref for one in plan.devices)), None, Decision.NOTHING),
        (plan, None, Decision.ASK),
        (plan, yes(plan), Decision.APPLY),
        (plan, Approval(plan.digest), Decision.APPLY),
        (less, yes(plan), Decision.APPLY),
        (less, Approval(plan.digest), Decision.ASK),
        (plan, yes(less), Decision.ASK),
        (replace(plan, expires=AT), yes(plan), Decision.ASK),
        (less, yes(replace(plan, expires=AT)), Decision.ASK),
    ]

    for now, approval, expected in rows:
        verdict = decide(now, approval, AT)

        assert verdict.decision is expected
        assert verdict.exit_code == (0 if expected in (Decision.APPLY, Decision.NOTHING) else 4)
        assert verdict.digest == now.digest


@given(st.data())
def test_less_is_covered_and_more_is_not(plan, data):
    refs = [one.ref for one in plan.devices]
    approved = without(plan, *data.draw(st.sets(st.sampled_from(refs))))
    now = without(plan, *data.draw(st.sets(st.sampled_from(refs))))

    found = beyond(approved, now)

    extra = {one.ref for one in now.devices} - {one.ref for one in approved.devices}
    assert set(found.added) == extra
    assert found.is_covered == (not extra)


def test_a_device_may_lose_changes_and_gain_none(plan):
    device = next(one for one in plan.devices if len(changes_of(plan, one)) >= 1)
    changes = changes_of(plan, device)
    more = reclassed(plan, device, *changes, Change("/9/9/9", "update", 1, 2, "manifest"))

    assert beyond(more, plan).is_covered
    assert beyond(plan, more).grown == (device.ref,)


@pytest.mark.parametrize("other", [{"after": 99}, {"before": 98}, {"action": "run"}, {"resource": "/1/2/3"}])
def test_another_value_before_or_after_is_another_change(plan, other):
    device = plan.devices[0]
    first, *rest = changes_of(plan, device)

    now = reclassed(plan, device, replace(first, **other), *rest)

    assert beyond(plan, now).grown == (device.ref,)


def test_why_a_change_is_made_is_no_change_of_it(plan):
    device = plan.devices[0]
    first, *rest = changes_of(plan, device)

    assert beyond(plan, reclassed(plan, device, replace(first, reason="drift"), *rest)).is_covered


def test_a_write_that_replaces_a_whole_instance_is_seen(plan):
    device = next(one for one in plan.devices if isinstance(one.steps[0].action, WriteNow | QueueWrite))
    step = device.steps[0]
    destructive = replace(step, action=replace(step.action, write_mode=WriteMode.REPLACE))

    now = altered(plan, device, steps=(destructive, *device.steps[1:]))

    assert beyond(plan, now).grown == (device.ref,)


def test_another_device_under_the_name_another_state_and_what_is_let_go_of_are_seen(plan):
    device = plan.devices[0]
    other = next(one.identity for one in plan.devices if one.identity != device.identity)

    assert beyond(plan, altered(plan, device, identity=other)).grown == (device.ref,)
    assert beyond(plan, altered(plan, device, releases=("/1/0/1",))).grown == (device.ref,)
    assert not beyond(plan, replace(plan, base=replace(plan.base, lineage="of another state"))).is_covered
    first = replace(plan, base=replace(plan.base, lineage="none"))
    assert beyond(first, plan).is_covered


def test_protected_resources_and_raised_limits_may_shrink_only(plan):
    def guarded(devices, found):
        write = AllowedWrite("/1/0/1", "lifetime", devices, (), "because", UNTIL, "fleet.yaml:3")
        limit = RaisedLimit("maxChangedDevices", "", found, "because", UNTIL, "fleet.yaml:9")
        return replace(plan, protected=(write,), raised=(limit,), digest=f"sha256:{devices}-{found}")

    assert beyond(guarded(5, 9.0), guarded(4, 8.0)).is_covered
    assert not beyond(guarded(5, 9.0), guarded(6, 9.0)).is_covered
    assert not beyond(guarded(5, 9.0), guarded(5, 9.5)).is_covered
    assert not beyond(plan, guarded(1, 1.0)).is_covered
