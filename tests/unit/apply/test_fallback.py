"""A device that proves unreachable gets one instant call; what the plan names instead is queued in the same run."""

from dataclasses import replace

from apply_fakes import (
    ALARM,
    DONE,
    INFLIGHT,
    NOT_LANDED,
    REFUSED,
    TEMPERATURE,
    Bench,
    planned,
    queue_write,
    write_now,
)

from reconcile.apply.events import Blocked
from reconcile.model.actions import ExecuteNow, Write
from reconcile.model.errors import InDoubt, Refused
from reconcile.model.recorded import DeliveryState

OFFLINE = Refused("offline", unreachable=True)


def with_fallback(*paths):
    """A device with an instant write of each path, each with the cached one that may take its place."""
    work = planned(*(write_now(Write(path, -10.0)) for path in paths))
    pairs = zip(work.steps, paths, strict=True)
    return replace(work, steps=tuple(replace(step, otherwise=queue_write(path=path)) for step, path in pairs))


def kinds(bench):
    return [action.kind for action, _ in bench.client.sent]


def test_write_to_a_device_that_is_offline_is_queued_in_the_same_run():
    bench = Bench(with_fallback(TEMPERATURE), write_now=[OFFLINE])
    tally = bench.execute()
    assert kinds(bench) == ["write_now", "queue_write"]
    assert bench.states() == [INFLIGHT, REFUSED, INFLIGHT, DONE]
    assert [entry.operation for entry in bench.store.entries] == [
        "write_now",
        "write_now",
        "queue_write",
        "queue_write",
    ]
    assert (tally.states, tally.is_complete) == ({DONE: 1}, True)
    assert bench.record.resources[TEMPERATURE].delivery is DeliveryState.QUEUED
    assert bench.record.digest == "the document"


def test_one_instant_call_is_enough_for_all_writes_of_a_device():
    bench = Bench(with_fallback(TEMPERATURE, ALARM), write_now=[OFFLINE])
    assert bench.execute().is_complete
    assert kinds(bench) == ["write_now", "queue_write", "queue_write"]


def test_lost_answer_is_not_queued_over_but_what_is_left_is():
    bench = Bench(with_fallback(TEMPERATURE, ALARM), write_now=[InDoubt("timed out")])
    tally = bench.execute()
    assert kinds(bench) == ["write_now", "queue_write"]
    assert tally.states == {NOT_LANDED: 1, DONE: 1}
    assert bench.record.digest is None
    assert bench.record.unreachable_at is not None


def test_refusal_of_the_value_itself_is_not_queued():
    bench = Bench(with_fallback(TEMPERATURE), write_now=[Refused("not allowed")])
    assert bench.execute().states == {REFUSED: 1}
    assert kinds(bench) == ["write_now"]


def test_command_that_follows_is_not_run_before_its_write_arrived():
    work = with_fallback(TEMPERATURE)
    run = planned(write_now(), ExecuteNow("/3/0/4", None, "reboot", "key", 25)).steps[1]
    bench = Bench(replace(work, steps=(*work.steps, run)), write_now=[OFFLINE])
    tally = bench.execute()
    assert kinds(bench) == ["write_now", "queue_write"]
    assert tally.blocked == 1
    assert any(isinstance(event, Blocked) for event in bench.events)
