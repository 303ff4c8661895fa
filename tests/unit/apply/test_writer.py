"""The one writer: durable on return, grouped, and whoever asked hears of a failure."""

import asyncio

import pytest
from apply_fakes import FakeStore, run

from reconcile.apply.writer import Writer, merged
from reconcile.model.device import DeviceRef
from reconcile.model.errors import LeaseHeld
from reconcile.ports import Commit
from reconcile.testing.builders import attempt, entry, recorded


def test_commits_that_are_due_together_become_few_transactions():
    store = FakeStore()

    async def play():
        async with Writer(store, {}) as writer:
            await asyncio.gather(*(writer.commit(Commit(entries=(entry(f"s{n}"),))) for n in range(100)))

    run(play)
    assert [one.step for one in store.entries] == [f"s{n}" for n in range(100)]
    assert store.commits <= 3


def test_commit_is_durable_on_return():
    store = FakeStore()

    async def play():
        async with Writer(store, {}) as writer:
            for number in range(3):
                await writer.commit(Commit(entries=(entry(f"s{number}"),)))
                assert len(store.entries) == number + 1

    run(play)


def test_failure_reaches_everyone_of_the_group_and_the_next_group_may_succeed():
    store = FakeStore()
    store.failing = LeaseHeld("taken over")

    async def play():
        async with Writer(store, {}) as writer:
            tasks = [writer.commit(Commit(entries=(entry(f"s{n}"),))) for n in range(5)]
            failures = await asyncio.gather(*tasks, return_exceptions=True)
            store.failing = None
            await writer.commit(Commit(entries=(entry("later"),)))
        return failures

    assert all(failure is store.failing or isinstance(failure, LeaseHeld) for failure in run(play))
    assert [one.step for one in store.entries] == ["later"]


def test_leaving_writes_what_is_pending():
    store = FakeStore()

    async def play():
        async with Writer(store, {}) as writer:
            task = asyncio.create_task(writer.commit(Commit(begun_plan="sha256:p")))
            await asyncio.sleep(0)
        await task

    run(play)
    assert store.begun == "sha256:p"


def test_one_who_gave_up_waiting_does_not_hurt_the_others():
    store = FakeStore()

    async def play():
        async with Writer(store, {}) as writer:
            impatient = asyncio.create_task(writer.commit(Commit(entries=(entry("a"),))))
            patient = asyncio.create_task(writer.commit(Commit(entries=(entry("b"),))))
            await asyncio.sleep(0)
            impatient.cancel()
            await patient
            with pytest.raises(asyncio.CancelledError):
                await impatient

    run(play)
    assert [one.step for one in store.entries] == ["a", "b"]


def test_of_a_device_recorded_twice_the_later_record_stands():
    early, late = recorded(digest="early"), recorded(digest="late")
    one, two = attempt("a"), attempt("b")
    both = merged(
        [
            Commit(entries=(one.entry,), opened=(one,), devices=(early,), begun_plan="p"),
            Commit(entries=(two.entry,), opened=(two,), devices=(late,), forgotten=(DeviceRef("x", "y"),)),
            Commit(consumed_plan="p"),
        ]
    )
    assert both == Commit([one.entry, two.entry], [one, two], [late], [DeviceRef("x", "y")], "p", "p")
