"""What goes wrong below the protocol, against a socket that misbehaves: was it sent, refused, or is it in doubt?"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import pytest
from aliyun_rig import KEYS, STAMP, Names, settings

from reconcile.model.actions import ClearDesired, SetDesired, Write
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import InDoubt, NotSent, ReconcileError, Refused
from reconcile.model.observed import Look
from reconcile.platforms import connections
from reconcile.platforms.aliyun import PLATFORM, transport
from reconcile.platforms.aliyun.auth import Keys
from reconcile.platforms.aliyun.client import AliyunClient
from reconcile.platforms.aliyun.config import read_options
from reconcile.platforms.aliyun.gateway import Gateway
from reconcile.platforms.aliyun.keys import read_keys

REF = DeviceRef("aliyun-test", "lamp-17")
LAMP = Identity.of(productKey="a1BwAGVxxxx", deviceName="lamp-17")
ACTION = SetDesired((Write("Temperature", 35.0),), (("Temperature", 0),))
DONE = b'{"RequestId":"R","Success":true,"Data":{"MessageId":"1","Versions":"{\\"Temperature\\":1}"}}'


def reply(body, status="200 OK", *headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def gateway_error(code, *headers):
    return reply(b'{"RequestId":"R","Code":"%s","Message":"m"}' % code.encode(), "400 Bad Request", *headers)


class Socket:
    """Answers each request with the next of its replies (None: closes instead), and closes after the last."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.requests = []
        self.url = ""
        self.open = 0

    async def handle(self, reader, writer):
        self.open += 1
        try:
            while True:
                self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
                answer = self.replies.pop(0)
                if answer is None:
                    return
                writer.write(answer)
                await writer.drain()
                if not self.replies:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            self.open -= 1


@asynccontextmanager
async def listening(socket):
    server = await asyncio.start_server(socket.handle, "127.0.0.1", 0)
    socket.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield socket
    finally:
        server.close()
        for _ in range(1000):  # who hung up is heard a few turns later; a loop that ends before leaves sockets
            if not socket.open:
                break
            await asyncio.sleep(0)
        await asyncio.sleep(0)


def attempt(*replies, work=None, sends=1, pauses=None):
    """The last result or failure of a client against those replies, and the socket."""

    async def sleep(pause_s):
        if pauses is not None:
            pauses.append(pause_s)

    async def run():
        async with listening(Socket(*replies)) as socket:
            setting = settings(socket.url)
            client = AliyunClient(setting, Gateway(setting, read_options(setting.config.spec, socket.url), sleep))
            try:
                result = None
                for _ in range(sends):
                    result = await (work(client) if work else client.send(LAMP, ACTION, STAMP))
            except ReconcileError as failure:
                result = failure
            finally:
                await client.close()
            return result, socket

    return asyncio.run(run())


def observe(client):
    return client.observe(REF, LAMP, Look(paths=("Temperature",), wants_cloud=True))


def test_kept_connection_closed_under_a_request_is_in_doubt():
    failure, socket = attempt(reply(DONE), None, sends=2)
    assert isinstance(failure, InDoubt)
    assert len(socket.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH_9\r\n\r\n",
        reply(b"<html>captive portal</html>"),
        reply(b"", "302 Found", "Location: http://127.0.0.1:9/"),
        reply(b"", "307 Temporary Redirect", "Location: http://127.0.0.1:9/"),
        reply(b"<html>bad gateway</html>", "502 Bad Gateway"),
        reply(b'{"Code":"ServiceUnavailable","Message":"m"}', "503 Service Unavailable"),
        reply(b"\x1f\x8b garbage", "200 OK", "Content-Encoding: gzip"),
        reply(b'{"Success":true', "200 OK"),
    ],
    ids=lambda answer: (answer or b"closed")[:40].decode(),
)
def test_answer_that_proves_nothing_is_in_doubt_and_sent_once(answer):
    failure, socket = attempt(answer)
    assert isinstance(failure, InDoubt), failure
    assert len(socket.requests) == 1
    assert "portal" not in str(failure)


def test_endless_answer_is_in_doubt(monkeypatch):
    monkeypatch.setattr(transport, "_LIMITS", connections.Limits(1, 1.0, answer_bytes=1000))
    failure, _ = attempt(reply(b"x" * 5000))
    assert isinstance(failure, InDoubt)
    assert "longer than 1000 bytes" in str(failure)


def test_silence_is_in_doubt_after_the_timeout(monkeypatch):
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT_S", 0.2)
    failure, _ = attempt(b"", None)
    assert isinstance(failure, InDoubt)
    assert str(failure) == "no answer within 0 s"


def test_plain_server_behind_https_is_not_sent(monkeypatch):
    monkeypatch.setattr(transport, "_CONNECT_S", 0.2)

    async def run():
        async with listening(Socket(reply(DONE))) as socket:
            client = PLATFORM.open(settings(socket.url.replace("http:", "https:")))
            try:
                await client.send(LAMP, ACTION, STAMP)
            finally:
                await client.close()

    with pytest.raises(NotSent):
        asyncio.run(run())


def test_https_verifies_the_server():
    tls = connections.tls_for("https")
    assert tls.verify_mode is ssl.CERT_REQUIRED
    assert tls.check_hostname is True
    assert transport.Http("https://iot.cn-shanghai.aliyuncs.com").host == "iot.cn-shanghai.aliyuncs.com"


def test_unknown_host_is_not_sent():
    async def run():
        client = PLATFORM.open(settings("http://host.invalid"))
        try:
            await client.send(LAMP, ACTION, STAMP)
        finally:
            await client.close()

    with pytest.raises(NotSent):
        asyncio.run(run())


@pytest.mark.parametrize("code", ["SignatureNonceUsed", "InvalidTimeStamp.Expired"])
def test_refused_nonce_or_time_is_signed_anew_once(code):
    date = "Date: Mon, 23 Nov 2026 08:00:00 GMT"
    accepted, socket = attempt(gateway_error(code, date), reply(DONE))
    assert accepted.versions == {"Temperature": 1}
    first, second = (dict(line.split(": ", 1) for line in r.split("\r\n") if ": " in line) for r in socket.requests)
    assert first["x-acs-signature-nonce"] != second["x-acs-signature-nonce"]
    assert second["x-acs-date"].startswith("2026-11-23T08:00:0")
    refused, socket = attempt(gateway_error(code), gateway_error(code))
    assert isinstance(refused, Refused)
    assert len(socket.requests) == 2


def test_throttling_names_the_pause_the_gateway_asks_for():
    refused, socket = attempt(gateway_error("Throttling.User", "x-acs-retry-after: 2500"))
    assert isinstance(refused, Refused)
    assert (refused.retry_after_s, refused.vendor_code) == (2.5, "Throttling.User")
    assert len(socket.requests) == 1


def test_reads_are_repeated_with_growing_pauses_and_then_given_up():
    pauses = []
    throttled = gateway_error("Throttling.User")
    seen, socket = attempt(*[throttled] * 4, work=observe, pauses=pauses)
    assert seen.problem.startswith("Throttling.User")
    assert (len(socket.requests), pauses) == (4, [0.5, 1.0, 2.0])


def test_read_that_fails_for_good_is_not_repeated():
    pauses = []
    seen, socket = attempt(gateway_error("Forbidden.RAM"), work=observe, pauses=pauses)
    assert seen.problem.startswith("Forbidden.RAM: m. Grant the RAM user this call")
    assert (len(socket.requests), pauses) == (1, [])


def test_success_without_versions_is_settled_by_reading_back():
    rows = b'{"RequestId":"R","Success":true,"Data":{"List":{"DesiredPropertyInfo":[{"Identifier":"Temperature","Value":"35","Version":1}]}}}'
    accepted, _ = attempt(reply(b'{"RequestId":"R","Success":true,"Data":{}}'), reply(rows))
    assert accepted.versions == {"Temperature": 1}
    empty = b'{"RequestId":"R","Success":true,"Data":{"List":{}}}'
    failure, _ = attempt(reply(b'{"RequestId":"R","Success":true,"Data":{}}'), reply(empty))
    assert isinstance(failure, InDoubt)


def test_read_back_that_fails_leaves_the_set_in_doubt():
    failure, _ = attempt(gateway_error("Unheard.Of"), gateway_error("Forbidden.RAM"))
    assert isinstance(failure, InDoubt)
    assert failure.vendor_code == "Unheard.Of"


def test_query_is_in_the_address_and_the_request_names_no_secret():
    _, socket = attempt(reply(DONE))
    head = socket.requests[0]
    target = head.split(" ")[1]
    assert dict(parse_qsl(target.removeprefix("/?"), strict_parsing=True)) == {
        "DeviceName": "lamp-17",
        "Items": '{"Temperature":35.0}',
        "ProductKey": "a1BwAGVxxxx",
        "Versions": '{"Temperature":0}',
    }
    assert "content-type" not in head.lower()
    assert KEYS["accessKeySecret"] not in head
    assert "cookie" not in head.lower()


def test_key_echoed_by_the_vendor_is_removed():
    refused, _ = attempt(reply(b'{"Code":"Forbidden.RAM","Message":"user emulator-ak may not"}', "403 Forbidden"))
    assert str(refused).startswith("Forbidden.RAM: user *** may not. Grant")


def test_missing_key_is_named_before_anything_is_sent():
    with pytest.raises(ReconcileError, match="credential accessKeySecret is not set"):
        PLATFORM.open(settings("http://127.0.0.1:9", names=Names(accessKeyId="x")))


def test_key_with_a_line_inside_is_refused_without_showing_it():
    with pytest.raises(ReconcileError, match=r"credential accessKeyId holds characters that no key has$"):
        PLATFORM.open(settings("http://127.0.0.1:9", names=Names(accessKeyId="a\r\nx: y", accessKeySecret="s")))


def test_line_end_around_a_key_does_not_matter():
    names = Names(accessKeyId=" emulator-ak\n", accessKeySecret="emulator-secret\n", securityToken="")
    assert read_keys(names) == Keys("emulator-ak", "emulator-secret", None)


def test_parameter_of_one_call_travels_with_that_call_alone():
    rows = b'{"RequestId":"R","Success":true,"Data":{"List":{"DesiredPropertyInfo":[{"Identifier":"Temperature","Value":"35","Version":1}]}}}'

    async def run():
        async with listening(Socket(reply(DONE), reply(rows), reply(DONE))) as socket:
            spec = {"extraParameters": {"ServiceCode": "iot", "SetDeviceDesiredProperty.Expiration": "86400"}}
            client = PLATFORM.open(settings(socket.url, spec))
            try:
                await client.send(LAMP, ACTION, STAMP)
                await observe(client)
                await client.send(LAMP, ClearDesired(("Temperature",)), STAMP)
            finally:
                await client.close()
            return [dict(parse_qsl(r.split(" ")[1].removeprefix("/?"))) for r in socket.requests]

    queries = asyncio.run(run())
    assert [query.get("Expiration") for query in queries] == ["86400", None, None]
    assert {query["ServiceCode"] for query in queries} == {"iot"}
