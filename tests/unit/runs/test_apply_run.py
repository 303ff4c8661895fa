"""Which saved plans may run, and what the exit code of an apply says."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from reconcile import __version__
from reconcile.apply.executor import Tally
from reconcile.model.actions import CancelQueued
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.errors import PlanRefused
from reconcile.model.fleet import Safety
from reconcile.model.journal import AttemptState
from reconcile.model.plan import Base, Notice, Plan, PlannedDevice, Step, Summary
from reconcile.model.policy import NO_POLICIES
from reconcile.ports import Commit
from reconcile.runs.apply import Applied
from reconcile.runs.saved_plan import recall
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, entry, recorded, resource

METER = DeviceRef("onenet-prod", "meter-0001")
IDENTITY = Identity.of(imei="860000000000001")


@pytest.fixture
def store(tmp_path):
    with Sqlite.open(tmp_path / "state.db") as found:
        yield found


def session(store, platforms=("onenet-prod",), devices=()):
    return SimpleNamespace(
        store=store,
        options=SimpleNamespace(now=lambda: AT),
        devices=lambda: devices,
        fleet=SimpleNamespace(platforms=dict.fromkeys(platforms), safety=Safety(), policies=NO_POLICIES),
    )


def plan(store, record=None, **fields):
    mark = "none" if record is None else record.fingerprint()
    work = PlannedDevice(METER, IDENTITY, "c1", mark, "document")
    base = Base("sha256:m", None, store.lineage, 1, "changed")
    return replace(Plan("sha256:plan", AT, AT + timedelta(days=1), base, Summary(), devices=(work,)), **fields)


def refusal(store, saved, **where):
    with pytest.raises(PlanRefused) as caught:
        recall(session(store, **where), saved)
    return caught.value.code


def put(store, *records, **fields):
    store.commit(Commit(devices=records, **fields), fences={})


def meter(value=-10.0):
    return recorded("meter-0001", resource(value=value), identity=IDENTITY)


def test_plan_runs_on_the_state_it_was_made_from(store):
    put(store, meter())
    assert recall(session(store), plan(store, meter())).planned.recorded == {METER: meter()}


def test_plan_of_a_first_apply_runs_where_no_state_was_yet(store):
    base = replace(plan(store).base, lineage="none")
    assert recall(session(store), plan(store, base=base)).planned.recorded == {}
    put(store, meter())
    assert refusal(store, plan(store, base=base)) == "RCL306"


def test_plan_is_refused_when_used_expired_foreign_or_without_its_platform(store):
    assert refusal(store, plan(store, expires=AT)) == "RCL305"
    assert refusal(store, plan(store, base=replace(plan(store).base, lineage="other"))) == "RCL306"
    assert refusal(store, plan(store), platforms=()) == "RCL307"
    put(store, consumed_plan=plan(store).occasion)
    assert refusal(store, plan(store)) == "RCL304"


def test_plan_is_stale_when_a_device_of_it_moved(store):
    put(store, meter(-20.0))
    assert refusal(store, plan(store, meter())) == "RCL302"
    assert refusal(store, plan(store)) == "RCL302"


def test_value_that_came_back_is_a_move_all_the_same(store):
    """The day the device last held the value another plan was made, and its steps were done."""
    again = recorded("meter-0001", resource(accepted_at=AT + timedelta(hours=1)), identity=IDENTITY)
    put(store, again)
    assert refusal(store, plan(store, meter())) == "RCL302"


def test_interrupted_plan_runs_on_over_what_its_own_steps_moved(store):
    put(store, meter(-20.0), begun_plan=plan(store).occasion)
    assert recall(session(store), plan(store, meter())).planned.recorded == {METER: meter(-20.0)}


def test_a_device_that_an_interrupted_plan_had_not_begun_must_still_be_as_it_was(store):
    """Its own steps moved the first; somebody else moved the second."""
    second = DeviceRef("onenet-prod", "meter-0002")
    steps = [Step(f"s{n}", ref, "c1", 1, CancelQueued("u", ())) for n, ref in enumerate((METER, second))]
    devices = tuple(
        PlannedDevice(step.device, IDENTITY, "c1", meter().fingerprint(), "document", (step,)) for step in steps
    )
    saved = plan(store, devices=devices)
    begun = entry("s0", plan=saved.occasion)
    put(store, meter(-20.0), replace(meter(-30.0), ref=second), begun_plan=saved.occasion, entries=[begun])
    with pytest.raises(PlanRefused, match="moved for onenet-prod/meter-0002"):
        recall(session(store), saved)
    found = recall(session(store), saved, is_partial=True)
    assert (found.left_out, found.planned.plan.devices) == ((second,), devices[:1])
    assert found.planned.plan.occasion == saved.occasion


def test_plan_with_nothing_left_to_run_is_refused_even_in_part(store):
    put(store, meter(-20.0))
    with pytest.raises(PlanRefused):
        recall(session(store), plan(store, meter()), is_partial=True)


@pytest.mark.parametrize(("tool", "may_run"), [("", True), (__version__, True), ("0.99.0", True), ("7.0.0", False)])
def test_plan_of_another_major_version_is_refused(store, tool, may_run):
    saved = plan(store, base=replace(plan(store).base, tool=tool))
    if may_run:
        recall(session(store), saved)
    else:
        assert refusal(store, saved) == "RCL308"


def test_same_change_planned_again_from_a_later_state_may_run(store):
    put(store, consumed_plan=plan(store).occasion)
    recall(session(store), plan(store, base=replace(plan(store).base, serial=9)))


def test_record_of_a_swapped_device_counts_as_none(store):
    put(store, replace(meter(), identity=Identity.of(imei="869999999999999")))
    recall(session(store), plan(store))


def test_a_plan_does_not_go_to_the_device_that_took_the_place_of_its_own(store):
    def declared(imei):
        return (SimpleNamespace(device=SimpleNamespace(ref=METER, identity=Identity.of(imei=imei))),)

    recall(session(store, devices=declared("860000000000001")), plan(store))
    assert refusal(store, plan(store), devices=declared("869999999999999")) == "RCL302"


def tally(*states, **fields):
    return Tally(Counter(states), **fields)


NOTICE = (Notice(METER, "why"),)
BLOCKED = (Diagnostic("RCL701", "too many", "…"),)


@pytest.mark.parametrize(
    ("fields", "tallied", "code"),
    [
        ({}, tally(AttemptState.DONE, AttemptState.ADOPTED), 0),
        ({}, tally(AttemptState.REFUSED), 1),
        ({}, tally(AttemptState.CONFLICT), 1),
        ({}, tally(not_begun=1), 1),
        ({}, tally(blocked=1), 1),
        ({"unknown": NOTICE}, tally(), 1),
        ({"conflicts": NOTICE}, tally(AttemptState.DONE), 4),
        ({"diagnostics": BLOCKED}, tally(), 4),
        ({}, tally(AttemptState.DONE, AttemptState.IN_DOUBT), 5),
        ({}, tally(AttemptState.NEEDS_OPERATOR), 5),
    ],
)
def test_exit_code_says_how_it_ended(store, fields, tallied, code):
    assert Applied(plan(store, **fields), tallied).exit_code == code


def test_what_earlier_runs_left_open_shows_in_the_exit_code(store):
    assert Applied(still_open=1).exit_code == 5
    assert Applied(plan(store), tally(AttemptState.DONE), for_operator=1).exit_code == 5
    assert Applied(plan(store), is_declined=True).exit_code == 1
