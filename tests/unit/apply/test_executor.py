"""What is sent, in which order, how often, and what is known before and after."""

import asyncio
from datetime import timedelta

import pytest
from apply_fakes import (
    ADOPTED,
    ALARM,
    CONFLICT,
    DONE,
    IDENTITY,
    IN_DOUBT,
    INFLIGHT,
    LANE,
    METER,
    NEEDS_OPERATOR,
    NOT_LANDED,
    REBOOT,
    REFUSED,
    TEMPERATURE,
    Bench,
    planned,
    queue_execute,
    queue_write,
    run,
    set_desired,
    write_now,
)

from reconcile.apply.events import Attempted, Blocked, LaneStopped, Recorded
from reconcile.apply.recover import Recovery, recover
from reconcile.model.actions import CancelQueued, ExecuteNow, SetDesired, Write
from reconcile.model.device import DeviceRef
from reconcile.model.errors import CallFailed, Conflict, InDoubt, LeaseHeld, NotSent, Refused
from reconcile.model.observed import ObservedCommand, ObservedResource
from reconcile.model.recorded import DeliveryState, RecordedRun
from reconcile.model.values import ABSENT
from reconcile.testing.builders import AT, recorded, resource

LOST = InDoubt("the connection was lost")
THROTTLED = Refused("too fast", retry_after_s=2.0)


def lands(then=LOST, copies=1):
    """The command is queued, and the answer lost."""

    def send(client, action, stamp):
        for number in range(copies):
            client.land(action, stamp, uuid=f"copy-{number}")
        return then

    return send


def meters(count, *actions):
    return [planned(*actions, ref=DeviceRef(LANE, f"meter-{n:04}")) for n in range(count)]


def test_nothing_is_sent_before_its_inflight_is_durable():
    bench = Bench(*meters(20, queue_write(), queue_execute()))
    assert bench.execute().is_complete
    begun = sent = 0
    for entry in bench.log:
        begun += entry[0] == "INFLIGHT"
        sent += entry[0] == "sent"
        assert sent <= begun
    assert sent == 40


def test_inflight_carries_what_makes_its_outcome_decidable():
    bench = Bench(planned(queue_write(), set_desired()))
    bench.execute()
    first = bench.store.entries[0]
    _, stamp = bench.client.sent[0]
    assert (first.state, first.deadline, first.marker) == (INFLIGHT, stamp.not_after, stamp.expires_at)
    assert (first.fence, first.lane, first.target) == (7, LANE, TEMPERATURE)
    second = next(e for e in bench.store.entries if e.operation == "set_desired")
    assert second.precondition == {"versions": {"Brightness": 4}}


def test_success_settles_the_device_in_the_transaction_of_its_last_step():
    bench = Bench(planned(queue_write(), queue_write(45.0, ALARM)))
    tally = bench.execute()
    assert (tally.states, tally.finished, tally.is_complete) == ({DONE: 2}, 1, True)
    assert bench.record.digest == "the document"
    assert bench.store.consumed == "sha256:plan@1"
    assert not bench.store.opened


def test_steps_of_a_device_go_in_order_and_two_commands_never_share_an_expiry():
    bench = Bench(planned(*(queue_write(float(n), f"/3303/{n}/5603") for n in range(5))))
    bench.execute()
    assert [action.writes[0].value for action, _ in bench.client.sent] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert len({stamp.expires_at for _, stamp in bench.client.sent}) == 5


def test_device_without_requests_is_only_recorded():
    bench = Bench(planned(releases=(ALARM,)), recorded=[recorded("meter-0001", resource(ALARM), identity=IDENTITY)])
    bench.execute()
    assert (bench.record.resources, bench.record.digest) == ({}, "the document")
    assert bench.events == [Recorded(METER)]


def test_device_that_left_is_forgotten():
    bench = Bench(planned(is_released=True), recorded=[recorded("meter-0001")])
    bench.execute()
    assert METER not in bench.store.records


def test_not_sent_goes_again_after_a_pause():
    bench = Bench(planned(queue_execute()), queue_execute=[NotSent("refused"), NotSent("refused"), None])
    assert bench.execute().is_complete
    assert bench.states() == [INFLIGHT, NOT_LANDED, INFLIGHT, NOT_LANDED, INFLIGHT, DONE]
    assert bench.pauses == [1.0, 2.0]


def test_not_sent_gives_up_after_four_attempts():
    bench = Bench(planned(queue_execute()), queue_execute=[NotSent("refused")])
    tally = bench.execute()
    assert len(bench.client.sent) == 4
    assert (tally.states, tally.is_complete, bench.store.consumed) == ({NOT_LANDED: 1}, False, None)
    assert bench.record.runs["reboot"].is_owed


def test_throttled_waits_as_long_as_it_was_told_and_goes_again():
    bench = Bench(planned(set_desired()), set_desired=[THROTTLED, None])
    assert bench.execute().is_complete
    assert bench.states() == [INFLIGHT, REFUSED, INFLIGHT, DONE]
    assert bench.pauses == [2.0]


def test_refused_is_not_repeated_and_stops_only_what_depends_on_it():
    steps = planned(queue_write(), queue_write(45.0, ALARM), queue_execute(), after={3: [1]})
    bench = Bench(steps, queue_write=[Refused("no permission"), None])
    tally = bench.execute()
    assert tally.states == {REFUSED: 1, DONE: 1}
    assert tally.blocked == 1
    assert Blocked(METER, "meter-0001-s3", "queue_execute") in bench.events
    assert list(bench.record.resources) == [ALARM]
    assert bench.record.digest is None


def test_unreachable_device_is_remembered():
    bench = Bench(planned(write_now()), write_now=[Refused("offline", unreachable=True)])
    bench.execute()
    assert bench.record.unreachable_at is not None


def test_refused_write_of_several_resources_leaves_nothing_known_of_them():
    both = write_now(Write(TEMPERATURE, -10.0), Write(ALARM, 45.0))
    before = recorded("meter-0001", resource(TEMPERATURE, -20.0, confirmed=-20.0), identity=IDENTITY)
    bench = Bench(planned(both), recorded=[before], write_now=[Refused("5106")])
    bench.execute()
    assert bench.record.resources[TEMPERATURE].confirmed is ABSENT
    assert bench.record.resources[TEMPERATURE].delivery is DeliveryState.FAILED


def test_conflict_is_never_overwritten():
    bench = Bench(planned(set_desired()), set_desired=[Conflict("at 7, expected 4")])
    assert bench.execute().states == {CONFLICT: 1}
    assert len(bench.client.sent) == 1
    assert bench.record.resources == {}


# In doubt.


@pytest.mark.parametrize("action", [queue_write(), queue_execute()], ids=["write", "execute"])
def test_lost_answer_of_a_queued_command_is_found_by_its_expiry(action):
    bench = Bench(planned(action), **{action.kind: [lands()]})
    assert bench.execute().is_complete
    assert bench.states() == [INFLIGHT, IN_DOUBT, ADOPTED]
    assert len(bench.client.sent) == 1
    uuids = {r.command_uuid for r in (*bench.record.resources.values(), *bench.record.runs.values())}
    assert uuids == {"copy-0"}


@pytest.mark.parametrize("action", [queue_write(), queue_execute()], ids=["write", "execute"])
def test_command_that_is_not_listed_goes_again_only_after_no_copy_can_land(action):
    bench = Bench(planned(action), **{action.kind: [LOST, None]})
    assert bench.execute().is_complete
    assert bench.states() == [INFLIGHT, IN_DOUBT, NOT_LANDED, INFLIGHT, DONE]
    (_, first), (_, second) = bench.client.sent
    assert second.server_now > first.not_after + timedelta(seconds=3)
    assert second.expires_at != first.expires_at


def test_copy_that_lands_late_is_found_before_anything_goes_again():
    def send(client, action, stamp):
        def later():
            client.land(action, stamp)

        asyncio.get_running_loop().call_later(59, later)
        return LOST

    bench = Bench(planned(queue_execute()), queue_execute=[send])
    assert bench.execute().is_complete
    assert len(bench.client.sent) == 1


def test_slow_answer_of_a_list_asked_for_in_time_proves_nothing():
    """The list was read before the last copy landed, and answered after: only a later question may decide."""

    def send(client, action, stamp):
        asyncio.get_running_loop().call_later(59, client.land, action, stamp)
        return LOST

    bench = Bench(planned(queue_execute()), queue_execute=[send])

    async def slow_list(_identity, _since):
        seen = tuple(bench.client.queue)
        await asyncio.sleep(70)
        return seen

    bench.client.list_commands = slow_list
    assert bench.execute().is_complete
    assert len(bench.client.sent) == 1


def test_further_copies_are_withdrawn():
    bench = Bench(planned(queue_write()), queue_write=[lands(copies=3)])
    assert bench.execute().is_complete
    assert [a.uuid for a, _ in bench.client.sent if isinstance(a, CancelQueued)] == ["copy-1", "copy-2"]


def test_list_that_cannot_be_read_leaves_the_attempt_in_doubt_in_bounded_time():
    bench = Bench(planned(queue_execute(), queue_write()), queue_execute=[LOST])
    bench.client.queue = CallFailed("no answer")
    tally = bench.execute()
    assert (tally.in_doubt, tally.blocked, tally.is_complete) == (1, 1, False)
    assert len(bench.client.sent) == 1
    assert [one.entry.state for one in bench.store.open_attempts()] == [IN_DOUBT]


def test_lost_set_that_landed_is_adopted_with_its_version():
    bench = Bench(planned(set_desired()), set_desired=[LOST])
    bench.client.resources = {"Brightness": ObservedResource(cloud=60, version=5)}
    assert bench.execute().is_complete
    assert bench.states() == [INFLIGHT, IN_DOUBT, ADOPTED]
    assert bench.record.resources["Brightness"].version == 5


def test_lost_set_that_did_not_land_goes_again_with_the_same_versions():
    bench = Bench(planned(set_desired()), set_desired=[LOST, None])
    bench.client.resources = {"Brightness": ObservedResource(cloud=5, version=4)}
    assert bench.execute().is_complete
    assert [action for action, _ in bench.client.sent] == [set_desired(), set_desired()]


def test_lost_set_with_moved_version_is_a_conflict():
    bench = Bench(planned(set_desired()), set_desired=[LOST])
    bench.client.resources = {"Brightness": ObservedResource(cloud=9, version=6)}
    assert bench.execute().states == {CONFLICT: 1}
    assert len(bench.client.sent) == 1


def test_lost_instant_write_that_the_device_reports_is_adopted():
    bench = Bench(planned(write_now()), write_now=[LOST])
    bench.client.resources = {TEMPERATURE: ObservedResource(reported=-10.0)}
    assert bench.execute().is_complete
    assert bench.record.resources[TEMPERATURE].delivery is DeliveryState.CONFIRMED


def test_lost_instant_write_goes_again_only_after_its_token_expired():
    bench = Bench(planned(write_now()), write_now=[LOST, None])
    bench.client.resources = {TEMPERATURE: ObservedResource(reported=-20.0)}
    assert bench.execute().is_complete
    (_, first), (_, second) = bench.client.sent
    assert second.server_now > first.not_after


def test_lost_instant_execute_is_never_sent_again_and_waits_for_a_person():
    action = ExecuteNow(REBOOT, None, "reboot", "k", 25)
    bench = Bench(planned(action), execute_now=[LOST])
    assert bench.execute().states == {NEEDS_OPERATOR: 1}
    assert len(bench.client.sent) == 1
    assert bench.record.runs["reboot"] == RecordedRun("reboot", "k", DeliveryState.FAILED, AT)


@pytest.mark.parametrize(
    ("listed", "states"),
    [
        (DeliveryState.CANCELLED, [INFLIGHT, IN_DOUBT, ADOPTED]),
        (DeliveryState.CONFIRMED, [INFLIGHT, IN_DOUBT, CONFLICT]),
    ],
)
def test_lost_withdrawal_is_judged_by_the_command(listed, states):
    bench = Bench(planned(CancelQueued("u1", (TEMPERATURE,)), queue_write(), after={2: [1]}), cancel_queued=[LOST])
    bench.client.queue = [ObservedCommand("u1", "write", listed)]
    bench.execute()
    assert bench.states() == states
    newer = [action for action, _ in bench.client.sent if action.kind == "queue_write"]
    assert len(newer) == (states[-1] is ADOPTED)


def test_blocked_run_does_not_forget_an_older_one_that_still_waits():
    older = RecordedRun("reboot", "values-zero", DeliveryState.QUEUED, AT, "x1")
    record = recorded("meter-0001", identity=IDENTITY, runs={"reboot": older})
    steps = planned(CancelQueued("x1", (REBOOT,)), queue_write(), queue_execute(), after={3: [1, 2]})
    bench = Bench(steps, recorded=[record], cancel_queued=[Refused("no")])
    bench.execute()
    assert bench.record.runs["reboot"].command_uuid == "x1"
    assert bench.record.runs["reboot"].is_owed


@pytest.mark.parametrize(
    "outcomes",
    [
        [LOST, LOST, LOST, LOST],
        [NotSent("a"), LOST, THROTTLED, None],
        [lands()],
        [THROTTLED, lands()],
        [LOST, lands(), None],
        [Refused("no"), None],
        [Conflict("no"), None],
    ],
)
def test_execute_never_lands_twice(outcomes):
    """Every answer without proof is followed by a look; what landed is never sent again."""
    landed = []

    def counting(outcome):
        def send(client, action, stamp):
            result = outcome(client, action, stamp) if not isinstance(outcome, Exception | None) else outcome
            landed.extend([stamp] * (result is None or not isinstance(outcome, Exception | None)))
            return result

        return send

    bench = Bench(planned(queue_execute()), queue_execute=[counting(outcome) for outcome in outcomes])
    bench.execute()
    assert len(landed) <= 1
    assert len(bench.client.sent) <= 4


# A whole lane.


def test_lane_stops_after_trouble_in_a_row_and_leaves_the_rest():
    bench = Bench(*meters(200, set_desired()), width=4, set_desired=[NotSent("refused")])
    tally = bench.execute()
    assert [type(event) for event in bench.events].count(LaneStopped) == 1
    assert tally.states[NOT_LANDED] < 35
    assert tally.not_begun == 200 - tally.states[NOT_LANDED]
    assert bench.store.consumed is None


def test_refusals_of_single_devices_do_not_stop_the_lane():
    bench = Bench(*meters(60, set_desired()), set_desired=[Refused("no such property")])
    assert bench.execute().states == {REFUSED: 60}


def test_devices_that_are_silent_do_not_stop_the_lane():
    """The cloud answered every time, and said that the device did not."""
    bench = Bench(*meters(60, write_now()), write_now=[InDoubt("no answer", vendor_code="5108")])
    assert bench.execute().states == {NOT_LANDED: 60}


@pytest.mark.parametrize(
    "failure", [LOST, InDoubt("bad gateway", vendor_code="HTTP 502"), Refused("unknown key", account_wide=True)]
)
def test_an_account_that_answers_nobody_or_refuses_the_keys_stops(failure):
    bench = Bench(*meters(200, write_now()), write_now=[failure])
    tally = bench.execute()
    assert tally.not_begun > 60
    assert [type(event) for event in bench.events].count(LaneStopped) == 1


def test_a_device_that_may_not_be_begun_any_more_stays_as_it_was_and_one_that_was_goes_on():
    stopped = set()
    both = planned(queue_write(), queue_write(45.0, ALARM), after={2: [1]})
    bench = Bench(both, *meters(3, queue_write())[1:], width=1)
    bench.may_begin = lambda device: device.ref not in stopped
    bench.on_event = lambda _event: stopped.update(device.ref for device in bench.plan.devices)
    tally = bench.execute()
    assert (tally.states, tally.not_begun) == ({DONE: 2}, 2)
    assert len(bench.client.sent) == 2
    assert not tally.is_complete


def test_stop_finishes_what_is_on_its_way_and_begins_nothing_new():
    bench = Bench(*meters(50, queue_write(), queue_write(45.0, ALARM)), width=2)

    def stop(event):
        if isinstance(event, Attempted):
            bench.stop.set()

    bench.on_event = stop
    tally = bench.execute()
    assert len(bench.client.sent) <= 3
    assert tally.not_begun + tally.finished + len({step.step for step in bench.store.entries}) >= 50
    assert not bench.store.opened


def test_stop_ends_the_wait_for_an_answer_in_doubt():
    bench = Bench(planned(queue_execute()), queue_execute=[LOST])
    bench.on_event = lambda _event: bench.stop.set()
    assert bench.execute().in_doubt == 1
    assert bench.client.looks == 1


def test_stop_leaves_an_answer_that_takes_too_long_to_the_next_run():
    bench = Bench(planned(write_now(), queue_write()))

    async def silent(_identity, _action, _stamp):
        bench.stop.set()
        await asyncio.sleep(40)

    bench.client.send = silent
    tally = bench.execute()
    assert (tally.in_doubt, tally.blocked) == (1, 1)
    assert [one.entry.state for one in bench.store.open_attempts()] == [INFLIGHT]


def test_stop_gives_up_a_look_that_takes_too_long():
    bench = Bench(planned(queue_execute()), queue_execute=[LOST])

    async def silent(_identity, _since):
        bench.stop.set()
        await asyncio.sleep(40)

    bench.client.list_commands = silent
    assert bench.execute().in_doubt == 1
    assert [one.entry.state for one in bench.store.open_attempts()] == [IN_DOUBT]


def test_lost_lease_stops_everything_at_once():
    bench = Bench(*meters(20, queue_write()))
    bench.on_event = lambda _event: setattr(bench.store, "failing", LeaseHeld("taken over"))
    with pytest.raises(LeaseHeld):
        bench.execute()
    assert bench.store.consumed is None


def test_steps_that_an_earlier_run_did_are_not_done_again():
    bench = Bench(planned(queue_write(), queue_write(45.0, ALARM)), done={"meter-0001-s1": ADOPTED})
    assert bench.execute().is_complete
    assert [action.writes[0].path for action, _ in bench.client.sent] == [ALARM]
    assert bench.record.digest == "the document"


def test_device_whose_steps_are_all_done_is_only_finished():
    bench = Bench(planned(queue_write()), done={"meter-0001-s1": DONE})
    assert bench.execute().is_complete
    assert bench.client.sent == []
    assert bench.record.digest == "the document"


# Recovery at the next start.


def killed(bench, after_send=True):
    """The state a process leaves that dies right before, or right after, its first request."""

    async def play():
        bench.client.send = die
        with pytest.raises(asyncio.CancelledError):
            await bench._execute()

    original = bench.client.send

    async def die(identity, action, stamp):
        if after_send:
            await original(identity, action, stamp)
        raise asyncio.CancelledError

    run(play)
    bench.client.send = original


def recovered(bench):
    async def play():
        return await recover(
            Recovery(bench.store, {LANE: bench.lane()}, bench.events.append, lambda: AT, asyncio.Event())
        )

    return run(play)


def test_inflight_of_a_dead_process_is_settled_by_asking():
    bench = Bench(planned(queue_execute()), queue_execute=[lands(then=None)])
    killed(bench)
    assert [one.entry.state for one in bench.store.open_attempts()] == [INFLIGHT]
    assert recovered(bench) == 0
    assert bench.record.runs["reboot"].command_uuid == "copy-0"
    assert not bench.record.runs["reboot"].is_owed
    assert bench.states()[-1] is ADOPTED
    assert len(bench.client.sent) == 1


def test_inflight_that_never_left_is_proven_and_stays_owed():
    bench = Bench(planned(queue_execute()))
    killed(bench, after_send=False)
    assert recovered(bench) == 0
    assert bench.states()[-1] is NOT_LANDED
    assert bench.record.runs["reboot"].is_owed
    assert bench.client.sent == []


def test_clock_of_the_cloud_is_learned_before_a_deadline_is_judged():
    bench = Bench(planned(queue_execute()))
    killed(bench, after_send=False)
    bench.log.clear()
    recovered(bench)
    assert bench.log[0] == ("clock",)


def test_case_for_a_person_blocks_nobody_and_is_told_each_time():
    bench = Bench(planned(ExecuteNow(REBOOT, None, "reboot", "k", 25)))
    killed(bench)
    for _ in range(2):
        bench.events.clear()
        assert recovered(bench) == 0
        assert [event.state for event in bench.events] == [NEEDS_OPERATOR]
        assert [one.entry.state for one in bench.store.open_attempts()] == [NEEDS_OPERATOR]
    assert bench.record.runs["reboot"] == RecordedRun("reboot", "k", DeliveryState.FAILED, AT)


def test_moved_set_of_a_dead_process_is_a_conflict_and_the_device_is_planned_anew():
    bench = Bench(planned(SetDesired((Write("Brightness", 60),), (("Brightness", 4),))))
    killed(bench, after_send=False)
    bench.client.resources = {"Brightness": ObservedResource(cloud=9, version=8)}
    assert recovered(bench) == 0
    assert bench.states()[-1] is CONFLICT
    assert bench.record.digest is None


def test_device_that_is_silent_at_the_next_start_is_not_called_again_before_it_was_heard_of():
    bench = Bench(planned(write_now()))
    killed(bench, after_send=False)
    assert recovered(bench) == 0
    assert bench.states()[-1] is NOT_LANDED
    assert bench.record.unreachable_at is not None


@pytest.mark.parametrize("tries", [0, 2])
def test_a_write_whose_sender_died_does_not_count_as_a_try_that_the_device_failed(tries):
    bench = Bench(planned(write_now(), retries={TEMPERATURE: tries} if tries else {}))
    killed(bench, after_send=False)
    assert recovered(bench) == 0
    assert bench.record.resources[TEMPERATURE].retries == max(0, tries - 1)
