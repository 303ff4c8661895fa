"""What is settled at a glance is what the whole judgement settles: the short cut of a plan never shows in its work."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import pytest

from reconcile.model.desired import DesiredDocument, DesiredResource, OnConflict, OnDrift, Ownership
from reconcile.model.drift import DriftHistory, DriftRound
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import ABSENT
from reconcile.planner import delta as gathered
from reconcile.planner.delta import delta
from reconcile.planner.situation import Situation
from reconcile.platforms import registry
from reconcile.ports import Dialect
from reconcile.testing.builders import AT, device, recorded, resource
from reconcile.testing.fleets import same_for

LATER = AT + timedelta(hours=1)
PATHS = {"onenet-prod": "/3303/0/5603", "aliyun-prod": "Brightness"}


@pytest.mark.parametrize("platform", PATHS)
@pytest.mark.parametrize("ownership", Ownership)
def test_the_short_cut_makes_the_same_work(
    platform: str, ownership: Ownership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For many of the ways a resource can stand on record, looked at or not, and for equal, alike and other values."""
    kind = platform.partition("-")[0]
    found = registry.find(kind)
    assert found is not None
    cases = random.Random(1).sample(_situations(platform, ownership, found.dialect), 600)
    fast = [delta(one) for one in cases]
    taken = sum(gathered.rests(one, one.document.resources[0]) for one in cases)
    monkeypatch.setattr(gathered, "rests", lambda *_: False)
    for one, work in zip(cases, fast, strict=True):
        assert delta(one) == work, one
    assert (taken > 0) == (ownership is Ownership.ENFORCE)


def _situations(platform: str, ownership: Ownership, dialect: Dialect) -> list[Situation]:
    path, thing = PATHS[platform], device("meter-0001", platform=platform)
    histories = [{}, {path: DriftHistory(1, (DriftRound(AT, 2), DriftRound(AT)), 7)}]
    looks = [None, ObservedDevice(thing.ref, {path: ObservedResource(cloud=2, reported=2)})]
    found = []
    for state, uuid, value, stray, gave_way, reset, drifts, seen, confirmed in itertools.product(
        DeliveryState,
        (None, "u-1"),
        (1, 1.0, True, 2, None, "1"),
        (False, True),
        (ABSENT, 1),
        (None, LATER),
        histories,
        looks,
        (ABSENT, 1, 2),
    ):
        record = resource(
            path, 1, delivery=state, command_uuid=uuid, has_stray=stray, gave_way=gave_way, confirmed=confirmed
        )
        wanted = DesiredResource(
            path, value, ownership=ownership, on_drift=OnDrift.REVERT, on_conflict=OnConflict.ADOPT
        )
        found.append(
            Situation(
                device=thing,
                document=DesiredDocument.build((wanted,), (), DesiredDocument().delivery),
                recorded=recorded("meter-0001", record, platform=platform, reset_at=reset, drifts=drifts),
                observed=seen,
                capabilities=dialect.capabilities(""),
                same=same_for(dialect, thing.identity),
                server_now=LATER,
            )
        )
    return found
