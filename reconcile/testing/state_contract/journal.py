"""Entries, open attempts, and the chain that holds them."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from reconcile.model.errors import JournalBroken, JournalRefused
from reconcile.model.forecast import Forecast, Foretold
from reconcile.model.journal import AttemptState, OpenAttempt
from reconcile.ports import Commit, StateStore
from reconcile.testing.builders import AT, attempt, entry, recorded
from reconcile.testing.state_contract.kit import StoreKit


class JournalContract(StoreKit):
    """Entries, open attempts, and the chain that holds them."""

    def test_opened_attempt_stays_until_an_entry_closes_it(self, store: StateStore) -> None:
        """IN_DOUBT keeps its step; DONE ends it; the journal has all of it."""
        first, second = attempt("s1"), attempt("s2")
        store.commit(Commit(entries=[first.entry, second.entry], opened=[first, second]), fences={})
        assert store.open_attempts() == [first, second]
        doubt = entry("s1", AttemptState.IN_DOUBT, deadline=AT, evidence={"vendor_code": "7"})
        done = entry("s2", AttemptState.DONE)
        store.commit(Commit(entries=[doubt, done]), fences={})
        assert store.open_attempts() == [OpenAttempt(doubt, first.step, first.device)]
        store.commit(Commit(entries=[entry("s1", AttemptState.ADOPTED)]), fences={})
        assert store.open_attempts() == []
        states = [found.state.value for found in store.journal()]
        assert states == ["INFLIGHT", "INFLIGHT", "IN_DOUBT", "DONE", "ADOPTED"]

    def test_opened_attempt_is_journaled_even_when_not_named_twice(self, store: StateStore) -> None:
        """Nothing is sent that the journal does not show."""
        store.commit(Commit(opened=[attempt()]), fences={})
        assert list(store.journal()) == [entry()]

    def test_attempt_opened_and_settled_in_one_commit_is_closed(self, store: StateStore) -> None:
        """And the journal tells it in that order."""
        store.commit(Commit(entries=[entry(state=AttemptState.DONE)], opened=[attempt()]), fences={})
        assert store.open_attempts() == []
        assert [found.state.value for found in store.journal()] == ["INFLIGHT", "DONE"]

    def test_next_attempt_takes_the_place_of_the_one_that_did_not_land(self, store: StateStore) -> None:
        """In one commit, in whatever order it names them: the older outcome does not close the newer attempt."""
        store.commit(Commit(opened=[attempt()]), fences={})
        again = attempt(attempt=2)
        store.commit(Commit(entries=[entry(state=AttemptState.NOT_LANDED)], opened=[again]), fences={})
        assert store.open_attempts() == [again]

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (None, AttemptState.DONE),
            (AttemptState.DONE, AttemptState.INFLIGHT),
            (AttemptState.CONFLICT, AttemptState.DONE),
        ],
    )
    def test_entry_that_cannot_follow_is_refused_with_its_commit(
        self, store: StateStore, before: AttemptState | None, after: AttemptState
    ) -> None:
        """Nothing is done that was not begun, and what is over does not begin again; other intents are not touched."""
        if before is not None:
            store.commit(Commit(opened=[attempt()]), fences={})
            store.commit(Commit(entries=[entry(state=before)]), fences={})
        told = list(store.journal())
        with pytest.raises(JournalRefused, match=f"{after.value} does not follow"):
            store.commit(Commit(entries=[entry("s2"), entry(state=after)], devices=[recorded("a")]), fences={})
        assert list(store.journal()) == told
        assert list(store.heads()) == []

    def test_open_attempt_of_an_older_plan_still_follows_the_table(self, store: StateStore) -> None:
        """The outcomes of a plan are let go of when the next one begins; where its open attempts stand is not."""
        store.commit(Commit(opened=[attempt()], begun_plan="sha256:plan"), fences={})
        store.commit(Commit(begun_plan="sha256:next"), fences={})
        with pytest.raises(JournalRefused, match="found INFLIGHT"):
            store.commit(Commit(entries=[entry()]), fences={})
        store.commit(Commit(entries=[entry(state=AttemptState.ADOPTED)]), fences={})
        assert store.open_attempts() == []

    def test_forecast_is_that_of_a_plans_beginning_and_is_kept(self, path: Path) -> None:
        """A plan that is resumed is scored from its beginning; one without a forecast leaves the last one."""
        first, later = Foretold(AT, Forecast(3, 1, 60, None, 1)), Foretold(AT + timedelta(hours=1), Forecast(2))
        with closing(self.open_store(path)) as store:
            assert store.foretold() is None
            for plan, foretold in (("one", first), ("one", later), ("two", None)):
                store.commit(Commit(begun_plan=plan, foretold=foretold), fences={})
        with closing(self.open_store(path)) as store:
            assert store.foretold() == first
            store.commit(Commit(begun_plan="three", foretold=later), fences={})
            assert store.foretold() == later
            assert store.begun_plan() == "three"

    def test_changed_journal_entry_is_found(self, path: Path) -> None:
        """One byte is enough, and the message says which entry."""
        with closing(self.open_store(path)) as store:
            store.commit(Commit(entries=[entry(f"s{n}") for n in range(5)]), fences={})
        self.change_entry(path, 3)
        with closing(self.open_store(path)) as store:
            journal = store.journal()
            assert [next(journal).step, next(journal).step] == ["s0", "s1"]
            with pytest.raises(JournalBroken, match="entry 3"):
                next(journal)
