"""Who may write, and who no longer."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from reconcile.model.errors import LeaseHeld, LeaseWatched
from reconcile.ports import Commit, LeaseStanding, Reservation, StateStore
from reconcile.testing.builders import AT, entry, recorded
from reconcile.testing.state_contract.kit import LANE, StoreKit


class LeaseContract(StoreKit):
    """Who may write, and who no longer."""

    def test_lease_fence_only_grows(self, path: Path, store: StateStore) -> None:
        """Across releases and across stores."""
        fences = []
        for _ in range(3):
            with store.lease(LANE, "ci", AT) as fence:
                fences.append(fence)
            with closing(self.open_store(path)) as other, other.lease(LANE, "ci", AT) as fence:
                fences.append(fence)
        assert fences == sorted(set(fences))

    def test_held_lease_is_refused_and_says_who_has_it(self, path: Path, store: StateStore) -> None:
        """However old it is: its process lives. Other lanes are free."""
        late = AT + timedelta(days=1)
        with store.lease(LANE, "night job", AT), closing(self.open_store(path)) as other:
            with pytest.raises(LeaseHeld, match=rf"night job, process {os.getpid()} "), other.lease(LANE, "me", late):
                pass
            with pytest.raises(LeaseHeld), store.lease(LANE, "me", AT):
                pass
            with other.lease("another-lane", "me", AT):
                pass
        with store.lease(LANE, "me", AT):
            pass

    def test_lease_of_another_machine_is_watched_and_its_expiry_not_believed(
        self, path: Path, store: StateStore
    ) -> None:
        """However late it is by our clock, the first who asks has seen nothing yet."""
        late = AT + timedelta(days=1)
        with closing(self.open_elsewhere(path)) as other, store.lease(LANE, "here", AT):
            with pytest.raises(LeaseWatched, match="here") as caught, other.lease(LANE, "there", late):
                pass
            assert 0 < caught.value.left_s <= 60

    def test_abandoned_lease_is_taken_over_once_nothing_was_heard_for_its_ttl(
        self, path: Path, store: StateStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On the watcher's own clock; whoever comes back late can commit nothing."""
        now_s = [1000.0]
        monkeypatch.setattr("reconcile.state.lease_watch.time", SimpleNamespace(monotonic=lambda: now_s[0]))
        with closing(self.open_elsewhere(path)) as other, store.lease(LANE, "here", AT) as fence:
            for _ in range(2):
                with pytest.raises(LeaseWatched), other.lease(LANE, "there", AT):
                    pass
                now_s[0] += 59
            now_s[0] += 2 - 59
            with other.lease(LANE, "there", AT) as later:
                assert later > fence
                with pytest.raises(LeaseHeld):
                    store.commit(Commit(devices=[recorded("a")]), fences={LANE: fence})
                other.commit(Commit(), fences={LANE: later})
        assert list(store.heads()) == []

    def test_lease_that_was_taken_away_is_free_and_its_holder_can_commit_nothing(
        self, path: Path, store: StateStore
    ) -> None:
        """By its fence: whoever read of another lease does not end this one."""
        with closing(self.open_elsewhere(path)) as other, store.lease(LANE, "here", AT) as fence:
            (held,) = other.leases()
            assert (held.lane, held.fence, held.owner, held.standing) == (LANE, fence, "here", LeaseStanding.ELSEWHERE)
            assert [one.standing for one in store.leases()] == [LeaseStanding.LIVES]
            assert not other.end_lease(LANE, fence - 1)
            assert other.end_lease(LANE, fence)
            assert other.leases() == store.leases() == []
            with other.lease(LANE, "there", AT) as later:
                assert later > fence
                with pytest.raises(LeaseHeld, match="there"):
                    store.commit(Commit(entries=[entry()]), fences={LANE: fence})
                other.commit(Commit(), fences={LANE: later})
        assert list(store.journal()) == []

    def test_reservation_of_the_quota_outlives_the_lease(self, path: Path, store: StateStore) -> None:
        """Kept by the holder only."""
        first, second = Reservation(AT, 0.5), Reservation(AT + timedelta(seconds=5), 0.25)
        assert store.reservation(LANE) is None
        with store.lease(LANE, "me", AT) as fence:
            store.reserve(LANE, fence, first)
            store.reserve(LANE, fence + 1, second)
        store.reserve(LANE, fence, second)
        with closing(self.open_store(path)) as other, other.lease(LANE, "next", AT):
            assert other.reservation(LANE) == first

    def test_commit_needs_the_fence_of_a_held_lease(self, store: StateStore) -> None:
        """Not another number, not another lane, not after the release; and nothing of it is written."""
        with store.lease(LANE, "me", AT) as fence:
            store.commit(Commit(), fences={LANE: fence})
            for wrong in ({LANE: fence - 1}, {LANE: fence + 1}, {LANE: fence, "other": fence}):
                with pytest.raises(LeaseHeld):
                    store.commit(Commit(devices=[recorded("a")]), fences=wrong)
        with pytest.raises(LeaseHeld):
            store.commit(Commit(devices=[recorded("a")]), fences={LANE: fence})
        assert store.serial() == 1
        assert list(store.heads()) == []
