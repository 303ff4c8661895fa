"""A server on loopback that answers each call as a vendor's page prints it, and what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reconcile.model.diagnostic import NOWHERE
from reconcile.platforms.onenet.client import OneNetClient
from reconcile.ports import ClientSettings, PlatformConfig

IMEI = "865820031234567"
ACCESS_KEY = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def line(self) -> str:
        return f"{self.method} {self.target}"

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class CannedCloud:
    """`answers` by `METHOD target`, each a JSON value or a list of replies, one a call, the last for ever."""

    answers: Mapping[str, Any]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0
    wait_s: float = 0.0

    def reply(self, line: str) -> tuple[int, Any]:
        found = self.answers.get(line)
        if found is None:
            raise AssertionError(f"not on the page: {line}")
        if isinstance(found, Replies):
            found = found.each[min(sum(one.line == line for one in self.asked) - 1, len(found.each) - 1)]
        return found if isinstance(found, tuple) else (200, found)

    @property
    def lines(self) -> list[str]:
        return [one.line for one in self.asked]


@dataclass
class Replies:
    """Several answers to one call, in order."""

    each: list[Any]


@asynccontextmanager
async def canned(answers: Mapping[str, Any], wait_s: float = 0.0) -> AsyncIterator[CannedCloud]:
    """A running canned cloud."""
    cloud = CannedCloud(answers, wait_s=wait_s)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await _exchange(cloud, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    cloud.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield cloud
    finally:
        server.close()


async def _exchange(cloud: CannedCloud, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, target, _ = first.split(" ")
    cloud.asked.append(Asked(method, target, headers, body))
    cloud.busy += 1
    cloud.busiest = max(cloud.busiest, cloud.busy)
    await asyncio.sleep(cloud.wait_s)
    cloud.busy -= 1
    status, answer = cloud.reply(cloud.asked[-1].line)
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    top = f"HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Length: {len(content)}\r\n\r\n"
    writer.write(top.encode() + content)
    await writer.drain()


class Keys:
    """The keys of every generation; a secret is never asked for."""

    def get(self, name: str) -> str | None:
        return {"masterKey": "planted-master-key", "accessKey": ACCESS_KEY}.get(name)

    def issue(self) -> int:
        return 1

    def renew(self, refused: int) -> bool:
        return False

    def resolve(self, marker: dict[str, Any]) -> str:
        return f"secret of {marker}"


async def no_pace() -> None:
    """No quota."""


def client_at(
    url: str, instant: str = "classic", cached: str = "classic", *, resource: str = "userid/1", **more: Any
) -> OneNetClient:
    """A client of one account whose every endpoint is the canned cloud; `more` are further members of the entry."""
    keys = {"masterKey": {"env": "M"}, "accessKey": {"env": "A"}, "resource": resource}
    pace = more.pop("pace", no_pace)
    spec = {"instant": {"api": instant}, "cached": {"api": cached}, "credentials": keys, **more}
    config = PlatformConfig("p", "onenet", spec, 100.0, NOWHERE)
    return OneNetClient.open(ClientSettings(config, Keys(), Keys(), url, pace, lambda: datetime.now(UTC), lambda: "n"))
