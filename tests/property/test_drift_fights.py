"""A device and reconcile never fight for ever: over random histories of foreign writes, looks and edits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.apply import fold
from reconcile.model.desired import DesiredDocument, DesiredResource, OnDrift
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.drift import KEPT_ROUNDS, FlapRule, after_round, rests_until
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.refresh import Coverage
from reconcile.platforms import registry
from reconcile.ports import Accepted, Stamp
from reconcile.runs.drift_rounds import with_rounds
from reconcile.runs.planfile import read_plan, write_plan
from reconcile.testing.fleets import NOON, Truths, plan_of

LAMP = DeviceRef("aliyun-prod", "lamp")
IDENTITY = Identity.of(productKey="p", deviceName="lamp")
DIALECTS = {"aliyun-prod": registry.find("aliyun").dialect}
RULE = FlapRule()
gaps = st.integers(0, 30 * 24).map(lambda hours: timedelta(hours=hours))


class Fight:
    """One lamp: git wants `wanted`, somebody sets what they like, and every look is an `apply --refresh all`."""

    def __init__(self):
        self.now, self.wanted, self.policy = NOON, 1, OnDrift.REVERT
        self.cloud, self.version, self.record = None, 0, None
        self.reverts = []

    def document(self):
        return DesiredDocument.build(
            (DesiredResource("P", self.wanted, on_drift=self.policy),), (), DesiredDocument().delivery
        )

    def apply(self):
        desired = DesiredDevice(Device(LAMP, IDENTITY, {}), self.document())
        seen = ObservedResource(cloud=self.cloud, version=self.version) if self.version else ObservedResource()
        plan = plan_of(
            Truths(
                desired=[desired],
                dialects=DIALECTS,
                recorded=[self.record] if self.record else [],
                observed={LAMP: ObservedDevice(LAMP, {"P": seen})},
                now=self.now,
                sees_all=True,
            )
        )
        session = SimpleNamespace(whole=lambda: [desired], fleet=SimpleNamespace(flaps=RULE))
        known = with_rounds(session, plan, {LAMP: self.record} if self.record else {})
        for planned in plan.devices:
            record = fold.begin(known.get(LAMP), planned, self.now)
            for step in planned.steps:
                self.version += 1
                self.cloud = step.action.items[0].value
                accepted = Accepted(versions={"P": self.version})
                record = fold.accept(record, planned, step.action, accepted, Stamp(self.now), self.now)
                if plan.drift:
                    self.reverts.append(self.now)
            self.record = fold.finish(record, planned)
        return plan

    def foreign(self, value):
        self.version += 1
        self.cloud = value


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(gaps, st.integers(2, 4)), min_size=1, max_size=40))
def test_writes_back_are_few_in_any_stretch_of_time_however_the_other_side_behaves(history):
    fight = Fight()
    fight.apply()
    for gap, value in history:
        fight.now += gap + timedelta(minutes=1)
        fight.foreign(value)
        fight.apply()
    for first in range(len(fight.reverts)):
        for last in range(first, len(fight.reverts)):
            count, span = last - first + 1, fight.reverts[last] - fight.reverts[first]
            # A streak's three; then one a rest; a streak that begins anew needs a quiet window before it.
            assert count <= RULE.rounds * (1 + span // RULE.window)


def test_somebody_who_answers_every_write_meets_three_and_then_one_a_week():
    fight = Fight()
    fight.apply()
    for _hour in range(24 * 70):
        fight.now += timedelta(hours=1)
        if fight.cloud == fight.wanted:
            fight.foreign(9)
        fight.apply()
    assert len(fight.reverts) == RULE.rounds + 70 // 7 - 1
    assert len(fight.record.drifts["P"].rounds) == KEPT_ROUNDS


def test_a_quarantine_is_told_with_both_values_and_ends_with_a_new_value_or_another_policy():
    fight = Fight()
    fight.apply()
    for value in (7, 8, 9):
        fight.now += timedelta(hours=1)
        fight.foreign(value)
        fight.apply()
    fight.now += timedelta(hours=1)
    fight.foreign(9)
    plan = fight.apply()
    (notice,) = plan.drift
    assert not any(device.steps for device in plan.devices)
    assert (notice.desired, notice.observed, notice.drift.policy) == (1, 9, "quarantine")
    assert [one.seen for one in notice.drift.rounds] == [7, 8, 9]
    assert notice.drift.until == fight.reverts[-1] + RULE.rest
    fight.wanted = 2
    assert [c.reason for c in fight.apply().classes[0].changes] == ["manifest: changed after the quarantine"]
    assert (fight.cloud, fight.record.drifts) == (2, {})

    for value in (7, 8, 9):
        fight.now += timedelta(hours=1)
        fight.foreign(value)
        fight.apply()
    fight.foreign(9)
    fight.policy = OnDrift.REPORT
    (notice,) = fight.apply().drift
    assert (notice.drift.policy, fight.record.drifts) == ("report", {})
    fight.policy = OnDrift.REVERT
    fight.apply()
    assert fight.cloud == 2


def test_a_plan_file_keeps_the_history_and_the_coverage(tmp_path):
    fight = Fight()
    fight.apply()
    for value in (7, 8, 9, 9):
        fight.now += timedelta(hours=1)
        fight.foreign(value)
        plan = fight.apply()
    plan = replace(plan, coverage=Coverage(12, 4, 1, 2, 3, 5, 6, oldest_s=93_600, calls=500, budget=500))
    write_plan(plan, tmp_path / "p")
    again = read_plan(tmp_path / "p")
    assert (again.drift, again.coverage, again.digest) == (plan.drift, plan.coverage, plan.digest)


def test_a_foreign_value_nobody_was_shown_is_no_decision():
    fight = Fight()
    fight.apply()
    for value in (7, 8, 9):
        fight.now += timedelta(hours=1)
        fight.foreign(value)
        fight.apply()
    fight.foreign(5)
    fight.wanted = 2
    plan = fight.apply()
    assert [one.observed for one in plan.conflicts] == [5]
    assert fight.cloud == 5


@given(st.lists(gaps, max_size=30), st.integers(1, 5), gaps, gaps)
def test_a_history_stays_small_and_a_round_seen_twice_counts_once(history, rounds, window, rest):
    rule, at, found = FlapRule(rounds, window, rest), NOON, None
    for number, gap in enumerate(history):
        at += gap
        found = after_round(found, 1, number, at, rule)
        assert after_round(found, 1, number, at, rule) == found
        assert len(found.rounds) <= KEPT_ROUNDS
        assert found.streak >= len(found.rounds)
        until = rests_until(found, 1, at, rule)
        assert until is None or (found.streak >= rounds and until == at + rest)
        assert rests_until(found, 2, at, rule) is None
        assert rests_until(found, 1, at + rest, rule) is None


def test_policies_do_not_change_the_name_of_documents_that_have_none():
    plain = DesiredResource("P", 1)
    assert plain.to_json() == ["P", 1, None, "enforce", "release"]
    assert replace(plain, on_drift=OnDrift.REPORT).to_json()[-1] == {"onDrift": "report"}
