"""How the contract's tests open a store, and a state that holds one of each thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from reconcile.model.journal import AttemptState
from reconcile.model.recorded import DeliveryState, RecordedRun
from reconcile.ports import Commit, StateStore
from reconcile.testing.builders import AT, PLATFORM, attempt, entry, recorded, resource

Opener = Callable[[Path], StateStore]

LANE = PLATFORM


class StoreKit:
    """What a backend tells. `path` names one state; every store opened at it sees the same one."""

    turns = 40
    """Commits of each of two writers that take turns; fewer where every one of them starts programs."""

    keeps_settled = True
    """Whether blocks of inventories are kept: not where that would be a commit that others see."""

    @staticmethod
    def open_store(path: Path) -> StateStore:
        """A store at that path, made when there is none. Importable by name: other processes call it too."""
        raise NotImplementedError

    @staticmethod
    def open_elsewhere(path: Path) -> StateStore:
        """The same state, opened as if on another machine, where nobody can see whether our process lives."""
        raise NotImplementedError

    @staticmethod
    def change_entry(path: Path, number: int) -> None:
        """Changes one byte of that journal entry (from 1) behind the store's back."""
        raise NotImplementedError

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """Where the state of one test lives."""
        return tmp_path / "state.db"

    @pytest.fixture
    def store(self, path: Path) -> Iterator[StateStore]:
        """An open store."""
        with closing(self.open_store(path)) as store:
            yield store


def fill(store: StateStore) -> None:
    """Two devices, a used plan, one begun: a step of it done, one still open, under a fence that is not the first."""
    store.commit(Commit(consumed_plan="sha256:older"), fences={})
    run = RecordedRun("reboot", "trigger:1", DeliveryState.CONFIRMED, AT)
    odd = recorded("b", resource("/3/0/1", {"ü": [1e16, None, True]}), runs={"reboot": run}, last_uplink=AT)
    opened = [attempt("s1", fence=7), attempt("s2", fence=7)]
    store.commit(
        Commit(opened=opened, devices=[odd, recorded("a", digest="d")], begun_plan="sha256:plan", generation="c0ffee"),
        fences={},
    )
    store.commit(Commit(entries=[entry("s1", AttemptState.DONE, fence=7)]), fences={})
