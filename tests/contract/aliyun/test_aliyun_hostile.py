"""A cloud that answers nonsense, slowly, or about somebody else: no wrong conclusion, and the other devices go on."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import pytest
from aliyun_rig import STAMP, settings

from reconcile.model.actions import SetDesired, Write
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import CallFailed, Conflict, InDoubt
from reconcile.model.observed import Look
from reconcile.model.values import ABSENT, UNKNOWN
from reconcile.platforms.aliyun import PLATFORM, transport
from reconcile.ports import Listing

SET = SetDesired((Write("Temperature", 35.0),), (("Temperature", 4),))
ALL = Look(paths=("Temperature",), wants_cloud=True, wants_reported=True, wants_uplink=True)


def ok(**members):
    return json.dumps({"RequestId": "R", "Success": True, **members}).encode()


def desired(*rows):
    return ok(Data={"List": {"DesiredPropertyInfo": list(rows)}})


GOOD = {
    "QueryDeviceDesiredProperty": desired({"Identifier": "Temperature", "Value": "35", "Version": 4}),
    "QueryDevicePropertyStatus": ok(
        Data={"List": {"PropertyStatusInfo": [{"Identifier": "Temperature", "Value": "35"}]}}
    ),
    "GetDeviceStatus": ok(Data={"Status": "ONLINE", "Timestamp": 1795334400000}),
    "SetDeviceDesiredProperty": ok(Data={"MessageId": "1", "Versions": '{"Temperature":5}'}),
}


class Liar:
    """Answers every device well but `victim`, whose answer to `action` is `lie`: bytes, or a coroutine of a writer."""

    def __init__(self, action, lie):
        self.action, self.lie = action, lie
        self.asked = []

    async def handle(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                query = dict(parse_qsl(head.split(" ")[1].partition("?")[2]))
                action = next(
                    line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("x-acs-action")
                )
                self.asked.append((action, query.get("DeviceName")))
                is_victim = query.get("DeviceName") == "victim" and action == self.action
                if is_victim and callable(self.lie):
                    await self.lie(writer)
                    return
                body = self.lie if is_victim else GOOD[action]
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def client_of(liar):
    server = await asyncio.start_server(liar.handle, "127.0.0.1", 0)
    client = PLATFORM.open(settings(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    try:
        yield client
    finally:
        await client.close()
        server.close()


def lamp(name):
    return Identity.of(productKey="a1BwAGVxxxx", deviceName=name)


def look_at_fleet(action, lie, look=ALL):
    """What is seen of the victim and of twelve other devices, all at once."""

    async def run():
        async with client_of(Liar(action, lie)) as client:
            names = [*(f"lamp-{n}" for n in range(6)), "victim", *(f"lamp-{n}" for n in range(6, 12))]
            seen = await asyncio.gather(*(client.observe(DeviceRef("a", n), lamp(n), look) for n in names))
            return dict(zip(names, seen, strict=True))

    return asyncio.run(run())


def assert_others_are_fine(seen):
    for name, device in seen.items():
        if name != "victim":
            assert device.problem is None, name
            assert (device.resources["Temperature"].cloud, device.resources["Temperature"].version) == ("35", 4)
            assert (device.resources["Temperature"].reported, device.is_online) == ("35", True)


async def drip(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(200):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(writer):
    await asyncio.sleep(30)


async def header_flood(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(200_000)) + b"\r\n")
    await writer.drain()


NONSENSE = {
    "nothing": b"",
    "html": b"<html>maintenance</html>",
    "half": b'{"Success":true,"Data":{"List":',
    "hollow": b'{"Success":true}',
    "data is a list": b'{"Success":true,"Data":[1,2]}',
    "data is text": b'{"Success":true,"Data":"none"}',
    "list is text": b'{"Success":true,"Data":{"List":"none"}}',
    "another list": b'{"Success":true,"Data":{"List":{"DeviceInfo":[{"Identifier":"Temperature","Value":"1"}]}}}',
    "no identifier": desired({"Value": "1", "Version": 9}),
    "twice, unlike": desired({"Identifier": "Temperature", "Value": "1"}, {"Identifier": "Temperature", "Value": "2"}),
    "key twice": b'{"Success":true,"Success":false,"Data":{"List":{"DesiredPropertyInfo":[]}}}',
    "NaN": b'{"Success":true,"Data":{"List":{"DesiredPropertyInfo":[{"Identifier":"Temperature","Value":NaN}]}}}',
    "deep": b'{"Success":true,"Data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "many digits": b'{"Success":true,"Data":{"List":' + b"9" * 100_000 + b"}}",
    "not UTF-8": b'{"Success":true,"Data":{"List":"\xff\xfe"}}',
    "success is maybe": b'{"Success":"maybe","Data":{"List":{}}}',
    "success is 1": b'{"Success":1,"Data":{"List":{}}}',
}


@pytest.mark.parametrize("lie", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_about_desired_values_is_one_devices_problem(lie):
    seen = look_at_fleet("QueryDeviceDesiredProperty", lie)
    assert seen["victim"].problem
    assert seen["victim"].resources == {}
    assert_others_are_fine(seen)


@pytest.mark.parametrize("lie", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("action", ["QueryDevicePropertyStatus", "GetDeviceStatus"])
def test_nonsense_about_the_rest_leaves_it_unknown(action, lie):
    seen = look_at_fleet(action, lie)
    victim = seen["victim"]
    assert (victim.problem, victim.resources["Temperature"].cloud) == (None, "35")
    if action == "GetDeviceStatus":
        assert (victim.is_online, victim.last_uplink) == (UNKNOWN, UNKNOWN)
    else:
        assert victim.resources["Temperature"].reported is UNKNOWN
    assert_others_are_fine(seen)


@pytest.mark.parametrize("lie", [drip, silence, header_flood])
def test_slow_or_endless_answer_costs_one_device_its_look(lie, monkeypatch):
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT_S", 0.8)
    seen = look_at_fleet("QueryDeviceDesiredProperty", lie)
    assert seen["victim"].problem
    assert_others_are_fine(seen)


@pytest.mark.parametrize(
    ("row", "cloud", "version"),
    [
        ({"Identifier": "Temperature", "Value": "35", "Version": -7}, "35", None),
        ({"Identifier": "Temperature", "Value": "35", "Version": "four"}, "35", None),
        ({"Identifier": "Temperature", "Value": "35"}, "35", None),
        ({"Identifier": "Temperature", "Value": "35", "Version": 0}, ABSENT, 0),
        ({"Identifier": "Temperature", "Value": None, "Version": 3}, ABSENT, 3),
        ({"Identifier": "Engine:Temperature", "Value": "99", "Version": 3}, ABSENT, 0),
        ({"Identifier": "temperature", "Value": "99", "Version": 3}, ABSENT, 0),
    ],
)
def test_entry_is_taken_for_what_it_proves_and_no_more(row, cloud, version):
    seen = look_at_fleet("QueryDeviceDesiredProperty", desired(row))["victim"].resources["Temperature"]
    assert (seen.cloud, seen.version) == (cloud, version)


def send(action, lie):
    async def run():
        liar = Liar(action, lie)
        async with client_of(liar) as client:
            try:
                return await client.send(lamp("victim"), SET, STAMP), liar.asked
            except CallFailed as failure:
                return failure, liar.asked

    return asyncio.run(run())


@pytest.mark.parametrize("lie", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_after_a_set_never_passes_for_success_or_refusal(lie):
    failure, asked = send("SetDeviceDesiredProperty", lie)
    assert isinstance(failure, InDoubt)
    assert [action for action, _ in asked].count("SetDeviceDesiredProperty") == 1


@pytest.mark.parametrize(
    "versions",
    ['{"Humidity":9}', "{}", "[]", "null", '{"Temperature":"new"}', '{"Temperature":1,"Temperature":2}', "{"],
)
def test_success_that_does_not_name_our_property_is_checked_by_reading(versions):
    """The cloud said yes, and holds the value at the version we started from: that contradicts itself."""
    failure, asked = send("SetDeviceDesiredProperty", ok(Data={"MessageId": "1", "Versions": versions}))
    assert isinstance(failure, InDoubt)
    assert [action for action, _ in asked] == ["SetDeviceDesiredProperty", "QueryDeviceDesiredProperty"]


def test_success_is_adopted_from_what_is_there(monkeypatch):
    row = {"Identifier": "Temperature", "Value": "35", "Version": 5}
    monkeypatch.setitem(GOOD, "QueryDeviceDesiredProperty", desired(row))
    accepted, _ = send("SetDeviceDesiredProperty", ok(Data={"Versions": "{}"}))
    assert (accepted.versions, accepted.evidence["adopted"]) == ({"Temperature": 5}, True)
    monkeypatch.setitem(GOOD, "QueryDeviceDesiredProperty", desired({**row, "Value": "12"}))
    failure, _ = send("SetDeviceDesiredProperty", ok(Data={"Versions": "{}"}))
    assert isinstance(failure, Conflict)


@pytest.mark.parametrize("lie", [*NONSENSE.values()], ids=[*NONSENSE])
def test_listing_never_ends_early_on_nonsense(lie, monkeypatch):
    monkeypatch.setitem(GOOD, "QueryDevice", lie)

    async def run():
        async with client_of(Liar("", b"")) as client:
            return [device async for device in client.list_devices(Listing("a", ["a1BwAGVxxxx"]))]

    with pytest.raises(CallFailed):
        asyncio.run(run())
