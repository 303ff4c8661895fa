"""What is recorded, and read again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from reconcile.model.device import DeviceRef
from reconcile.model.drift import DriftHistory, DriftRound
from reconcile.model.errors import StateError
from reconcile.model.recorded import DeliveryState, RecordedHead, RecordedRun
from reconcile.model.rollout import RolloutMark
from reconcile.ports import Commit, StateStore
from reconcile.testing.builders import AT, PLATFORM, entry, recorded, resource
from reconcile.testing.state_contract.kit import StoreKit


class RecordContract(StoreKit):
    """What is recorded, and read again."""

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
            drifts={"/3303/0/5605": DriftHistory("冷水表", (DriftRound(AT, "热水表"), DriftRound(AT)), 7)},
            rollout=RolloutMark("meters", "r1", 2, "d1", AT, is_told=False),
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
