"""Blocks of inventories that are settled: kept with the state, and taken back by whatever touches their devices."""

from __future__ import annotations

from dataclasses import replace

from reconcile.model.device import DeviceRef, Identity
from reconcile.model.recorded import RecordedDevice
from reconcile.model.settled import LOWEST, SettledBlock
from reconcile.ports import Commit, StateStore
from reconcile.testing.builders import AT, PLATFORM, recorded
from reconcile.testing.state_contract.kit import StoreKit

_BLOCK = SettledBlock("devices.csv", LOWEST, b"a,b", 40, b"\1" * 32, 2, 2, 1, "ff")
_BLOCKS = [_BLOCK, replace(_BLOCK, first=(PLATFORM, "m3"), digest=b"\2" * 32)]


class SettledContract(StoreKit):
    """Derived data, in the transactions of the records that it was derived from."""

    def test_blocks_come_back_under_their_digest_alone(self, store: StateStore) -> None:
        """In order, and replaced as a whole."""
        self._kept(store)
        store.keep_settled("other", store.serial(), _BLOCKS[:1])
        assert list(store.settled_blocks("one")) == []
        assert list(store.settled_blocks("other")) == (_BLOCKS[:1] if self.keeps_settled else [])
        assert store.settled_under() == ("other" if self.keeps_settled else "")

    def test_blocks_of_an_older_state_are_not_kept(self, store: StateStore) -> None:
        """Whoever commits in between may have touched their devices."""
        serial = store.serial()
        store.commit(Commit(devices=[recorded("m1")]), fences={})
        store.keep_settled("one", serial, _BLOCKS)
        assert list(store.settled_blocks("one")) == []

    def test_a_commit_takes_back_the_blocks_of_its_devices(self, store: StateStore) -> None:
        """The one whose record is written again, and the one that is forgotten."""
        devices = self._kept(store)
        store.commit(Commit(devices=[replace(devices[0], digest=None)]), fences={})
        assert self._digests(store) == ([b"", _BLOCKS[1].digest] if self.keeps_settled else [])
        store.commit(Commit(forgotten=[devices[3].ref]), fences={})
        assert self._digests(store) == ([b"", b""] if self.keeps_settled else [])

    def test_another_identity_on_record_forgets_all_blocks(self, store: StateStore) -> None:
        """Of a device that is known, and of one that is new: somebody else may have it."""
        for device in (recorded("m1"), recorded("m9")):
            self._kept(store)
            store.commit(Commit(devices=[replace(device, identity=Identity.of(imei="9" * 15))]), fences={})
            assert list(store.settled_blocks("one")) == []
            assert store.settled_under() == ""

    def test_a_state_that_is_imported_knows_no_blocks(self, store: StateStore) -> None:
        """Its records are others."""
        self._kept(store)
        store.restore(list(store.export()), AT, replaces=True)
        assert list(store.settled_blocks("one")) == []

    def test_heads_of_a_range_and_holders_of_identities(self, store: StateStore) -> None:
        """From one key on and before another; whoever holds what is asked for."""
        devices = self._kept(store)
        names = [row[1] for row in store.head_rows((PLATFORM, "m1"), (PLATFORM, "m3"))]
        assert names == ["m1", "m2"]
        assert [row[1] for row in store.head_rows((PLATFORM, "m2"))] == ["m2", "m3"]
        some = [(PLATFORM, "m3"), (PLATFORM, "nobody"), ("nowhere", "m1"), (PLATFORM, "m0")]
        every = {(row[0], row[1]): tuple(row) for row in store.head_rows()}
        assert [tuple(row) for row in store.heads_at(some)] == [every[PLATFORM, "m3"], every[PLATFORM, "m0"]]
        assert list(store.heads_at([])) == []
        asked = [(PLATFORM, str(devices[1].identity)), (PLATFORM, "imei=0")]
        assert (PLATFORM, "m1") in store.holders(asked)
        assert list(store.holders([])) == []

    def _kept(self, store: StateStore) -> list[RecordedDevice]:
        """Four settled devices in two blocks."""
        devices = [
            replace(recorded(f"m{n}"), ref=DeviceRef(PLATFORM, f"m{n}"), identity=Identity.of(imei=f"{n}" * 15))
            for n in range(4)
        ]
        store.commit(Commit(devices=devices), fences={})
        store.keep_settled("one", store.serial(), _BLOCKS)
        assert list(store.settled_blocks("one")) == (_BLOCKS if self.keeps_settled else [])
        return devices

    def _digests(self, store: StateStore) -> list[bytes]:
        """Empty where a block was taken back."""
        return [block.digest for block in store.settled_blocks("one")]
