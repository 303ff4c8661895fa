"""A state that leaves and comes back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from reconcile.model.errors import LeaseHeld, StateError
from reconcile.model.journal import AttemptState
from reconcile.ports import Commit, StateStore
from reconcile.testing.builders import AT, PLATFORM, attempt, entry, recorded, resource
from reconcile.testing.state_contract.kit import LANE, StoreKit, fill


class ExportContract(StoreKit):
    """A state that leaves and comes back."""

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
        fill(store)
        with closing(self.open_store(path.with_name("other.db"))) as other:
            other.restore(list(store.export()), AT)
            assert list(other.export()) == list(store.export())
            assert list(other.journal()) == list(store.journal())
            assert other.open_attempts() == store.open_attempts()
            assert (other.lineage, other.serial()) == (store.lineage, store.serial())
            assert other.begun_plan() == "sha256:plan"
            assert other.generation() == "c0ffee"
            assert other.outcomes("sha256:plan") == store.outcomes("sha256:plan")
            assert other.is_consumed("sha256:older")
            assert other.secret_key() != store.secret_key()

    def test_imported_state_goes_on(self, path: Path, store: StateStore) -> None:
        """Its chain grows, its attempts settle, its fences only rise: as if nothing had happened."""
        fill(store)
        with closing(self.open_store(path.with_name("other.db"))) as other:
            other.restore(store.export(), AT)
            with other.lease(LANE, "me", AT) as fence:
                assert fence > 7
                other.commit(Commit(entries=[entry("s2", AttemptState.ADOPTED, fence=fence)]), fences={LANE: fence})
            assert other.open_attempts() == []
            assert len(list(other.journal())) == len(list(store.journal())) + 1

    def test_import_into_a_state_that_is_not_empty_needs_a_word(self, path: Path, store: StateStore) -> None:
        """And then what must only grow keeps growing: the serial, and the plans that ran on the same lineage."""
        fill(store)
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

    def test_export_that_was_cut_changed_or_lacks_a_record_is_refused_and_changes_nothing(
        self, path: Path, store: StateStore
    ) -> None:
        """Cut anywhere, or any one record left out, given twice, or with a member that nobody knows."""
        fill(store)
        export = list(store.export())
        firsts = {body["kind"]: at for at, body in reversed(list(enumerate(export)))}
        assert len(firsts) == 6
        with closing(self.open_store(path.with_name("other.db"))) as other:
            before = list(other.export())
            for cut in range(len(export)):
                with pytest.raises(StateError, match="cut off"):
                    other.restore(export[:cut], AT)
            for at in firsts.values():
                one = export[at]
                for wrong in ([], [one, one], [{**one, "extra": 1}]):
                    with pytest.raises(StateError):
                        other.restore([*export[:at], *wrong, *export[at + 1 :]], AT)
            assert list(other.export()) == before
            other.restore(export, AT)
            assert list(other.export()) == export

    def test_import_waits_for_whoever_writes(self, path: Path, store: StateStore) -> None:
        """A run that holds a lane would go on with what is no longer there."""
        with closing(self.open_store(path)) as other, store.lease(LANE, "night job", AT):
            export = list(store.export())
            with pytest.raises(LeaseHeld, match="night job"):
                other.restore(export, AT, replaces=True)
