"""Commands the cloud knows nothing of, versions with their time, and the numbers of retries, as records keep them."""

from dataclasses import replace
from datetime import timedelta

from apply_fakes import IDENTITY, METER, TEMPERATURE, planned, queue_write

from reconcile.apply import fold
from reconcile.apply.follow import follow
from reconcile.model.observed import LISTING_LAG, ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.plan import Adoption
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedRun
from reconcile.model.values import ABSENT, same
from reconcile.ports import Accepted, Stamp
from reconcile.testing.builders import AT, resource

QUEUED, MISSING = DeliveryState.QUEUED, DeliveryState.MISSING
BY_VALUE = lambda _path, left, right: same(left, right)  # noqa: E731
VANISHED = ObservedDevice(METER, queue=(ObservedCommand("u1", "", MISSING),))


def device(*resources, **fields):
    return replace(RecordedDevice(METER, IDENTITY, "old"), resources={r.path: r for r in resources}, **fields)


def test_a_write_is_missing_only_once_a_list_had_time_to_catch_up():
    waits = device(resource(TEMPERATURE, -10.0, delivery=QUEUED, command_uuid="u1"))
    early = follow(waits, VANISHED, BY_VALUE, AT + LISTING_LAG - timedelta(seconds=1))
    assert early.resources[TEMPERATURE].delivery is QUEUED
    assert early.digest == "old"
    late = follow(waits, VANISHED, BY_VALUE, AT + LISTING_LAG)
    assert late.resources[TEMPERATURE].delivery is MISSING
    assert late.digest is None, "the next plan looks at the device"


def test_an_execute_is_never_taken_for_missing():
    run = RecordedRun("reboot", "trigger:1", QUEUED, AT, command_uuid="u1")
    later = follow(device(runs={"reboot": run}), VANISHED, BY_VALUE, AT + timedelta(days=9))
    assert later.runs["reboot"].delivery is QUEUED


def test_the_time_of_our_version_is_kept_and_that_of_another_is_not():
    ours = device(resource("Brightness", 60, version=3))
    told = AT + timedelta(seconds=1)

    def after(version, cloud, at=told, record=ours):
        seen = ObservedDevice(METER, {"Brightness": ObservedResource(cloud, version, at)})
        return follow(record, seen, BY_VALUE, AT).resources["Brightness"].cloud_at

    assert after(3, 60) == told
    assert after(4, 60) is None
    assert after(3, 70) is None
    known = device(resource("Brightness", 60, version=3, cloud_at=AT))
    assert after(3, 60, record=known) == AT, "a later time is somebody else's write"


def test_the_number_of_a_retry_comes_from_the_plan_and_ends_with_the_value():
    lost = device(resource(TEMPERATURE, -10.0, delivery=DeliveryState.EXPIRED, command_uuid="u1", retries=1))
    stamp = Stamp(AT, expires_at=AT)
    again = replace(planned(queue_write(-10.0)), retries={TEMPERATURE: 2})
    second = fold.accept(lost, again, queue_write(-10.0), Accepted(command_uuid="u2"), stamp, AT)
    assert second.resources[TEMPERATURE].retries == 2
    other = fold.accept(second, planned(queue_write(-9.0)), queue_write(-9.0), Accepted(command_uuid="u3"), stamp, AT)
    assert other.resources[TEMPERATURE].retries == 0


def test_an_adopted_foreign_value_remembers_what_gave_way():
    work = planned(adoptions=(Adoption("Brightness", 5, None, 4, over=60),))
    found = fold.begin(device(resource("Brightness", 50, version=3)), work, AT).resources["Brightness"]
    assert (found.value, found.version, found.gave_way) == (5, 4, 60)
    settled = fold.begin(device(found), planned(adoptions=(Adoption("Brightness", 5, None, 4),)), AT)
    assert settled.resources["Brightness"].gave_way is ABSENT
