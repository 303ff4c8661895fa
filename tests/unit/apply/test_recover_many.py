"""Thousands of open attempts: written in groups, and an account that does not answer is not asked for each of them."""

import asyncio
from collections import Counter

import pytest
from apply_fakes import ADOPTED, AT, LANE, NOT_LANDED, Bench, planned, run, set_desired

from reconcile.apply.recover import Recovery, recover
from reconcile.model.device import DeviceRef
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt, intent_id
from reconcile.model.observed import ObservedResource
from reconcile.model.plan_json import device_json
from reconcile.ports import Commit

COUNT, AT_ONCE = 200, 32


@pytest.fixture
def bench(monkeypatch):
    """Sets of as many devices, each begun by a run that is gone."""
    monkeypatch.setattr("reconcile.apply.recover._AT_ONCE", AT_ONCE)
    one = Bench()
    for number in range(COUNT):
        device = planned(set_desired(60, version=4), ref=DeviceRef(LANE, f"lamp-{number:04}"))
        (step,) = device.steps
        entry = JournalEntry(
            intent=intent_id("sha256:plan", step.id), plan="sha256:plan", step=step.id, lane=LANE, fence=1,
            device=device.ref, operation="set_desired", target="Brightness", attempt=1, state=AttemptState.INFLIGHT, at=AT,
        )  # fmt: skip
        opened = OpenAttempt(entry, step.to_json(None), device_json(device, with_steps=False))
        one.store.commit(Commit(entries=(entry,), opened=(opened,)), fences={})
    one.store.commits = 0
    return one


def recovered(bench):
    async def play():
        job = Recovery(bench.store, {LANE: bench.lane()}, bench.events.append, lambda: AT, asyncio.Event())
        return await recover(job)

    return run(play)


@pytest.mark.parametrize(("version", "outcome"), [(5, ADOPTED), (4, NOT_LANDED)])
def test_all_are_settled_and_written_in_groups(bench, version, outcome):
    bench.client.resources = {"Brightness": ObservedResource(cloud=60, version=version)}
    assert recovered(bench) == 0
    assert Counter(event.state for event in bench.events) == {outcome: COUNT}
    assert not bench.store.opened
    assert bench.store.commits < COUNT / 10
    assert len(bench.store.records) == COUNT


def test_an_account_that_cannot_be_read_is_not_asked_for_each_of_them(bench):
    bench.client.problem = "no answer"
    assert recovered(bench) == COUNT
    assert len(bench.store.opened) == COUNT
    assert bench.client.looks < AT_ONCE * 6
