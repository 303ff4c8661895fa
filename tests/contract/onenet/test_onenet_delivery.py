"""What became of a command: lost answers, cancel races, the history, the device's own values, expired tokens."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from onenet_rig import (
    IMEI,
    KEYS,
    REF,
    SLEEPER,
    STRANGER,
    Desk,
    PlantedSecrets,
    emulator,
    execute_now,
    queue_execute,
    queue_write,
    run,
    send,
    settings,
    stamp_for,
    write_now,
)

from reconcile.model.actions import CancelQueued, Write
from reconcile.model.device import Identity
from reconcile.model.errors import Conflict, InDoubt, NotSent, Refused
from reconcile.model.observed import Look
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import UNKNOWN, secret

ME, ASLEEP = Identity.of(imei=IMEI), Identity.of(imei=SLEEPER)
BOTH = [("studio", "classic"), ("current", "current")]


def mutations(desk: Desk) -> list[str]:
    return [entry["operation"] for entry in desk.log() if entry["mutating"]]


@pytest.mark.parametrize(
    "fault",
    [
        "drop_before_landing",
        "drop_answer_after_landing",
        "http_500_before",
        "http_500_after",
        "garbled_body",
        "truncated_body",
    ],
)
@pytest.mark.parametrize("action", [queue_write(), queue_execute(), write_now(), execute_now()], ids=lambda a: a.kind)
def test_an_answer_that_never_came_whole_is_in_doubt_and_is_not_sent_again(fault, action):
    with emulator() as desk:
        desk.fault(action.kind, fault)
        with pytest.raises(InDoubt):
            run(settings(desk.url), lambda client: send(client, action))
        assert mutations(desk) == [action.kind]


@pytest.mark.parametrize("reason", ["TIME_OUT", "RESP_ERROR", "INTERNAL_SERVER_ERROR", "ADDR_OCCUPIED"])
def test_device_side_failures_that_prove_nothing_are_in_doubt(reason):
    with emulator() as desk:
        desk.fault("write_now", f"errno:5106:{reason}")
        with pytest.raises(InDoubt) as doubt:
            run(settings(desk.url), lambda client: send(client, write_now()))
        assert doubt.value.vendor_code == f"5106 {reason}"


def test_sleeper_that_is_online_but_does_not_hear_is_in_doubt():
    with emulator() as desk, pytest.raises(InDoubt):
        run(settings(desk.url), lambda client: send(client, write_now(), SLEEPER))


def test_read_only_resource_is_refused_by_the_device():
    with emulator() as desk, pytest.raises(Refused) as refused:
        run(settings(desk.url), lambda client: send(client, write_now(Write("/3303/0/5700", 1.0))))
    assert refused.value.vendor_code == "5106 METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(("errno", "is_unreachable"), [("2001", True), ("5106:OFFLINE", True), ("5006", False)])
def test_refusals_say_whether_the_device_is_unreachable(errno, is_unreachable):
    with emulator() as desk:
        desk.fault("write_now", f"errno:{errno}")
        with pytest.raises(Refused) as refused:
            run(settings(desk.url), lambda client: send(client, write_now()))
        assert refused.value.is_unreachable is is_unreachable


def test_throttling_is_a_refusal_with_a_pause():
    with emulator() as desk:
        desk.fault("queue_write", "throttle")
        with pytest.raises(Refused) as refused:
            run(settings(desk.url), lambda client: send(client, queue_write()))
        assert refused.value.retry_after_s


def test_a_throttled_read_is_told_of():
    heard: list[str] = []
    with emulator() as desk:
        desk.fault("history", "throttle")
        made = replace(settings(desk.url), throttled=lambda: heard.append("history"))
        with pytest.raises(Refused):
            run(made, lambda client: client.list_commands(ME, datetime.now(UTC) - timedelta(hours=1)))
    assert heard == ["history"]


def test_slow_answer_is_in_doubt(monkeypatch):
    monkeypatch.setattr("reconcile.platforms.onenet.client.ANSWER_TIMEOUT_S", 0.2)
    with emulator() as desk:
        desk.fault("queue_write", "slow:1")
        with pytest.raises(InDoubt, match=r"within 0.2 s"):
            run(settings(desk.url), lambda client: send(client, queue_write()))


def test_nobody_listening_is_not_sent():
    async def straight(client):
        await client.send(ME, queue_write(), stamp_for(client))

    with pytest.raises(NotSent):
        run(settings("http://127.0.0.1:9"), straight)


def test_a_request_whose_deadline_passed_never_leaves():
    with emulator() as desk:
        past = datetime.now(UTC) - timedelta(seconds=30)
        with pytest.raises(NotSent):
            run(settings(desk.url), lambda client: send(client, write_now(), not_after=past))
        assert mutations(desk) == []


@pytest.mark.parametrize(("instant", "cached"), BOTH)
def test_waiting_command_is_withdrawn(instant, cached):
    with emulator() as desk:

        async def withdraw(client):
            queued = await send(client, queue_write(), SLEEPER)
            return await client.send(ASLEEP, CancelQueued(queued.command_uuid, ()), stamp_for(client))

        accepted = run(settings(desk.url, instant, cached), withdraw)
        assert accepted.evidence["status"] == "send_status 2"
        desk.advance(4000)
        assert desk.device(SLEEPER)["values"] == {}


def test_cancel_that_comes_too_late_is_a_conflict():
    with emulator() as desk:

        async def race(client):
            queued = await send(client, queue_write(), SLEEPER)
            await asyncio.to_thread(desk.advance, 11)
            await asyncio.to_thread(desk.wake, SLEEPER)
            await client.send(ASLEEP, CancelQueued(queued.command_uuid, ()), stamp_for(client))

        with pytest.raises(Conflict, match="SUCCESS"):
            run(settings(desk.url), race)


def test_cancel_refused_while_the_command_still_waits_is_a_refusal():
    with emulator({"cancel_after_valid_time": "refuse"}) as desk:

        async def late(client):
            queued = await send(client, queue_write(), SLEEPER)
            await asyncio.to_thread(desk.advance, 11)
            await client.send(ASLEEP, CancelQueued(queued.command_uuid, ()), stamp_for(client))

        with pytest.raises(Refused):
            run(settings(desk.url), late)


def test_cancel_whose_answer_was_lost_is_judged_by_the_command():
    with emulator() as desk:
        desk.fault("cancel", "drop_answer_after_landing")

        async def withdraw(client):
            queued = await send(client, queue_write(), SLEEPER)
            return await client.send(ASLEEP, CancelQueued(queued.command_uuid, ()), stamp_for(client))

        assert run(settings(desk.url), withdraw).evidence["status"] == "send_status 2"
        assert mutations(desk) == ["queue_write", "cancel"]


@pytest.mark.parametrize("negative", ["delivered", "failed"])
def test_a_device_that_refuses_a_cached_write_has_failed_it(negative):
    with emulator({"negative_answer": negative}) as desk:

        async def refused(client):
            uuid = (await send(client, queue_write(Write("/3303/0/5700", 1.0)))).command_uuid
            await asyncio.to_thread(desk.advance, 11)
            await asyncio.to_thread(desk.wake, IMEI)
            return (await client.observe(REF, ME, Look(uuids=(uuid,)))).command(uuid)

        command = run(settings(desk.url), refused)
        assert command.delivery is DeliveryState.FAILED
        assert "METHOD_NOT_ALLOWED" in command.evidence


@pytest.mark.parametrize(("instant", "cached"), BOTH)
def test_last_uplink_is_read_in_beijing_time(instant, cached):
    with emulator() as desk:
        desk.wake(IMEI, "notify")
        seen = run(settings(desk.url, instant, cached), lambda client: client.observe(REF, ME, Look(wants_uplink=True)))
        assert seen.is_online is True
        assert abs(seen.last_uplink - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_device_the_platform_does_not_know_is_a_problem():
    with emulator() as desk:
        stranger = Identity.of(imei=STRANGER)
        seen = run(settings(desk.url), lambda client: client.observe(REF, stranger, Look(wants_uplink=True)))
        assert seen.problem
        assert seen.last_uplink is UNKNOWN


UPLINK, REPORTED = Look(wants_uplink=True), Look(paths=("/3303/0/5603",), wants_reported=True)


@pytest.mark.parametrize(
    ("instant", "cached", "wrong", "look"),
    [
        ("studio", "classic", "masterKey", UPLINK),
        ("studio", "classic", "masterKey", REPORTED),
        ("studio", "classic", "accessKey", REPORTED),
        ("classic", "classic", "masterKey", UPLINK),
        ("current", "current", "accessKey", UPLINK),
        ("current", "current", "accessKey", REPORTED),
    ],
)
def test_keys_that_are_not_accepted_are_a_problem(instant, cached, wrong, look):
    """A plan that looks with wrong keys has to say so, even where it asks for nothing but the last contact."""
    with emulator() as desk:
        keys = KEYS | {wrong: "d3Jvbmcta2V5LXdyb25nLWtleS13cm9uZy1rZXk="}
        seen = run(settings(desk.url, instant, cached, keys=keys), lambda client: client.observe(REF, ME, look))
        assert seen.problem
        assert "d3Jv" not in seen.problem


def test_another_refusal_of_the_last_contact_leaves_it_unknown():
    with emulator() as desk:
        desk.fault("query_device", "errno:10")
        seen = run(settings(desk.url), lambda client: client.observe(REF, ME, UPLINK))
        assert seen.problem is None
        assert seen.last_uplink is UNKNOWN


@pytest.mark.parametrize(("instant", "cached"), [*BOTH, ("classic", "classic")])
def test_reported_values_are_read_one_call_an_instance(instant, cached):
    paths = ("/3303/0/5603", "/3303/0/5604", "/19/0/0", "/3/0/13")
    with emulator() as desk:
        look = Look(paths=paths, wants_reported=True)
        seen = run(settings(desk.url, instant, cached), lambda client: client.observe(REF, ME, look))
        values = {path: resource.reported for path, resource in seen.resources.items()}
        assert values == {
            "/3303/0/5603": -20.0,
            "/3303/0/5604": 60.0,
            "/19/0/0": [0x0A, 0x1B],
            "/3/0/13": 1700000000000,
        }
        assert [entry["operation"] for entry in desk.log()].count("read_now") == 3


def test_device_that_does_not_answer_a_read_leaves_its_values_unknown():
    with emulator() as desk:
        look = Look(paths=("/3303/0/5603",), wants_reported=True)
        seen = run(settings(desk.url), lambda client: client.observe(REF, ASLEEP, look))
        assert seen.problem is None
        assert seen.resources == {}


def test_server_clock_is_learned_from_the_date_header():
    with emulator() as desk:
        desk.advance(7200)

        async def learn(client):
            await client.learn_clock(ME)
            return client.server_now()

        assert abs(run(settings(desk.url), learn) - datetime.now(UTC) - timedelta(hours=2)) < timedelta(seconds=3)


def test_token_that_had_expired_by_the_servers_clock_is_signed_again_once():
    with emulator() as desk:
        desk.advance(7200)
        made = settings(desk.url, "current", "current", keys={"accessKey": KEYS["accessKey"]})
        seen = run(made, lambda client: client.observe(REF, ME, Look(wants_queue=True)))
        assert seen.problem is None
        assert [entry["operation"] for entry in desk.log()] == ["history", "history"]


def test_instant_write_is_not_signed_again_beyond_its_journaled_deadline():
    with emulator() as desk:
        desk.advance(7200)

        async def behind(client):
            until = client.server_now() + timedelta(seconds=40)
            await client.send(ME, write_now(), stamp_for(client, not_after=until))

        with pytest.raises(Refused):
            run(settings(desk.url, "current", "current"), behind)
        assert mutations(desk) == ["write_now"]


def test_token_dies_with_the_deadline_of_its_request():
    with emulator() as desk:

        async def soon(client):
            await client.learn_clock(ME)
            until = client.server_now() + timedelta(seconds=8)
            await client.send(ME, write_now(), stamp_for(client, not_after=until))
            return until

        until = run(settings(desk.url), soon)
        assert [e["precondition"]["et"] for e in desk.log() if e["mutating"]] == [int(until.timestamp())]


def test_secret_reaches_the_device_and_no_message():
    marker = secret("env", "METER_PIN")
    with emulator() as desk:
        run(settings(desk.url), lambda client: send(client, queue_write(Write("/3303/0/9000", marker)), SLEEPER))
        desk.advance(11)
        desk.wake(SLEEPER)
        assert desk.device(SLEEPER)["values"]["/3303/0/9000"] == PlantedSecrets.text

    with emulator() as desk, pytest.raises(Refused) as refused:
        run(settings(desk.url), lambda client: send(client, write_now(Write("/3303/0/5603", marker, "opaque"))))
    assert PlantedSecrets.text not in str(refused.value)


def test_every_request_waits_for_its_turn():
    turns = []

    async def pace():
        turns.append(1)

    with emulator() as desk:

        async def calls(client):
            await send(client, queue_write())
            await client.observe(REF, ME, Look(wants_queue=True, wants_uplink=True))

        run(settings(desk.url, pace=pace), calls)
        assert len(turns) == len(desk.log())


def test_reason_that_is_not_named_is_in_doubt():
    with emulator({"error_text": "bare"}) as desk, pytest.raises(InDoubt) as doubt:
        run(settings(desk.url), lambda client: send(client, write_now(Write("/3303/0/5700", 1.0))))
    assert doubt.value.vendor_code == "5106"


@pytest.mark.parametrize(("limit", "outcome"), [("refuse", Refused), ("evict", None)])
def test_eleventh_cached_command_is_refused_or_taken_as_the_platform_says(limit, outcome):
    with emulator({"cached_limit": limit}) as desk:

        async def eleven(client):
            for _ in range(10):
                await send(client, queue_write(), SLEEPER)
            return await send(client, queue_write(), SLEEPER)

        if outcome is None:
            assert run(settings(desk.url), eleven).command_uuid
        else:
            with pytest.raises(outcome, match="10 cached commands"):
                run(settings(desk.url), eleven)


@pytest.mark.parametrize("between", ["wait", "sent"])
def test_command_between_two_attempts_is_still_open(between):
    with emulator({"between_retries": between}) as desk:
        desk.fault("deliver", "device_silent")

        async def retried(client):
            uuid = (await send(client, queue_write())).command_uuid
            await asyncio.to_thread(desk.advance, 11)
            await asyncio.to_thread(desk.wake, IMEI)
            return (await client.observe(REF, ME, Look(uuids=(uuid,)))).command(uuid)

        assert run(settings(desk.url), retried).delivery.is_open


def test_rejected_valid_time_does_not_queue_anything():
    with emulator() as desk:
        with pytest.raises((InDoubt, Refused)):
            run(settings(desk.url), lambda client: send(client, queue_write(), valid_after_s=-5))
        assert desk.device()["queue"] == []
