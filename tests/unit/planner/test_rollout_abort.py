"""What an abort takes back of desired values: only ours, only what no device reported, only where it may."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.plan import Notice
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.rollout import Rollout, RolloutMark, Wave
from reconcile.model.values import ABSENT
from reconcile.planner.delta import Delta
from reconcile.planner.rollout import Rollouts, spread
from reconcile.planner.rollout_abort import Ground, halt
from reconcile.planner.rollout_stage import Member
from reconcile.planner.situation import Situation
from reconcile.platforms import registry
from reconcile.testing.fleets import NOON, same_for

DIALECT = registry.find("aliyun").dialect
REF = DeviceRef("aliyun-prod", "lamp-1")
IDENTITY = Identity.of(productKey="a1", deviceName="lamp-1")
DOCUMENT = DesiredDocument.build((DesiredResource("Brightness", 60),), (), Delivery())
DOCUMENT = DesiredDocument(DOCUMENT.resources, (), DOCUMENT.delivery, DOCUMENT.digest, "lamps")
LAMP = DesiredDevice(Device(REF, IDENTITY, {}), DOCUMENT)
RULE = Rollout("lamps", "d", (Wave(percent=100),))
SENT_AT = NOON - timedelta(hours=1)
OURS = RecordedResource(
    "Brightness", 60, None, DeliveryState.ACCEPTED, SENT_AT, version=4, confirmed=10, confirmed_at=SENT_AT
)
SEEN = ObservedResource(cloud=60, version=4, reported=10)


def situation_of(mark, resource=OURS, seen=SEEN, in_scope=None):
    record = RecordedDevice(REF, IDENTITY, DOCUMENT.digest, {resource.path: resource}, rollout=mark)
    return Situation(
        device=LAMP.device,
        document=DOCUMENT,
        recorded=record,
        observed=None if seen is None else ObservedDevice(REF, {"Brightness": seen}),
        capabilities=DIALECT.capabilities("a1"),
        same=same_for(DIALECT, IDENTITY),
        server_now=NOON,
        in_scope=in_scope,
    )


def taken_back(resource=OURS, seen=SEEN, rollout="d", document=DOCUMENT.digest, **ground):
    mark = RolloutMark("lamps", rollout, 1, document, SENT_AT)
    situation = situation_of(mark, resource, seen, ground.pop("in_scope", None))
    known = Ground((), {"aliyun-prod": DIALECT}, NOON, situate=lambda _desired: situation, **ground)
    return halt(RULE, (), known, [LAMP])


def test_it_goes_back_to_what_was_reported_last_under_our_own_version():
    found = taken_back()
    _, work, (draft,) = found.taken_back[REF]
    assert [(write.path, write.value) for write in draft.action.items] == [("Brightness", 10)]
    assert draft.action.versions == (("Brightness", 4),)
    assert [(change.before, change.after) for change in work.changes] == [(60, 10)]
    assert work.waiting, "the device is not settled with this"
    assert (found.changing, found.settled, found.waiting) == (1, -1, 0)


def test_what_went_out_under_other_words_of_the_same_change_goes_back_too():
    assert REF in taken_back(rollout="another").taken_back


def test_where_nothing_was_ever_reported_it_is_cleared_under_the_same_guard():
    _, work, (draft,) = taken_back(replace(OURS, confirmed=ABSENT)).taken_back[REF]
    assert [(write.path, write.value) for write in draft.action.items] == [("Brightness", None)]
    assert draft.action.versions == (("Brightness", 4),)
    assert work.releases == ["Brightness"]


@pytest.mark.parametrize(
    "case",
    [
        {"seen": None},
        {"seen": replace(SEEN, reported=60)},
        {"seen": replace(SEEN, version=5)},
        {"seen": replace(SEEN, cloud=ABSENT)},
        {"resource": replace(OURS, delivery=DeliveryState.CONFIRMED)},
        {"resource": replace(OURS, accepted_at=SENT_AT - timedelta(seconds=1))},
        {"resource": replace(OURS, confirmed=60)},
        {"resource": replace(OURS, confirmed={"$secret": "abc"})},
        {"resource": replace(OURS, value=None)},
        {"rollout": "another", "document": "another"},
        {"in_scope": lambda _path: False},
        {"alone": {REF}},
    ],
)
def test_everything_else_is_left_alone(case):
    assert taken_back(**case).taken_back == {}


def test_what_is_protected_goes_back_only_with_a_line():
    notice = Notice(REF, "protected: mine; no manifest allows it", "Brightness")
    found = taken_back(blocks=lambda _situation, work: [notice] if work.writes else [])
    assert (found.taken_back, found.blocked) == ({}, [notice])
    assert (found.changing, found.settled) == (0, -1)


def test_a_device_whose_value_was_only_to_be_recorded_goes_back_and_is_planned_once():
    situation = situation_of(RolloutMark("lamps", "d", 1, DOCUMENT.digest, SENT_AT, has_failed=True, is_aborted=True))
    rollouts = Rollouts({"lamps": RULE}, [Member(LAMP, situation.recorded)])
    found = spread(rollouts, [(situation, Delta(), ())], Ground([situation], {"aliyun-prod": DIALECT}, NOON))
    assert [(one.device.ref, len(drafts)) for one, _, drafts in found.works] == [(REF, 1)]
