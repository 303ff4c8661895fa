"""Several writers, from threads and processes, some of them killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from reconcile.model.errors import LeaseHeld
from reconcile.ports import Commit, StateStore
from reconcile.testing.builders import AT, attempt, entry, recorded, resource
from reconcile.testing.state_contract.kit import LANE, Opener, StoreKit

SPAWN = multiprocessing.get_context("spawn")


class WriterContract(StoreKit):
    """Several writers, from threads and processes, some of them killed."""

    def test_exactly_one_of_many_threads_gets_the_lease(self, path: Path) -> None:
        """Each with a store of its own, all at once."""
        # With a deadline: a thread that dies on its way must not leave the others waiting.
        gate, done, won = threading.Barrier(4, timeout=30), threading.Barrier(4, timeout=30), []

        def race(name: str) -> None:
            with closing(self.open_store(path)) as store:
                gate.wait()
                try:
                    with store.lease(LANE, name, AT):
                        won.append(name)
                        done.wait()
                except LeaseHeld:
                    done.wait()

        _in_threads([partial(race, f"racer {number}") for number in range(4)])
        assert len(won) == 1

    def test_two_writers_take_turns(self, path: Path) -> None:
        """Two lanes, two stores, many commits: none is lost and the chain holds."""

        def write(lane: str) -> None:
            with closing(self.open_store(path)) as store, store.lease(lane, lane, AT) as fence:
                for number in range(self.turns):
                    one = entry(f"{lane}-{number}", lane=lane, fence=fence)
                    device = recorded(f"{number:03}", platform=lane)
                    store.commit(Commit(entries=[one], devices=[device]), fences={lane: fence})

        _in_threads([partial(write, "left"), partial(write, "right")])
        with closing(self.open_store(path)) as store:
            assert store.serial() == 2 * self.turns
            assert len({found.step for found in store.journal()}) == 2 * self.turns
            assert sum(1 for _ in store.heads()) == 2 * self.turns

    def test_one_store_takes_commits_from_any_thread(self, store: StateStore) -> None:
        """The executor commits from worker threads."""
        commits = [Commit(entries=[entry(f"s{number}")]) for number in range(8)]
        _in_threads([partial(store.commit, commit, fences={}) for commit in commits])
        assert store.serial() == 8
        assert sum(1 for _ in store.journal()) == 8

    def test_holder_killed_amid_commits_leaves_whole_ones_and_its_lease_is_free_at_once(self, path: Path) -> None:
        """No close, no release, no flush: SIGKILL, most often in the middle of a commit."""
        ours, theirs = SPAWN.Pipe()
        child = SPAWN.Process(target=_commit_for_ever, args=(self.open_store, path, theirs))
        child.start()
        fence = ours.recv()
        assert child.pid is not None
        with closing(self.open_store(path)) as store:
            with pytest.raises(LeaseHeld, match=f"process {child.pid}"), store.lease(LANE, "me", AT):
                pass
            os.kill(child.pid, signal.SIGKILL)
            child.join()
            with store.lease(LANE, "me", AT) as later:
                assert later > fence
            last = {str(store.serial() - 1)} if store.serial() > 1 else set()
            heads = list(store.heads())
            assert ({head.digest for head in heads}, len(heads)) == (last, 200 * len(last))
            assert store.open_attempts() == [replace(attempt(), entry=entry(fence=fence))]
            assert list(store.journal()) == [entry(fence=fence)]


def _commit_for_ever(open_store: Opener, path: Path, pipe: Connection) -> None:
    store = open_store(path)
    with store.lease(LANE, "child", AT) as fence:
        store.commit(Commit(opened=[attempt(fence=fence)]), fences={LANE: fence})
        pipe.send(fence)
        for number in range(1, 1_000_000):
            devices = [recorded(f"meter-{n:03}", resource(), digest=str(number)) for n in range(200)]
            store.commit(Commit(devices=devices), fences={LANE: fence})


def _in_threads(jobs: list[Callable[[], None]]) -> None:
    failures: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as exc:  # noqa: BLE001  # handed to the test below
            failures.append(exc)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
