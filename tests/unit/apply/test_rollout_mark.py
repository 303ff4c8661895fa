"""What counts against a rollout, and that it is durable with the attempt that told it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from apply_fakes import IDENTITY, INFLIGHT, METER, REFUSED, TEMPERATURE, Bench, planned, queue_write, run, write_now

from reconcile.apply.recover import Recovery, recover
from reconcile.model.actions import CancelQueued
from reconcile.model.errors import InDoubt, NotSent, Refused
from reconcile.model.observed import ObservedResource
from reconcile.model.rollout import Ticket
from reconcile.testing.builders import AT, recorded, resource

TICKET = Ticket("meters", "d", 1, "the document")
LOST = InDoubt("the connection was lost")
HOLDS_OLD = {TEMPERATURE: ObservedResource(reported=-20.0)}


def bench(action, *outcomes, rollout=TICKET, **kinds):
    before = recorded("meter-0001", resource(TEMPERATURE, -20.0, accepted_at=AT - timedelta(days=1)), identity=IDENTITY)
    before = before if rollout is None else replace(before, rollout=rollout.mark(AT))
    return Bench(planned(action, rollout=rollout), recorded=[before], **{action.kind: list(outcomes), **kinds})


def killed(*_):
    raise RuntimeError("killed")


def settle(done):
    async def work():
        stop = asyncio.Event()
        return await recover(Recovery(done.store, {"onenet-prod": done.lane()}, done.events.append, lambda: AT, stop))

    return run(work)


@pytest.mark.parametrize(
    ("action", "refused", "counts"),
    [
        (queue_write(), Refused("the value does not fit"), True),
        (write_now(), Refused("5106 BAD_REQUEST"), True),
        (write_now(), Refused("2001 not online", unreachable=True), False),
        (queue_write(), Refused("the credentials are not accepted", account_wide=True), False),
        (queue_write(), Refused("too fast", retry_after_s=1.0), False),
        (CancelQueued("u", (TEMPERATURE,)), Refused("it still waits"), False),
    ],
)
def test_only_what_device_or_values_are_refused_for_counts_against_a_change(action, refused, counts):
    done = bench(action, refused)
    done.execute()
    assert done.record.rollout.has_failed is counts
    assert REFUSED in done.states()


def test_a_refusal_is_in_the_transaction_that_ends_the_attempt():
    """The process dies right after: what follows is never committed, and the failure is known all the same."""
    done = bench(queue_write(), Refused("the value does not fit"))
    kept = []
    commit = done.store.commit

    def record(what, *, fences):
        commit(what, fences=fences)
        kept.append(([entry.state for entry in what.entries], [one.rollout.has_failed for one in what.devices]))

    done.store.commit = record
    done.execute()
    assert ([INFLIGHT], [False]) in kept
    assert ([REFUSED], [True]) in kept


def test_outside_a_rollout_nothing_is_marked():
    done = bench(queue_write(), Refused("the value does not fit"), rollout=None)
    done.execute()
    assert done.record.rollout is None


@pytest.mark.parametrize(("seen", "counts"), [(HOLDS_OLD, True), ({}, False)])
def test_a_write_without_answer_counts_only_when_the_device_was_asked_and_holds_another_value(seen, counts):
    """An outage answers nothing, and must not stop a rollout."""
    done = bench(write_now(), LOST)
    done.client.resources = seen
    done.execute()
    assert done.record.rollout.has_failed is counts


def test_a_write_that_died_with_its_process_is_no_failure_of_the_device():
    done = bench(write_now(), killed)
    done.client.resources = HOLDS_OLD
    with pytest.raises(RuntimeError, match="killed"):
        done.execute()
    assert settle(done) == 0
    assert done.record.rollout.has_failed is False


def test_a_mark_of_a_clock_ahead_is_not_later_than_what_is_sent_under_it():
    """Later, it would look as if nothing of the change was sent, and the gate take the device for confirmed."""
    done = bench(queue_write())
    before = replace(done.record, rollout=TICKET.mark(AT + timedelta(seconds=45)))
    done.store.records[METER] = done.recorded[METER] = before
    done.execute()
    assert done.record.rollout.at == done.record.resources[TEMPERATURE].accepted_at == AT


def test_a_device_that_took_the_place_of_another_bears_the_mark_of_its_wave():
    other = recorded("meter-0001", resource(), identity=IDENTITY.of(imei="860000000000009"))
    done = Bench(planned(queue_write(), rollout=TICKET), recorded=[other])
    done.execute()
    assert done.store.records[METER].rollout == replace(TICKET.mark(AT), is_told=True)


@pytest.mark.parametrize(
    ("action", "outcome", "is_told"),
    [
        (queue_write(), None, True),
        (queue_write(), Refused("the value does not fit"), True),
        (write_now(), Refused("2001 not online", unreachable=True), True),
        (queue_write(), NotSent("no connection"), False),
        (CancelQueued("u", (TEMPERATURE,)), Refused("it still waits"), False),
    ],
)
def test_a_device_counts_as_told_from_the_moment_that_something_of_the_change_may_have_left(action, outcome, is_told):
    done = bench(action, *[outcome] * 4 if outcome else ())
    done.execute()
    assert done.record.rollout.is_told is is_told


def test_a_device_whose_sender_died_before_anything_landed_was_told_nothing():
    done = bench(queue_write(), killed)
    with pytest.raises(RuntimeError, match="killed"):
        done.execute()
    assert done.record.rollout.is_told
    assert settle(done) == 0
    assert done.record.rollout.is_told is False
