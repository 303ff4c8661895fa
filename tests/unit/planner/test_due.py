"""Whose turn it is in a full refresh, and what a look leaves unknown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.desired import DesiredDocument, DesiredResource, Ownership
from reconcile.model.device import DeviceRef
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.recorded import DeliveryState
from reconcile.planner.due import Candidate, in_turn
from reconcile.planner.situation import Situation
from reconcile.planner.uncompared import ASLEEP, NEW, SILENT, UNREAD, uncompared
from reconcile.platforms import registry
from reconcile.runs.looks_kept import noted
from reconcile.testing.builders import device, recorded, resource

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOW, HIGH = "/3303/0/5603", "/3303/0/5604"


def candidate(name, looked=None, failed=None, max_age=0):
    at = [None if hours is None else NOW - hours * HOUR for hours in (looked, failed)]
    record = replace(recorded(name), looked_at=at[0], look_failed_at=at[1])
    return Candidate(record.ref, record, max_age * 3600)


def test_never_looked_at_comes_first_then_the_longest_ago_then_the_name():
    listed = [candidate("d", 1), candidate("c", 5), candidate("b"), candidate("a", 5)]
    new = Candidate(DeviceRef("onenet-prod", "z"), None, 0)
    assert [ref.name for ref in in_turn([*listed, new], NOW)] == ["b", "z", "a", "c", "d"]


def test_what_could_not_be_read_stays_due_but_waits_its_turn():
    listed = [
        candidate("broken", 30, failed=1, max_age=24),
        candidate("old", 25, max_age=24),
        candidate("new", 3, max_age=24),
    ]
    assert [ref.name for ref in in_turn(listed, NOW)] == ["old", "broken"]


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 99), st.none() | st.integers(0, 99)), max_size=8), st.integers(1, 3)
)
def test_every_device_is_asked_within_as_many_runs_as_the_budget_takes_even_if_some_never_answer(ages, budget):
    records = {f"d{n}": candidate(f"d{n}", *pair).record for n, pair in enumerate(ages)}
    asked, at = [], NOW
    for _run in range(-(-len(records) // budget)):
        at += HOUR
        turn = in_turn([Candidate(record.ref, record, 0) for record in records.values()], at)[:budget]
        for ref in turn:
            problem = "it never answers" if ref.name.endswith("1") else None
            records[ref.name] = noted(records[ref.name], ObservedDevice(ref, problem=problem), at)
            asked.append(ref.name)
    assert set(asked) == set(records)


def situation(observed, *resources, record=True):
    dialect = registry.find("onenet").dialect
    known = recorded("meter-0001", resource(LOW, 1.0), resource(HIGH, 2.0)) if record is True else record
    return Situation(
        device=device("meter-0001"),
        document=DesiredDocument.build(
            resources or (DesiredResource(LOW, 1.0), DesiredResource(HIGH, 2.0)), (), DesiredDocument().delivery
        ),
        recorded=known,
        observed=None if observed is None else replace(observed, ref=device("meter-0001").ref),
        capabilities=dialect.capabilities(""),
        same=lambda _path, left, right: left == right,
        server_now=NOW,
    )


def seen(*paths, **facts):
    return ObservedDevice(device("meter-0001").ref, {p: ObservedResource(reported=1.0) for p in paths}, **facts)


def test_unknown_is_listed_with_why_and_never_taken_for_in_step():
    def told(case):
        return [(notice.resource, notice.reason) for notice in uncompared(case)]

    assert told(situation(seen(LOW, HIGH))) == []
    assert told(situation(seen(LOW))) == [(HIGH, UNREAD)]
    assert told(situation(seen(is_online=False))) == [(None, ASLEEP)]
    assert told(situation(seen(is_online=True))) == [(None, SILENT)]
    assert told(situation(seen(), record=None)) == [(None, NEW)]
    assert told(situation(None)) == []
    assert told(situation(seen(problem="auth failed"))) == []  # the plan's own `unknown` tells that
    on_its_way = recorded("meter-0001", resource(LOW, 1.0, delivery=DeliveryState.QUEUED, command_uuid="u1"))
    assert told(situation(seen(), DesiredResource(LOW, 1.0), record=on_its_way)) == []
    assert told(situation(seen(), DesiredResource(LOW, 1.0, ownership=Ownership.SEED))) == []
