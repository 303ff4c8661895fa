"""Servers that misbehave: each misfortune has one class."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from reconcile.model.actions import CancelQueued, Queueing, QueueWrite, Write
from reconcile.model.desired import WriteMode
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.diagnostic import NOWHERE
from reconcile.model.errors import CallFailed, InDoubt, NotSent, Refused
from reconcile.model.observed import Look
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import UNKNOWN
from reconcile.platforms.onenet import PLATFORM
from reconcile.ports import ClientSettings, PlatformConfig, Stamp

ME = Identity.of(imei="865820031234567")
DONE = b'{"errno":0,"error":"succ","data":{"uuid":"u-1"}}'
UNTOLD = b'{"errno":0,"data":{"total_count":1,"items":[{"cmd_uuid":"u-1","type":"WRITE","send_status":8}]}}'
WRITE = QueueWrite("/3/0", (Write("/3/0/1", "planted-value"),), WriteMode.UPDATE, 25, Queueing(60, 600, 3, ("update",)))


class Keys:
    def get(self, name):
        return "planted-master-key"

    def issue(self) -> int:
        return 1

    def renew(self, refused: int) -> bool:
        return False

    def resolve(self, marker):
        raise AssertionError(marker)


async def no_pace():
    pass


def client_at(url):
    spec = {"cached": {"api": "classic"}, "instant": {"api": "classic"}, "credentials": {"masterKey": {"env": "M"}}}
    config = PlatformConfig("p", "onenet", spec, 1.0, NOWHERE)
    return PLATFORM.open(ClientSettings(config, Keys(), Keys(), url, no_pace, lambda: datetime.now(UTC), lambda: "n"))


def answer(body=DONE, status="200 OK", *headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


TRUNCATED = answer()[:-9]


@asynccontextmanager
async def server(*replies):
    """Answers the n-th request with the n-th reply (the last one for ever), then hangs up where it is None."""
    seen = []

    async def serve(reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                seen.append(head + await reader.readexactly(length))
                reply = replies[min(len(seen), len(replies)) - 1]
                if reply is None:
                    break
                writer.write(reply)
                await writer.drain()
                if reply == TRUNCATED:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    client = client_at(f"http://127.0.0.1:{port}")
    try:
        yield client, seen
    finally:
        await client.close()
        listening.close()
        await listening.wait_closed()


def stamp(client):
    now = client.server_now()
    return Stamp(now, now + timedelta(seconds=60), now + timedelta(seconds=600))


def outcome(action, *replies):
    """What `send` made of it, and the requests that were made."""

    async def once():
        async with server(*replies) as (client, seen):
            try:
                return await client.send(ME, action, stamp(client)), seen
            except CallFailed as failed:
                return failed, seen

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answer(b"", "302 Found", "Location: http://127.0.0.1:9/"), InDoubt),
        (answer(b"no", "403 Forbidden"), Refused),
        (answer(b"", "429 Too Many Requests"), Refused),
        (answer(DONE, "500 Internal Server Error"), InDoubt),
        (answer(DONE, "502 Bad Gateway"), InDoubt),
        (answer(b"<html>"), InDoubt),
        (answer(b'{"errno":0,"error":"succ"}'), InDoubt),
        (answer(b'{"errno":0,"error":"succ","data":{"uuid":7}}'), InDoubt),
        (TRUNCATED, InDoubt),
        (answer(b"x" * 5_000_000), InDoubt),
        (answer(b"not gzip", "200 OK", "Content-Encoding: gzip"), InDoubt),
        (b"SSH-2.0-OpenSSH\r\n\r\n", InDoubt),
        (None, InDoubt),
    ],
    ids=[
        "redirect",
        "403",
        "429",
        "500",
        "502",
        "html",
        "no-data",
        "no-uuid",
        "truncated",
        "huge",
        "bad-gzip",
        "not-http",
        "hang-up",
    ],
)
def test_each_misfortune_has_its_class_and_nothing_is_sent_twice(reply, kind):
    result, seen = outcome(WRITE, reply)
    assert type(result) is kind
    assert len(seen) == 1
    assert "planted" not in str(result)
    assert "imei" not in str(result)


def test_compressed_answer_is_read_although_nobody_asked_for_it():
    result, _ = outcome(WRITE, answer(gzip.compress(DONE), "200 OK", "Content-Encoding: gzip"))
    assert result.command_uuid == "u-1"


def test_cancel_is_not_repeated_on_a_lost_connection():
    result, seen = outcome(CancelQueued("u-1", ()), None)
    assert isinstance(result, InDoubt)
    assert [head.split()[0] for head in seen] == [b"PUT", b"GET"]


def test_kept_alive_connection_that_died_is_in_doubt_for_a_write():
    async def twice():
        async with server(answer(), None) as (client, seen):
            await client.send(ME, WRITE, stamp(client))
            with pytest.raises(InDoubt):
                await client.send(ME, WRITE, stamp(client))
            return len(seen)

    assert asyncio.run(twice()) == 2


def test_a_refused_connection_is_not_sent_and_told_with_its_place():
    async def lost():
        client = client_at("http://[::1]:9")
        try:
            await client.send(ME, WRITE, stamp(client))
        finally:
            await client.close()

    with pytest.raises(NotSent, match=r"could not be reached: .*::1:9; check network and endpoint"):
        asyncio.run(lost())


def test_request_is_as_on_the_page():
    result, (request,) = outcome(WRITE, answer())
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert lines[0].startswith("post /nbiot/offline?imei=865820031234567&valid_time=20")
    assert "api-key: planted-master-key" in lines
    assert "content-type: application/json" in lines
    assert body == b'{"data":[{"res_id":1,"val":"planted-value"}]}'
    assert result.command_uuid == "u-1"


@pytest.mark.parametrize(
    "detail", [b'{"errno":0,"error":"succ"}', b'{"errno":0,"data":{"type":"WRITE","send_status":8}}', b"<html>"]
)
def test_state_that_cannot_be_told_makes_the_device_unknown(detail):
    async def look():
        async with server(answer(UNTOLD), answer(detail)) as (client, _):
            return await client.observe(DeviceRef("p", "m"), ME, Look(wants_queue=True, uuids=("u-1",)))

    assert asyncio.run(look()).problem


def test_foreign_command_whose_state_cannot_be_told_is_listed_as_sent():
    async def look():
        async with server(answer(UNTOLD)) as (client, seen):
            device = await client.observe(DeviceRef("p", "m"), ME, Look(wants_queue=True))
            listed = await client.list_commands(ME, datetime.now(UTC))
            return device, listed, len(seen)

    device, listed, requests = asyncio.run(look())
    assert device.problem is None
    assert device.queue == tuple(listed)
    assert [command.delivery for command in listed] == [DeliveryState.SENT]
    assert requests == 2


def test_device_is_not_read_while_nobody_says_it_is_online():
    async def look():
        async with server(answer(b'{"errno":0,"data":{"id":"5001"}}')) as (client, seen):
            device = await client.observe(DeviceRef("p", "m"), ME, Look(paths=("/3/0/1",), wants_reported=True))
            return device, [head.split()[1].split(b"?")[0] for head in seen]

    device, calls = asyncio.run(look())
    assert device.is_online is UNKNOWN
    assert device.resources == {}
    assert calls == [b"/devices/getbyimei", b"/devices/5001"]


def test_list_without_an_end_is_given_up():
    listed = b'{"errno":0,"error":"succ","data":{"total_count":10,"items":[{"cmd_uuid":"u-1","type":"WRITE","send_status":1}]}}'

    async def look():
        async with server(answer(listed)) as (client, seen):
            return await client.observe(DeviceRef("p", "m"), ME, Look(wants_queue=True)), len(seen)

    seen, requests = asyncio.run(look())
    assert "no end" in seen.problem
    assert requests <= 50


def test_many_calls_share_few_connections_and_all_are_answered():
    async def many():
        async with server(answer()) as (client, seen):
            sent = await asyncio.gather(*[client.send(ME, WRITE, stamp(client)) for _ in range(300)])
            return len(sent), len(seen)

    assert asyncio.run(many()) == (300, 300)
