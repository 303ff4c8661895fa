"""Now or queued: decided from when a device spoke and whether it answered, and said in words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconcile.model.desired import Delivery, DeliveryMode, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedDevice
from reconcile.model.plan_json import class_json
from reconcile.model.plan_spelling import plan_digest
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.planner import reach
from reconcile.planner.situation import Situation
from reconcile.platforms import registry
from reconcile.report.messages import translate
from reconcile.report.ways import class_ways, plan_ways
from reconcile.testing.fleets import NOON, Truths, plan_of

REF = DeviceRef("onenet-prod", "meter-1")
IMEI = Identity.of(imei="865820030000001")
DIALECT = registry.find("onenet").dialect
AUTO, NOW, QUEUE = DeliveryMode.AUTO, DeliveryMode.NOW, DeliveryMode.QUEUE


def ago(seconds):
    return NOON - timedelta(seconds=seconds)


def situation(
    mode,
    *,
    uplink=None,
    missed=None,
    confirmed=None,
    online=None,
    may_queue=True,
    lifetime=None,
    silences=(),
    window=60,
):
    resource = RecordedResource("/3303/0/5603", 1.0, None, DeliveryState.CONFIRMED, ago(9_000), confirmed=1.0)
    known = {resource.path: replace(resource, confirmed_at=confirmed)}
    if lifetime is not None:
        held = RecordedResource("/1/0/1", lifetime, None, DeliveryState.CONFIRMED, ago(9_000), confirmed=lifetime)
        known[held.path] = held
    record = RecordedDevice(REF, IMEI, resources=known, last_uplink=uplink, unreachable_at=missed, silences_s=silences)
    wanted = DesiredResource("/3303/0/5603", 2.0)
    return Situation(
        device=Device(REF, IMEI, {}),
        document=DesiredDocument.build((wanted,), (), Delivery(mode=mode, reachable_within_s=window)),
        recorded=record,
        observed=None if online is None else ObservedDevice(REF, is_online=online),
        capabilities=DIALECT.capabilities(""),
        same=lambda _path, left, right: left == right,
        server_now=NOON,
        may_queue=may_queue,
    )


@pytest.mark.parametrize(
    ("mode", "facts", "is_now", "reason"),
    [
        (QUEUE, {"uplink": ago(1)}, False, "queued: delivery mode queue"),
        (NOW, {}, True, "sent now: delivery mode now"),
        (NOW, {"online": False}, True, "sent now: delivery mode now"),
        (NOW, {"missed": ago(600)}, False, "queued: it did not answer 10m ago, and was not heard of since"),
        (NOW, {"missed": ago(600), "uplink": ago(700)}, False, "queued: it did not answer 10m ago, and was not heard of since"),
        (NOW, {"missed": ago(600), "uplink": ago(500)}, True, "sent now: delivery mode now"),
        (NOW, {"missed": ago(600), "confirmed": ago(500)}, True, "sent now: delivery mode now"),
        (NOW, {"missed": ago(600), "may_queue": False}, True, "sent now: delivery mode now"),
        (AUTO, {}, False, "queued: no uplink known, window 60s"),
        (AUTO, {"uplink": ago(60)}, True, "sent now: last uplink 1m ago, window 60s"),
        (AUTO, {"uplink": ago(61)}, False, "queued: last uplink 1m ago, window 60s"),
        (AUTO, {"uplink": ago(3 * 3600)}, False, "queued: last uplink 3h ago, window 60s"),
        (AUTO, {"uplink": ago(30), "missed": ago(10)}, False, "queued: it did not answer 10s ago, and was not heard of since"),
        (AUTO, {"uplink": ago(30), "missed": ago(40)}, True, "sent now: last uplink 30s ago, window 60s"),
        (AUTO, {"uplink": ago(30), "online": False}, False, "queued: the platform says that it is offline"),
        (AUTO, {"uplink": ago(200_000)}, False, "queued: last uplink 2d ago, window 60s"),
        # Its lifetime, where the device is known to hold one: what "online" is worth, and when a registration ended.
        (AUTO, {"online": True, "lifetime": 300, "window": 360}, True, "sent now: online, lifetime 5m, window 360s"),
        (AUTO, {"online": True, "lifetime": 300, "window": 359}, False, "queued: no uplink known, window 359s; lifetime 5m"),
        (AUTO, {"online": True, "lifetime": 86_400}, False, "queued: no uplink known, window 60s; lifetime 1d"),
        (AUTO, {"online": False, "lifetime": 300, "window": 900}, False, "queued: the platform says that it is offline"),
        (AUTO, {"uplink": ago(600), "lifetime": 300, "window": 900}, False, "queued: last uplink 10m ago, lifetime 5m"),
        (AUTO, {"uplink": ago(600), "lifetime": 700, "window": 900}, True, "sent now: last uplink 10m ago, window 900s"),
        # Its sleep: one that missed a call while it should have been awake is not called again for a week.
        (AUTO, {"uplink": ago(30), "missed": ago(7_000), "silences": (7_200, 61)}, False, "queued: it sleeps, and did not answer 1h ago; it speaks about every 1h"),
        (AUTO, {"uplink": ago(30), "missed": ago(7_000), "silences": (7_200, 60)}, True, "sent now: last uplink 30s ago, window 60s"),
        (AUTO, {"uplink": ago(30), "missed": ago(700_000), "silences": (7_200, 61)}, True, "sent now: last uplink 30s ago, window 60s"),
        (AUTO, {"uplink": ago(30), "missed": ago(7_000), "silences": (7_200, 61), "may_queue": False}, True, "sent now: last uplink 30s ago, window 60s"),
        (NOW, {"uplink": ago(30), "missed": ago(7_000), "silences": (7_200, 61)}, True, "sent now: delivery mode now"),
    ],
)  # fmt: skip
def test_the_choice_follows_the_evidence_and_says_so(mode, facts, is_now, reason):
    assert reach.choose(situation(mode, **facts)) == reach.Choice(is_now, reason)


def test_the_rhythm_that_was_learned_is_told():
    known = situation(AUTO, uplink=ago(2_000))
    told = replace(known, recorded=replace(known.recorded, silences_s=(3_500, 3_600, 9_000)))
    assert reach.choose(told).reason == "queued: last uplink 33m ago, window 60s; it speaks about every 1h"
    assert "speaks" not in reach.choose(situation(AUTO, uplink=ago(5))).reason


def plan(mode, at=NOON, uplink=None):
    known = situation(mode, uplink=uplink)
    desired = DesiredDevice(known.device, known.document)
    return plan_of(Truths([desired], {"onenet-prod": DIALECT}, [known.recorded], now=at))


def test_an_instant_write_names_the_queued_one_that_may_take_its_place():
    (step,) = plan(NOW).steps()
    assert (step.action.kind, step.otherwise.kind) == ("write_now", "queue_write")
    assert step.otherwise.writes == step.action.writes
    assert step.to_json("")["otherwise"]["kind"] == "queue_write"
    assert plan(QUEUE).steps()[0].otherwise is None


def test_nothing_takes_its_place_where_nothing_can_be_queued():
    no_queue = situation(NOW, may_queue=False)
    now = DIALECT.write_actions([], {}, Delivery(), is_now=True)
    assert reach.otherwise(no_queue, now, now) == []
    steps = [step.action for step in plan(NOW).steps()]
    queued = [step.otherwise for step in plan(NOW).steps()]
    assert reach.otherwise(no_queue, steps, queued) == [None]
    assert reach.otherwise(situation(NOW), steps, queued) == queued
    assert reach.otherwise(situation(NOW), steps * 6, queued * 6) == [None] * 6, "the queue might be full of others"


def test_a_class_counts_why_its_devices_are_called_or_queued():
    """Without ages, so that devices come together; in the plan's JSON, and under no digest."""
    first = situation(AUTO, uplink=ago(7_000))
    refs = [DeviceRef("onenet-prod", f"meter-{n}") for n in range(1, 5)]
    uplinks = [ago(7_000), ago(9_000), ago(5), None]
    desired = [DesiredDevice(replace(first.device, ref=ref), first.document) for ref in refs]
    records = [replace(first.recorded, ref=ref, last_uplink=at) for ref, at in zip(refs, uplinks, strict=True)]
    planned = plan_of(Truths(desired, {"onenet-prod": DIALECT}, records))
    (group,) = planned.classes
    assert list(group.ways.items()) == [
        ("queued: last uplink longer ago than the window", 2),
        ("queued: no uplink known", 1),
        ("sent now: last uplink within the window", 1),
    ]
    assert class_json(group)["ways"] == group.ways
    assert plan_ways(planned, translate("en")) == ["Called at once: 1 device; written to by their queue: 3 devices."]
    assert class_ways(replace(group, ways={"queued: no uplink known": 4}), translate("zh")) == ["排队：没有已知的上行"]


def test_the_reason_ages_and_the_digest_does_not():
    uplink = ago(3 * 3600)
    first, later = plan(AUTO, uplink=uplink), plan(AUTO, at=NOON + timedelta(hours=5), uplink=uplink)
    assert first.devices[0].delivery == "queued: last uplink 3h ago, window 60s"
    assert later.devices[0].delivery == "queued: last uplink 8h ago, window 60s"
    assert plan_digest(first) == plan_digest(later)
