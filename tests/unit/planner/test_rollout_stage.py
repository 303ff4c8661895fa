"""Where a rollout stands, by what its devices' records say; and that no state of them lets a wave go too early."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.rollout import Rollout, RolloutMark, Wave, Window
from reconcile.planner.rollout_gate import Evidence, Standing
from reconcile.planner.rollout_stage import Member, placed, stage

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PATH = "/3303/0/5603"
RULE = Rollout("p", "d2", (Wave(count=2), Wave(count=4), Wave(percent=100)), 50, 40, 1)
BUILT = DesiredDocument.build((DesiredResource(PATH, 1.0),), (), Delivery(expire_after_s=3600))
DOCUMENT = DesiredDocument(BUILT.resources, (), BUILT.delivery, BUILT.digest, "p")
S = DeliveryState


def member(number, wave, delivery, *, minutes=10, rollout="d2", document=BUILT.digest, uuid="u", **flags):
    ref, identity = DeviceRef("onenet-prod", f"m{number}"), Identity.of(imei=str(number))
    at = NOW - timedelta(minutes=minutes)
    resource = RecordedResource(PATH, 1.0, None, delivery, at, command_uuid=uuid)
    mark = RolloutMark("p", rollout, wave, document, at, **flags)
    digest = None if delivery.is_lost else BUILT.digest
    record = RecordedDevice(ref, identity, digest, {PATH: resource}, rollout=mark)
    return Member(DesiredDevice(Device(ref, identity, {}), DOCUMENT), record)


def evidence(*members):
    return stage(RULE, {}, members, NOW).evidence[0]


def test_each_device_counts_once_as_what_it_did_with_the_change():
    assert evidence(member(1, 1, S.CONFIRMED)) == Evidence(confirmed=1)
    assert evidence(member(1, 1, S.ACCEPTED)) == Evidence(silent=1)
    assert evidence(member(1, 1, S.QUEUED)) == Evidence(silent=1)
    assert evidence(member(1, 1, S.QUEUED, minutes=60)) == Evidence(parked=1)
    assert evidence(member(1, 1, S.EXPIRED)) == Evidence(silent=1)
    assert evidence(member(1, 1, S.FAILED)) == Evidence(failed=1)
    assert evidence(member(1, 1, S.FAILED, uuid=None)) == Evidence(silent=1), "nobody knows what became of it"
    assert evidence(member(1, 1, S.QUEUED, has_failed=True)) == Evidence(failed=1)
    assert evidence(member(1, 1, S.CONFIRMED, has_failed=True)) == Evidence(confirmed=1)


def test_a_device_that_was_begun_and_told_nothing_keeps_its_place_and_is_then_sent_as_if_for_the_first_time():
    known = [member(1, 1, S.CONFIRMED, is_told=False), member(2, 1, S.EXPIRED, minutes=61, is_told=False)]
    found = [one.mark(NOW) is not None for one in known]
    assert found == [True, False]
    assert [one.ref.name for one in placed(RULE, known, NOW)] == ["m1"]
    assert evidence(*known) == Evidence(confirmed=1)


def test_only_what_was_sent_for_these_very_values_counts():
    assert evidence(member(1, 1, S.CONFIRMED, document="other")) == Evidence()
    assert evidence(member(1, 1, S.CONFIRMED, rollout="d1")) == Evidence(confirmed=1)
    assert evidence(member(1, 1, S.FAILED, rollout="d1")) == Evidence(silent=1)


def test_a_gate_looks_at_all_waves_before_it_together():
    first = [member(number, 1, S.CONFIRMED) for number in range(4)]
    second = [member(8, 2, S.CONFIRMED), member(9, 2, S.FAILED)]
    asked = replace(RULE, confirmed_percent=80, failed_percent=None)
    assert stage(asked, {}, [*first, *second], NOW).wave == 3
    assert stage(asked, {}, [*first[:2], *second], NOW).wave == 2


def test_what_failed_before_the_wave_was_sent_is_not_its_failure():
    found = member(1, 1, S.FAILED)
    later = replace(found.record.rollout, at=NOW - timedelta(minutes=5))
    assert evidence(replace(found, record=replace(found.record, rollout=later))) == Evidence(silent=1)


def test_outside_its_window_nothing_is_sent_not_even_again():
    closed = replace(RULE, windows=(Window(9 * 60, 10 * 60),))
    unsent = {DeviceRef("onenet-prod", "u"): 1}
    found = stage(closed, unsent, [member(1, 1, S.EXPIRED)], NOW)
    assert (found.standing, found.may_send, found.opens) == (Standing.CLOSED, 0, NOW + timedelta(hours=1))
    assert stage(closed, {}, [member(1, 1, S.EXPIRED)], NOW).may_send == 0
    assert stage(closed, unsent, [], NOW + timedelta(hours=1)).may_send == 1


def test_an_abort_is_kept_whatever_others_confirm_and_ends_with_another_rollout():
    others = [member(number, 1, S.CONFIRMED) for number in range(2, 30)]
    aborted = stage(RULE, {}, [member(1, 1, S.FAILED, is_aborted=True), *others], NOW)
    assert (aborted.standing, aborted.may_send) == (Standing.ABORTED, 0)
    assert stage(RULE, {}, [member(1, 1, S.FAILED, rollout="d1", is_aborted=True)], NOW).standing is Standing.WAITING


@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from([S.CONFIRMED, S.QUEUED, S.FAILED, S.EXPIRED])), max_size=12),
    st.lists(st.integers(1, 3), max_size=8),
)
@settings(max_examples=80)
def test_no_wave_may_go_before_the_ones_before_it_are_sent_and_enough_of_them_confirmed(sent, unsent):
    members = [member(number, wave, delivery) for number, (wave, delivery) in enumerate(sent)]
    left = {DeviceRef("onenet-prod", f"u{number}"): wave for number, wave in enumerate(unsent)}
    found = stage(RULE, left, members, NOW)
    failed = sum(delivery is S.FAILED for _, delivery in sent)
    for wave in range(1, found.may_send):
        assert all(of != wave for of in unsent)
        before = [delivery for of, delivery in sent if of <= wave]
        assert not before or S.CONFIRMED in before
    if failed > 1 and failed > 0.4 * len(sent):
        assert found.may_send == 0
    assert found.may_send <= len(RULE.waves)
