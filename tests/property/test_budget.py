"""Random edits and wakes of one device with a budget: never more sessions a day than allowed, and nothing starves."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconcile.apply import fold, metering
from reconcile.model.actions import CancelQueued
from reconcile.model.desired import Budget, Delivery, DeliveryMode, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.recorded import DeliveryState
from reconcile.model.wakes import SESSION_S
from reconcile.platforms import registry
from reconcile.ports import Accepted, Stamp
from reconcile.testing.fleets import NOON, Truths, plan_of

ONENET = {"onenet-prod": registry.find("onenet").dialect}
METER = Device(DeviceRef("onenet-prod", "meter-0001"), Identity.of(imei="860000000000001"), {})
PATHS = ("/3303/0/5603", "/3303/1/5603", "/3304/0/5603")

events = st.one_of(
    st.tuples(st.just("edit"), st.sampled_from(PATHS), st.floats(0, 9).map(round)),
    st.tuples(st.just("wake"), st.just(""), st.just(0)),
    st.tuples(st.just("hours"), st.just(""), st.integers(1, 30)),
)
budgets = st.builds(Budget, st.integers(1, 3) | st.none(), st.integers(1, 120) | st.none())


class Field:
    """One meter, its wishes, and the sessions in which it had to take something."""

    def __init__(self, budget):
        self.delivery = Delivery(DeliveryMode.QUEUE, budget=budget, expire_after_s=10**8)
        self.wishes = dict.fromkeys(PATHS, 0.0)
        self.now, self.record, self.sessions, self.commands = NOON, None, [], 0

    def plan(self):
        resources = tuple(DesiredResource(path, value) for path, value in self.wishes.items())
        desired = DesiredDevice(METER, DesiredDocument.build(resources, (), self.delivery))
        return plan_of(Truths([desired], ONENET, [self.record] if self.record else [], now=self.now))

    def apply(self):
        for planned in self.plan().devices:
            record = fold.begin(self.record, planned, self.now)
            for step in planned.steps:
                self.commands += not isinstance(step.action, CancelQueued)
                accepted = Accepted({}, f"u{self.commands}")
                stamp = Stamp(self.now, expires_at=self.now + timedelta(days=999))
                record = metering.accept(record, planned, step.action, accepted, stamp, self.now)
            self.record = fold.finish(record, planned)

    def wake(self):
        if self.record is None or not self.record.is_waiting:
            return
        self.sessions.append(self.now)
        taken = {
            path: replace(r, delivery=DeliveryState.CONFIRMED, confirmed=r.value, confirmed_at=self.now)
            for path, r in self.record.resources.items()
        }
        self.record = replace(self.record, resources=taken)


@given(budgets, st.lists(events, max_size=25))
def test_no_day_takes_more_sessions_than_its_budget_and_all_is_written_in_the_end(budget, history):
    field = Field(budget)
    days = {}
    for kind, path, value in history:
        field.now += timedelta(seconds=SESSION_S)  # what comes sooner is taken in the same session, and counted so
        if kind == "edit":
            field.wishes[path] = float(value)
        elif kind == "wake":
            field.wake()
        else:
            field.now += timedelta(hours=value)
        field.apply()
        if field.record and field.record.spent:
            days[field.record.spent.since] = field.record.spent.wakeups
    if budget.wakeups_per_day is not None:
        assert all(wakeups <= budget.wakeups_per_day for wakeups in days.values())
        assert len(field.sessions) <= sum(days.values())
    for _ in range(4 * len(PATHS)):
        field.now += timedelta(hours=25)
        field.apply()
        field.wake()
    assert field.plan().is_empty
    assert {path: r.value for path, r in field.record.resources.items()} == field.wishes
