"""A wave that goes wrong is stopped on its way: by the rule of the gate, and nothing else is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.plan import PlannedDevice
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.rollout import Rollout, Ticket, Wave
from reconcile.planner.rollout_stage import Member, stage
from reconcile.runs.rollout_watch import Watch
from reconcile.testing.builders import AT

RULE = Rollout("p", "d", (Wave(percent=100),), failed_percent=10, minimum=2)
BUILT = DesiredDocument.build((DesiredResource("/3303/0/5603", 1.0),), (), Delivery())
DOCUMENT = DesiredDocument(BUILT.resources, (), BUILT.delivery, BUILT.digest, "p")
TICKET = Ticket("p", "d", 1, BUILT.digest)


def ref(number):
    return DeviceRef("onenet-prod", f"m{number:03}")


def planned(number, rollout=TICKET):
    return PlannedDevice(ref(number), Identity.of(imei=str(number)), "c1", "none", BUILT.digest, rollout=rollout)


def record(number, word, at=AT):
    mark = replace(TICKET.mark(at), has_failed=word == "failed")
    if word != "confirmed":
        return RecordedDevice(ref(number), Identity.of(imei=str(number)), rollout=mark)
    held = RecordedResource("/3303/0/5603", 1.0, None, DeliveryState.CONFIRMED, at, confirmed=1.0)
    return RecordedDevice(ref(number), Identity.of(imei=str(number)), BUILT.digest, {held.path: held}, rollout=mark)


def watch(count, *before):
    """Of a wave of so many devices; `before` are records of those that an earlier run has sent."""
    desired = {ref(n): DesiredDevice(Device(ref(n), Identity.of(imei=str(n)), {}), DOCUMENT) for n in range(count)}
    known = {one.ref: one for one in before}
    members = [Member(desired[one.ref], one) for one in before]
    unsent = {one: 1 for one in desired if one not in known}
    found = stage(RULE, unsent, members, AT)
    return Watch([found], [planned(n) for n in range(count)], desired, known, AT)


def sent_before_it_stops(wave, words):
    for number, word in enumerate(words):
        if not wave.may_begin(planned(number)):
            return number
        wave.ended(planned(number), record(number, word))
    return len(words)


@pytest.mark.parametrize(
    ("count", "words", "sent"),
    [
        (20, ["failed"] * 20, 3),  # three of 20 are more than 10 % whatever the others say
        (1000, ["failed"] * 20, 3),  # evidence is strong before that is certain
        (1000, ["confirmed"] * 100 + ["failed"] * 5, 105),
        (1000, (["confirmed"] * 4 + ["failed"]) * 60, 125),  # 25!100!/126! is 20 times 0.1^25 0.9^100
        (1000, ["silent"] * 300, 300),
        (20, ["failed"] * 2 + ["silent"] * 18, 20),  # not more than the minimum
    ],
)
def test_a_wave_stops_where_the_evidence_is_certain_or_strong(count, words, sent):
    assert sent_before_it_stops(watch(count), words) == sent


def test_what_earlier_runs_found_counts_once():
    before = [record(n, "failed", AT - timedelta(minutes=1)) for n in range(2)]
    again = watch(40, *before)
    for number in range(10, 40):
        again.ended(planned(number), record(number, "confirmed"))
    for number in range(4):
        again.ended(planned(number), record(number, "failed"))
    assert again.stopped == set(), "four of 40 are not more than 10 %"
    again.ended(planned(4), record(4, "failed"))
    assert again.stopped == {"p"}


def test_devices_under_no_rollout_go_on():
    wave = watch(20)
    assert sent_before_it_stops(wave, ["failed"] * 20) < 20
    assert wave.may_begin(planned(30, None))
    wave.ended(planned(30, None), record(1, "failed"))
