"""What the emulated platform would push, read as a receiver would read it: it says what the calls say."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from onenet_rig import QUEUEING, SLEEPER, emulator, queue_write, run, send, settings, stamp_for

from reconcile.model.device import Identity
from reconcile.model.recorded import DeliveryState
from reconcile.platforms.onenet.push.messages import CommandEnded, PointArrived, PresenceChanged
from reconcile.platforms.onenet.push.receive import PushSettings, receive_classic
from reconcile.platforms.onenet.push.signature import signature
from reconcile.platforms.onenet.wire.requests import ReadLater

ASLEEP = Identity.of(imei=SLEEPER)


def received(desk, *, gathered):
    """Every push so far as messages, each in a body of its own or all in one."""
    pushes = [one for one in desk.control("pushes") if one.get("imei", SLEEPER) == SLEEPER]
    found = []
    for told in [pushes] if gathered else pushes:
        text = json.dumps(told)
        body = f'{{"msg":{text},"nonce":"abcdefgh","msg_signature":"{signature("token", "abcdefgh", text)}"}}'
        found += receive_classic(body.encode(), PushSettings("token"))
    return found


@pytest.mark.parametrize(("answer", "gathered"), [("no", False), ("yes", True)])
def test_pushes_of_a_device_say_what_became_of_its_commands(answer, gathered):
    """Switch push_ended: those that expired are pushed too, or only those that were confirmed."""
    with emulator({"push_ended": answer}) as desk:

        async def life(client):
            expired = (await send(client, queue_write(), SLEEPER, expire_after_s=20)).command_uuid
            await asyncio.to_thread(desk.advance, 30)
            written = (await send(client, queue_write(), SLEEPER)).command_uuid
            await client.learn_clock(ASLEEP)
            wanted = ReadLater("/3303/0/5603", 25, QUEUEING)
            read = await client.queue.read_later(SLEEPER, wanted, stamp_for(client))
            await asyncio.to_thread(desk.advance, 11)
            await asyncio.to_thread(desk.wake, SLEEPER, "register")
            await asyncio.to_thread(desk.wake, SLEEPER, "deregister")
            told = {one: (await client.queue.command(SLEEPER, one)).delivery for one in (expired, written, read)}
            return told, read, client.server_now()

        told, read, now = run(settings(desk.url), life)
        messages = received(desk, gathered=gathered)
        ended = {one.uuid: one for one in messages if isinstance(one, CommandEnded)}
        left_out = {} if answer == "yes" else {DeliveryState.EXPIRED}
        assert {uuid: one.delivery for uuid, one in ended.items()} == {
            uuid: delivery for uuid, delivery in told.items() if delivery not in left_out
        }
        assert ended[read].values == {"/3303/0/5603": -10.0}
        assert abs(ended[read].confirmed_at - now) < timedelta(seconds=5)
        assert [one.is_online for one in messages if isinstance(one, PresenceChanged)] == [True, False]
        points = [one for one in messages if isinstance(one, PointArrived)]
        assert [(one.sender.imei, one.path, one.value) for one in points] == [(SLEEPER, "/3303/0/5603", "-10.0")]
