"""The list of a device's cached commands: how far each got, page by page, and what is missing from it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from onenet_rig import IMEI, REF, SLEEPER, emulator, queue_execute, queue_write, run, send, settings, stamp_for

from reconcile.model.actions import CancelQueued
from reconcile.model.device import Identity
from reconcile.model.observed import Look
from reconcile.model.recorded import DeliveryState

ME, ASLEEP = Identity.of(imei=IMEI), Identity.of(imei=SLEEPER)
BOTH = [("studio", "classic"), ("current", "current")]


@pytest.mark.parametrize(("instant", "cached"), BOTH)
@pytest.mark.parametrize("switches", [{}, {"g3_envelope": "code"}, {"remain_type": "string"}], ids=str)
def test_history_tells_how_far_each_command_got(instant, cached, switches):
    with emulator(switches) as desk:

        async def life(client):
            delivered = (await send(client, queue_write(), SLEEPER)).command_uuid
            await asyncio.to_thread(desk.advance, 11)
            await asyncio.to_thread(desk.wake, SLEEPER)
            cancelled = (await send(client, queue_write(), SLEEPER)).command_uuid
            await client.send(ASLEEP, CancelQueued(cancelled, ()), stamp_for(client))
            expired = (await send(client, queue_execute(), SLEEPER, expire_after_s=20)).command_uuid
            await asyncio.to_thread(desk.advance, 30)
            waiting = (await send(client, queue_execute(), SLEEPER)).command_uuid
            seen = await client.observe(REF, ASLEEP, Look(wants_queue=True))
            return {command.uuid: (command.operation, command.delivery) for command in seen.queue}, (
                delivered,
                cancelled,
                expired,
                waiting,
            )

        seen, uuids = run(settings(desk.url, instant, cached), life)
        assert [seen[uuid] for uuid in uuids] == [
            ("write", DeliveryState.CONFIRMED),
            ("write", DeliveryState.CANCELLED),
            ("execute", DeliveryState.EXPIRED),
            ("execute", DeliveryState.QUEUED),
        ]


def test_command_missing_from_a_lagging_list_is_asked_for_by_uuid():
    with emulator() as desk:
        desk.control("faults", {"rules": [{"match": {"operation": "history"}, "fault": "history_lag:60"}]})

        async def look(client):
            uuid = (await send(client, queue_write())).command_uuid
            return uuid, await client.observe(REF, ME, Look(wants_queue=True, uuids=(uuid,)))

        uuid, seen = run(settings(desk.url), look)
        assert seen.command(uuid).delivery is DeliveryState.QUEUED
        assert seen.problem is None


def test_listed_commands_carry_their_expiry_as_marker():
    with emulator() as desk:

        async def listed(client):
            since = client.server_now()
            stamp = stamp_for(client)
            accepted = await client.send(ME, queue_execute(), stamp)
            return accepted.command_uuid, stamp, await client.list_commands(ME, since - timedelta(seconds=5))

        uuid, stamp, commands = run(settings(desk.url), listed)
        assert [(command.uuid, command.marker) for command in commands] == [
            (uuid, stamp.expires_at.replace(microsecond=0))
        ]


@pytest.mark.parametrize("answer", ["5108", "empty"])
def test_uuid_nobody_knows_is_a_command_that_is_missing(answer):
    with emulator({"unknown_command": answer}) as desk:
        seen = run(settings(desk.url), lambda client: client.observe(REF, ME, Look(uuids=("no-such-uuid",))))
        assert seen.problem is None
        assert seen.command("no-such-uuid").delivery is DeliveryState.MISSING


def test_an_error_under_the_same_number_says_nothing_of_the_command():
    """5108 is an invalid parameter, or an error of the platform's own calls: then nothing may be queued anew."""
    with emulator() as desk:
        desk.fault("detail", "errno:5108:rpc response error")
        seen = run(settings(desk.url), lambda client: client.observe(REF, ME, Look(uuids=("no-such-uuid",))))
        assert "rpc response error" in seen.problem
        assert seen.command("no-such-uuid") is None


@pytest.mark.parametrize(("answer", "own_page"), [("cap_30", 100), ("refuse", 7)])
def test_more_commands_than_a_page_are_all_listed_once(answer, own_page, monkeypatch):
    """Also where the platform's pages are shorter than those that were asked for."""
    monkeypatch.setattr("reconcile.platforms.onenet.wire.queue_requests.HISTORY_PAGE", own_page)
    with emulator({"long_pages": answer}) as desk:

        async def many(client):
            await client.learn_clock(ASLEEP)
            sent = []
            for number in range(35):
                if number % 10 == 9:  # those that wait must never be more than ten
                    await asyncio.to_thread(desk.advance, 60)
                    await client.learn_clock(ASLEEP)
                stamp = stamp_for(client, expire_after_s=30)
                sent.append((await client.send(ASLEEP, queue_write(), stamp)).command_uuid)
            return sent, await client.observe(REF, ASLEEP, Look(wants_queue=True))

        sent, seen = run(settings(desk.url, "current", "current"), many)
        assert [command.uuid for command in seen.queue] == sent
