"""What every state store must do: subclass `StateContract` in a test module and say how a store is opened.

    class TestSqlite(StateContract):
        open_store = staticmethod(Sqlite.open)
        ...

The tests use `ports.StateStore` only, so they hold for a file, a server or a git ref alike.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from reconcile.model.device import DeviceRef
from reconcile.model.errors import JournalBroken, JournalRefused, LeaseHeld, LeaseWatched, StateError
from reconcile.model.journal import AttemptState, OpenAttempt
from reconcile.model.recorded import DeliveryState, RecordedHead, RecordedRun
from reconcile.ports import Commit, LeaseStanding, Reservation, StateStore
from reconcile.testing.builders import AT, PLATFORM, attempt, entry, recorded, resource

Opener = Callable[[Path], StateStore]

LANE = PLATFORM
SPAWN = multiprocessing.get_context("spawn")


class StateContract:
    """The conformance tests of a state store. `path` names one state; every store opened at it sees the same one."""

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

    def test_fresh_state_is_empty_and_has_an_identity(self, store: StateStore) -> None:
        """Lineage and key are drawn once; everything else is empty."""
        assert len(store.lineage) == 32
        assert len(store.secret_key()) == 32
        assert store.serial() == 0
        assert [*store.heads(), *store.open_attempts(), *store.journal()] == []

    def test_reopened_state_is_the_same(self, path: Path) -> None:
        """Identity, serial, records and journal outlive the process."""
        device, first = recorded("meter-0001", resource()), entry()
        with closing(self.open_store(path)) as store:
            before = (store.lineage, store.secret_key())
            store.commit(Commit(entries=[first], devices=[device]), fences={})
        with closing(self.open_store(path)) as store:
            assert (store.lineage, store.secret_key()) == before
            assert store.serial() == 1
            assert list(store.devices([device.ref])) == [device]
            assert list(store.journal()) == [first]

    def test_two_states_differ_in_lineage_and_key(self, path: Path, store: StateStore) -> None:
        """Otherwise a plan of one could be applied on the other."""
        with closing(self.open_store(path.with_name("other.db"))) as other:
            assert other.lineage != store.lineage
            assert other.secret_key() != store.secret_key()

    def test_recorded_device_comes_back_whole(self, store: StateStore) -> None:
        """Every field, null and absent told apart, and the latest record wins."""
        run = RecordedRun("read-valve", "k1", DeliveryState.SENT, AT, command_uuid="u2")
        full = recorded(
            "meter-0001",
            resource("/3303/0/5603", None, delivery=DeliveryState.QUEUED, command_uuid="u1", expires_at=AT),
            resource("/3303/0/5604", 1e16, version=7, confirmed=None, confirmed_at=AT),
            resource("/3303/0/5605", "冷水表"),
            digest="d1",
            runs={"read-valve": run},
            last_uplink=AT,
            unreachable_at=AT,
        )
        store.commit(Commit(devices=[recorded("meter-0001", resource())]), fences={})
        store.commit(Commit(devices=[full]), fences={})
        assert list(store.devices([full.ref, DeviceRef(PLATFORM, "nobody")])) == [full]

    def test_heads_come_in_order_of_platform_and_name(self, store: StateStore) -> None:
        """Order by code point, platform first, whatever the order of commits."""
        names = [
            ("onenet", "b"),
            ("onenet", "B"),
            ("aliyun", "z"),
            ("onenet", "a-1"),
            ("onenet", "a"),
            ("onenet", "表"),
        ]
        store.commit(Commit(devices=[recorded(name, platform=platform) for platform, name in names]), fences={})
        assert [(head.ref.platform, head.ref.name) for head in store.heads()] == sorted(names)

    def test_head_says_digest_identity_and_open_deliveries(self, store: StateStore) -> None:
        """What a plan needs to let a settled device drop out."""
        settled = recorded("meter-1", resource(), digest="d1")
        waiting = recorded("meter-2", resource(delivery=DeliveryState.QUEUED))
        store.commit(Commit(devices=[settled, waiting]), fences={})
        assert list(store.heads()) == [
            RecordedHead(settled.ref, str(settled.identity), "d1", is_waiting=False),
            RecordedHead(waiting.ref, str(waiting.identity), None, is_waiting=True),
        ]

    def test_forgotten_device_is_gone(self, store: StateStore) -> None:
        """From heads and records alike."""
        store.commit(Commit(devices=[recorded("a"), recorded("b")]), fences={})
        store.commit(Commit(forgotten=[recorded("a").ref]), fences={})
        assert [head.ref.name for head in store.heads()] == ["b"]
        assert list(store.devices([recorded("a").ref])) == []

    def test_many_devices_are_found_in_one_call(self, store: StateStore) -> None:
        """More than any backend takes as parameters of one query."""
        devices = [recorded(f"meter-{number:05}") for number in range(3_000)]
        store.commit(Commit(devices=devices), fences={})
        assert list(store.devices(device.ref for device in devices)) == devices

    def test_stream_keeps_its_snapshot_while_others_commit(self, store: StateStore) -> None:
        """A reader sees whole commits: all of the first, nothing of the second."""
        store.commit(Commit(devices=[recorded(f"meter-{n:04}") for n in range(500)]), fences={})
        heads = store.heads()
        next(heads)
        store.commit(Commit(devices=[recorded(f"meter-{n:04}", digest="later") for n in range(600)]), fences={})
        rest = list(heads)
        assert len(rest) == 499
        assert {head.digest for head in rest} == {None}

    def test_every_commit_counts_one(self, store: StateStore) -> None:
        """The serial says which state a plan was computed from."""
        for _ in range(3):
            store.commit(Commit(), fences={})
        assert store.serial() == 3

    def test_consumed_plan_is_remembered(self, store: StateStore) -> None:
        """And may be consumed again without harm."""
        for _ in range(2):
            store.commit(Commit(consumed_plan="sha256:one"), fences={})
        assert store.is_consumed("sha256:one")
        assert not store.is_consumed("sha256:two")

    def test_failed_commit_leaves_nothing(self, store: StateStore) -> None:
        """A record that cannot be written takes the whole transaction with it."""
        store.commit(Commit(devices=[recorded("a", digest="old")]), fences={})
        good, bad = recorded("a", digest="new"), recorded("b", resource(value=float("nan")))
        with pytest.raises((StateError, ValueError)):
            store.commit(Commit(entries=[entry()], devices=[good, bad], consumed_plan="p"), fences={})
        assert store.serial() == 1
        assert list(store.journal()) == []
        assert [(head.ref.name, head.digest) for head in store.heads()] == [("a", "old")]
        assert not store.is_consumed("p")

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

    def test_export_holds_everything_but_the_key(self, store: StateStore) -> None:
        """A header first, then devices, open attempts and the journal."""
        store.commit(Commit(opened=[attempt()], devices=[recorded("a", resource())], consumed_plan="p"), fences={})
        header, *rest, end = store.export()
        assert end["records"] == 5
        assert header == {"kind": "header", "format": "reconcile-state/1", "lineage": store.lineage, "serial": 1}
        assert [item["kind"] for item in rest] == ["device", "open", "journal", "consumed"]
        assert rest[0]["device"] == f"{PLATFORM}/a"
        assert store.secret_key().hex() not in str(rest)

    def test_import_gives_the_same_export(self, path: Path, store: StateStore) -> None:
        """Into an empty state: lineage, serial, records, journal, open attempts, used plans; only the key differs."""
        _fill(store)
        with closing(self.open_store(path.with_name("other.db"))) as other:
            other.restore(list(store.export()), AT)
            assert list(other.export()) == list(store.export())
            assert list(other.journal()) == list(store.journal())
            assert other.open_attempts() == store.open_attempts()
            assert (other.lineage, other.serial()) == (store.lineage, store.serial())
            assert other.begun_plan() == "sha256:plan"
            assert other.outcomes("sha256:plan") == store.outcomes("sha256:plan")
            assert other.is_consumed("sha256:older")
            assert other.secret_key() != store.secret_key()

    def test_imported_state_goes_on(self, path: Path, store: StateStore) -> None:
        """Its chain grows, its attempts settle, its fences only rise: as if nothing had happened."""
        _fill(store)
        with closing(self.open_store(path.with_name("other.db"))) as other:
            other.restore(store.export(), AT)
            with other.lease(LANE, "me", AT) as fence:
                assert fence > 7
                other.commit(Commit(entries=[entry("s2", AttemptState.ADOPTED, fence=fence)]), fences={LANE: fence})
            assert other.open_attempts() == []
            assert len(list(other.journal())) == len(list(store.journal())) + 1

    def test_import_into_a_state_that_is_not_empty_needs_a_word(self, path: Path, store: StateStore) -> None:
        """And then what must only grow keeps growing: the serial, and the plans that ran on the same lineage."""
        _fill(store)
        earlier = list(store.export())
        store.commit(Commit(devices=[recorded("later")], consumed_plan="sha256:later"), fences={})
        before, serial = list(store.export()), store.serial()
        with pytest.raises(StateError, match="not empty"):
            store.restore(earlier, AT)
        assert list(store.export()) == before
        key = store.secret_key()
        store.restore(earlier, AT, replaces=True)
        assert [head.ref.name for head in store.heads()] == ["a", "b"]
        assert store.serial() > serial
        assert store.is_consumed("sha256:later")
        assert store.secret_key() == key
        with closing(self.open_store(path)) as again:
            assert list(again.export()) == list(store.export())

    @pytest.mark.parametrize("cut", range(7))
    def test_cut_export_changes_nothing(self, path: Path, store: StateStore, cut: int) -> None:
        """A file that ends early looks whole up to there."""
        _fill(store)
        export = list(store.export())
        with closing(self.open_store(path.with_name("other.db"))) as other:
            before = list(other.export())
            with pytest.raises(StateError, match="cut off"):
                other.restore(export[:cut], AT)
            assert list(other.export()) == before
            other.restore(export, AT)

    @pytest.mark.parametrize("kind", ["header", "device", "open", "journal", "consumed", "end"])
    def test_export_that_was_changed_or_lacks_a_record_is_refused(
        self, path: Path, store: StateStore, kind: str
    ) -> None:
        """Any one record: left out, given twice, or with a member that nobody knows."""
        _fill(store)
        export = list(store.export())
        at = next(number for number, body in enumerate(export) if body["kind"] == kind)
        one = export[at]
        with closing(self.open_store(path.with_name("other.db"))) as other:
            before = list(other.export())
            for wrong in ([], [one, one], [{**one, "extra": 1}]):
                with pytest.raises(StateError):
                    other.restore([*export[:at], *wrong, *export[at + 1 :]], AT)
                assert list(other.export()) == before

    def test_import_waits_for_whoever_writes(self, path: Path, store: StateStore) -> None:
        """A run that holds a lane would go on with what is no longer there."""
        with closing(self.open_store(path)) as other, store.lease(LANE, "night job", AT):
            export = list(store.export())
            with pytest.raises(LeaseHeld, match="night job"):
                other.restore(export, AT, replaces=True)

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
                for number in range(40):
                    one = entry(f"{lane}-{number}", lane=lane, fence=fence)
                    device = recorded(f"{number:03}", platform=lane)
                    store.commit(Commit(entries=[one], devices=[device]), fences={lane: fence})

        _in_threads([partial(write, "left"), partial(write, "right")])
        with closing(self.open_store(path)) as store:
            assert store.serial() == 80
            assert len({found.step for found in store.journal()}) == 80
            assert sum(1 for _ in store.heads()) == 80

    def test_one_store_takes_commits_from_any_thread(self, store: StateStore) -> None:
        """The executor commits from worker threads."""
        commits = [Commit(entries=[entry(f"s{number}")]) for number in range(8)]
        _in_threads([partial(store.commit, commit, fences={}) for commit in commits])
        assert store.serial() == 8
        assert sum(1 for _ in store.journal()) == 8

    def test_killed_holder_leaves_what_it_committed_and_its_lease_is_free_at_once(self, path: Path) -> None:
        """No close, no release, no flush: SIGKILL."""
        ours, theirs = SPAWN.Pipe()
        child = SPAWN.Process(target=_commit_and_hang, args=(self.open_store, path, theirs))
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
            assert store.serial() == 1
            assert store.open_attempts() == [replace(attempt(), entry=entry(fence=fence))]
            assert list(store.journal()) == [entry(fence=fence)]


def _fill(store: StateStore) -> None:
    """Two devices, a used plan, one begun: a step of it done, one still open, under a fence that is not the first."""
    store.commit(Commit(consumed_plan="sha256:older"), fences={})
    run = RecordedRun("reboot", "trigger:1", DeliveryState.CONFIRMED, AT)
    odd = recorded("b", resource("/3/0/1", {"ü": [1e16, None, True]}), runs={"reboot": run}, last_uplink=AT)
    opened = [attempt("s1", fence=7), attempt("s2", fence=7)]
    store.commit(Commit(opened=opened, devices=[odd, recorded("a", digest="d")], begun_plan="sha256:plan"), fences={})
    store.commit(Commit(entries=[entry("s1", AttemptState.DONE, fence=7)]), fences={})


def _commit_and_hang(open_store: Opener, path: Path, pipe: Connection) -> None:
    store = open_store(path)
    with store.lease(LANE, "child", AT) as fence:
        store.commit(Commit(opened=[attempt(fence=fence)]), fences={LANE: fence})
        pipe.send(fence)
        threading.Event().wait()


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
