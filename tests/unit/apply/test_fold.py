"""Outcomes folded into records: never ahead of the cloud, and no digest while work is left."""

from dataclasses import replace
from datetime import timedelta

from apply_fakes import (
    ALARM,
    IDENTITY,
    METER,
    REBOOT,
    TEMPERATURE,
    planned,
    queue_execute,
    queue_write,
    set_desired,
    write_now,
)

from reconcile.apply import fold
from reconcile.apply.follow import follow
from reconcile.model.actions import CancelQueued, ClearDesired, ExecuteNow, SetDesired, Write
from reconcile.model.desired import OnRemoval
from reconcile.model.device import Identity
from reconcile.model.observed import ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.plan import Adoption
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedRun
from reconcile.model.values import ABSENT, UNKNOWN, same
from reconcile.ports import Accepted, Stamp
from reconcile.testing.builders import AT, resource

LATER = AT + timedelta(seconds=5)
EXPIRY = AT + timedelta(hours=1)
STAMP = Stamp(AT, expires_at=EXPIRY)
QUEUED, CONFIRMED, ACCEPTED = DeliveryState.QUEUED, DeliveryState.CONFIRMED, DeliveryState.ACCEPTED
BY_PATH = lambda _path, left, right: same(left, right)  # noqa: E731


def device(*resources, **fields):
    return replace(RecordedDevice(METER, IDENTITY, "old"), resources={r.path: r for r in resources}, **fields)


def queued(value=-10.0, uuid="u1", **fields):
    return resource(TEMPERATURE, value, delivery=QUEUED, command_uuid=uuid, expires_at=EXPIRY, **fields)


def accept(record, action, accepted=None, work=None):
    return fold.accept(record, work or planned(action), action, accepted or Accepted(), STAMP, LATER)


def test_from_its_first_step_on_a_device_holds_no_digest():
    assert fold.begin(device(), planned(queue_write()), LATER).digest is None


def test_record_of_another_identity_is_left_behind():
    stranger = replace(device(resource()), identity=Identity.of(imei="1"))
    assert fold.begin(stranger, planned(), LATER) == RecordedDevice(METER, IDENTITY)
    assert fold.begin(None, planned(), LATER) == RecordedDevice(METER, IDENTITY)


def test_found_in_the_cloud_is_accepted_and_found_on_the_device_is_confirmed():
    work = planned(adoptions=(Adoption("Brightness", 60, None, 9), Adoption(TEMPERATURE, -10.0)))
    found = fold.begin(device(resource("Brightness", 5, confirmed=5, version=1)), work, LATER).resources
    assert found["Brightness"] == resource("Brightness", 60, accepted_at=LATER, version=9, confirmed=5)
    on_device = resource(TEMPERATURE, -10.0, delivery=CONFIRMED, accepted_at=LATER, confirmed=-10.0, confirmed_at=LATER)
    assert found[TEMPERATURE] == replace(on_device, confirmed_by="read-back")


def test_evidence_is_not_made_fresh_by_recording_it_again():
    held = {"confirmed": -10.0, "confirmed_at": AT, "confirmed_by": "command"}
    lost = resource(TEMPERATURE, -20.0, delivery=DeliveryState.EXPIRED, command_uuid="u1", **held)
    found = fold.begin(device(lost), planned(adoptions=(Adoption(TEMPERATURE, -10.0),)), LATER).resources[TEMPERATURE]
    assert (found.delivery, found.confirmed_at, found.confirmed_by) == (CONFIRMED, AT, "command")


def test_queued_write_keeps_what_the_device_is_known_to_hold():
    before = device(resource(TEMPERATURE, -20.0, confirmed=-20.0, confirmed_at=AT))
    after = accept(before, queue_write(-10.0), Accepted(command_uuid="u1"))
    assert after.resources[TEMPERATURE] == queued(accepted_at=LATER, confirmed=-20.0, confirmed_at=AT)


def test_instant_write_is_confirmed_by_its_answer():
    after = accept(device(), write_now()).resources[TEMPERATURE]
    assert (after.delivery, after.confirmed, after.confirmed_at) == (CONFIRMED, -10.0, LATER)
    assert after.confirmed_by == "answer"
    proven = accept(device(), write_now(), Accepted(is_confirmed=True, is_read_back=True)).resources[TEMPERATURE]
    assert proven.confirmed_by == "read-back"


def test_desired_value_is_accepted_with_its_version():
    after = accept(device(resource("Brightness", 5, confirmed=5)), set_desired(), Accepted(versions={"Brightness": 5}))
    assert after.resources["Brightness"] == resource("Brightness", 60, accepted_at=LATER, version=5, confirmed=5)


def test_what_leaves_is_forgotten_when_set_and_remembered_as_leaving_while_queued():
    work = planned(releases=(TEMPERATURE, "Brightness"))
    clear = SetDesired((Write("Brightness", None),), (("Brightness", 4),))
    assert accept(device(resource("Brightness", 60)), clear, work=work).resources == {}
    assert accept(device(resource(TEMPERATURE)), write_now(), work=work).resources == {}
    assert accept(device(resource(TEMPERATURE)), queue_write(0.0), work=work).resources[TEMPERATURE].is_leaving


def test_clear_forgets_what_it_cleared():
    after = accept(device(resource("A", 1), resource("B", 2)), ClearDesired(("A",)))
    assert list(after.resources) == ["B"]


def test_withdrawn_write_leaves_what_the_device_holds_or_nothing_known():
    known = accept(device(queued(confirmed=-20.0), resource(ALARM)), CancelQueued("u1", ()))
    back = resource(TEMPERATURE, -20.0, delivery=CONFIRMED, confirmed=-20.0)
    assert known.resources == {TEMPERATURE: back, ALARM: resource(ALARM)}
    assert accept(device(queued()), CancelQueued("u1", ())).resources == {}


def test_withdrawn_value_that_is_to_be_left_behind_is_still_to_be_written():
    for confirmed in (ABSENT, -20.0):
        after = accept(device(queued(0.0, is_leaving=True, confirmed=confirmed)), CancelQueued("u1", ()))
        left = after.resources[TEMPERATURE]
        assert (left.value, left.delivery, left.command_uuid) == (0.0, DeliveryState.CANCELLED, None)
        assert left.is_leaving


def test_withdrawn_run_is_cancelled_and_owed_no_more():
    run = RecordedRun("reboot", "k", QUEUED, AT, "x1", EXPIRY, is_owed=True)
    after = accept(device(runs={"reboot": run}), CancelQueued("x1", ())).runs["reboot"]
    assert (after.delivery, after.command_uuid, after.is_owed) == (DeliveryState.CANCELLED, None, False)


def test_run_is_recorded_with_its_key():
    after = accept(device(), queue_execute(), Accepted(command_uuid="x1")).runs
    assert after == {"reboot": RecordedRun("reboot", "values-one", QUEUED, LATER, "x1", EXPIRY)}
    now = accept(device(), ExecuteNow(REBOOT, None, "reboot", "k", 25)).runs
    assert now == {"reboot": RecordedRun("reboot", "k", CONFIRMED, LATER)}


def owed(last):
    runs = {} if last is None else {"reboot": last}
    steps = planned(queue_write(), queue_execute()).steps
    return fold.owe_runs(device(runs=runs), steps, LATER).runs["reboot"]


def test_run_to_come_is_owed_before_the_write_it_follows_is_sent():
    fresh = RecordedRun("reboot", "values-one", ACCEPTED, LATER, is_owed=True)
    assert owed(None) == fresh
    assert owed(RecordedRun("reboot", "values-zero", CONFIRMED, AT, "x1")) == fresh
    assert owed(RecordedRun("reboot", "values-one", DeliveryState.EXPIRED, AT, "x1")) == fresh


def test_run_on_its_way_for_the_same_key_is_not_owed_again():
    waiting = RecordedRun("reboot", "values-one", QUEUED, AT, "x1", EXPIRY)
    assert owed(waiting) == waiting


def test_trigger_is_due_by_itself_and_never_hides_the_text_of_the_last_run():
    ran = RecordedRun("reboot", "trigger:a", CONFIRMED, AT, "x1")
    steps = planned(queue_execute("trigger:b")).steps
    assert fold.owe_runs(device(runs={"reboot": ran}), steps, LATER).runs == {"reboot": ran}


def test_owed_run_keeps_the_uuid_of_an_older_one_that_still_waits():
    older = RecordedRun("reboot", "values-zero", QUEUED, AT, "x1", EXPIRY)
    assert owed(older) == replace(older, key="values-one", is_owed=True)


def test_finished_device_holds_its_digest_and_has_let_go():
    work = planned(releases=(ALARM, "/1/0/2"), on_removal={TEMPERATURE: OnRemoval("set", 0.0)})
    leaving = resource("/1/0/2", 0, delivery=QUEUED, is_leaving=True)
    done_leaving = resource(ALARM, 0.0, delivery=DeliveryState.EXPIRED, is_leaving=True)
    after = fold.finish(device(resource(), done_leaving, leaving), work)
    kept = {TEMPERATURE: resource(on_removal=OnRemoval("set", 0.0)), "/1/0/2": leaving}
    assert (after.digest, after.resources) == ("the document", kept)


def test_command_owed_for_a_change_that_was_taken_back_is_owed_no_more():
    owed = RecordedRun("reboot", "k", ACCEPTED, AT, is_owed=True)
    ran = RecordedRun("other", "k", CONFIRMED, AT)
    before = replace(device(), runs={"reboot": owed, "other": ran})
    assert fold.finish(before, planned()).runs == {"other": ran}
    assert fold.finish(before, replace(planned(), settles=None)).runs == before.runs


def test_resource_declared_again_while_leaving_is_managed_again():
    work = planned(on_removal={TEMPERATURE: OnRemoval()})
    assert not fold.begin(device(queued(0.0, is_leaving=True)), work, LATER).resources[TEMPERATURE].is_leaving


def test_write_that_may_have_landed_in_part_leaves_nothing_known():
    before = device(resource(confirmed=-20.0), resource(ALARM, confirmed=1.0))
    work = planned(write_now(), retries={TEMPERATURE: 2})
    after = fold.doubt(before, work, write_now(), LATER)
    tried = resource(write_now().writes[0].path, write_now().writes[0].value, delivery=DeliveryState.FAILED, retries=2)
    assert after.resources[TEMPERATURE] == replace(tried, accepted_at=LATER)
    assert after.resources[ALARM].confirmed == 1.0
    assert after.digest is None
    assert fold.doubt(device(), work, write_now(), LATER).resources == {TEMPERATURE: replace(tried, accepted_at=LATER)}


def test_execute_of_which_nobody_knows_never_runs_again_for_its_trigger():
    after = fold.surrender(device(), ExecuteNow(REBOOT, None, "reboot", "k", 25), LATER)
    assert after.runs["reboot"] == RecordedRun("reboot", "k", DeliveryState.FAILED, LATER)
    assert fold.surrender(device(), write_now(), LATER) == device()


def seen(delivery=None, **fields):
    queue = UNKNOWN if delivery is None else (ObservedCommand("u1", "write", delivery, confirmed_at=AT),)
    return replace(ObservedDevice(METER), queue=queue, **fields)


def test_confirmed_command_confirms_its_value():
    after = follow(device(queued()), seen(CONFIRMED), BY_PATH, LATER)
    confirmed = replace(queued(confirmed=-10.0, confirmed_at=AT, confirmed_by="command"), delivery=CONFIRMED)
    assert after == device(confirmed, last_uplink=AT)


def test_lost_command_takes_the_digest_with_it_once():
    lost = follow(device(queued()), seen(DeliveryState.EXPIRED), BY_PATH, LATER)
    assert (lost.digest, lost.resources[TEMPERATURE].delivery) == (None, DeliveryState.EXPIRED)
    again = follow(replace(lost, digest="new"), seen(DeliveryState.EXPIRED), BY_PATH, LATER)
    assert again.digest == "new"


def test_lost_run_takes_the_digest_with_it():
    run = RecordedRun("reboot", "k", QUEUED, AT, "u1", EXPIRY)
    after = follow(device(runs={"reboot": run}), seen(DeliveryState.EXPIRED), BY_PATH, LATER)
    assert (after.digest, after.runs["reboot"].delivery) == (None, DeliveryState.EXPIRED)


def test_unknown_queue_changes_nothing():
    assert follow(device(queued()), seen(), BY_PATH, LATER) == device(queued())


def test_delivered_value_that_was_to_be_left_behind_is_forgotten():
    assert follow(device(queued(is_leaving=True)), seen(CONFIRMED), BY_PATH, LATER).resources == {}


def test_reported_value_confirms_an_accepted_one_and_nothing_else():
    told = {"Brightness": ObservedResource(reported=60, reported_at=AT)}
    after = follow(device(resource("Brightness", 60)), seen(resources=told), BY_PATH, LATER)
    assert after.resources["Brightness"].delivery is CONFIRMED
    other = device(resource("Brightness", 61))
    assert follow(other, seen(resources=told), BY_PATH, LATER) == replace(other, last_uplink=AT)


def test_last_uplink_is_kept_when_this_look_did_not_tell():
    before = device(last_uplink=AT)
    assert follow(before, seen(), BY_PATH, LATER).last_uplink == AT
    assert follow(before, seen(last_uplink=LATER), BY_PATH, LATER).last_uplink == LATER
