"""A OneNET client over real sockets against the emulator, and the emulator's controls."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from reconcile.emulator import EmulatorThread, World
from reconcile.model.actions import ExecuteNow, QueueExecute, Queueing, QueueWrite, Write, WriteNow
from reconcile.model.desired import WriteMode
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.diagnostic import NOWHERE
from reconcile.platforms.onenet.client import OneNetClient
from reconcile.ports import ClientSettings, PlatformConfig, Stamp

T = TypeVar("T")

IMEI = "865820031234567"
SLEEPER = "865820031234568"
STRANGER = "865820039999999"
REF = DeviceRef("onenet-prod", "meter")
KEYS = {"masterKey": "emulator-master-key", "accessKey": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA="}

POPULATION = [
    {
        "cloud": "onenet",
        "imei": IMEI,
        "resources": {
            "/3303/0/5603": {"value": -20.0, "type": "float", "operations": "RW"},
            "/3303/0/5604": {"value": 60.0, "type": "float", "operations": "RW"},
            "/3303/0/5700": {"value": 21.5, "type": "float", "operations": "R"},
            "/19/0/0": {"value": "0A1B", "type": "opaque", "operations": "RW"},
            "/3/0/13": {"value": 1700000000, "type": "time", "operations": "RW"},
            "/3/0/4": {"operations": "E"},
        },
    },
    {"cloud": "onenet", "imei": SLEEPER, "sleep": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}},
]


class Keys:
    """Credentials by name."""

    def __init__(self, **keys: str) -> None:
        self._keys = keys

    def get(self, name: str) -> str | None:
        return self._keys.get(name)

    def issue(self) -> int:
        return 1

    def renew(self, refused: int) -> bool:
        return False


class PlantedSecrets:
    """One secret, whatever is asked for."""

    text = "hunter2-planted"

    def resolve(self, marker: dict[str, Any]) -> str:
        return self.text


@dataclass
class Desk:
    """The emulator's control calls."""

    url: str

    def control(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/_emulator/{path}", data)) as answer:
            return json.load(answer)

    def fault(self, operation: str, fault: str, nth: int = 1) -> None:
        self.control("faults", {"rules": [{"match": {"operation": operation, "nth": nth}, "fault": fault}]})

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance_s": seconds})

    def device(self, imei: str = IMEI) -> Any:
        return self.control(f"devices/onenet/{imei}")

    def wake(self, imei: str, kind: str = "update") -> None:
        self.control(f"devices/onenet/{imei}/uplink", {"kind": kind})

    def log(self) -> list[dict[str, Any]]:
        found = self.control("log")
        return found["entries"] if isinstance(found, dict) else found


@contextmanager
def emulator(switches: dict[str, str] | None = None) -> Iterator[Desk]:
    world = World.from_records(POPULATION, now=datetime.now(UTC), switches=switches)
    with EmulatorThread(world) as thread:
        yield Desk(thread.url)


async def no_pace() -> None:
    """No quota."""


def settings(
    url: str | None,
    instant: str = "studio",
    cached: str = "classic",
    *,
    resource: str = "userid/38055",
    method: str = "sha1",
    keys: dict[str, str] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    pace: Callable[[], Awaitable[None]] = no_pace,
) -> ClientSettings:
    keys = KEYS if keys is None else keys
    credentials = {name: {"env": name.upper()} for name in keys} | {"resource": resource}
    spec = {"instant": {"api": instant}, "cached": {"api": cached}, "credentials": credentials, "tokenMethod": method}
    config = PlatformConfig("onenet-prod", "onenet", spec, 100.0, NOWHERE)
    return ClientSettings(config, Keys(**keys), PlantedSecrets(), url, pace, now, lambda: "nonce")


def run(made: ClientSettings, use: Callable[[OneNetClient], Awaitable[T]]) -> T:
    """What `use` returns of a client that is closed afterwards."""

    async def session() -> T:
        client = OneNetClient.open(made)
        try:
            return await use(client)
        finally:
            await client.close()

    return asyncio.run(session())


async def send(client: OneNetClient, action: Any, imei: str = IMEI, **stamp: Any) -> Any:
    await client.learn_clock(Identity.of(imei=imei))
    return await client.send(Identity.of(imei=imei), action, stamp_for(client, **stamp))


def stamp_for(client: OneNetClient, valid_after_s: int | None = 10, expire_after_s: int = 3600, **more: Any) -> Stamp:
    now = client.server_now()
    valid_from = None if valid_after_s is None else now + timedelta(seconds=valid_after_s)
    return Stamp(now, valid_from, now + timedelta(seconds=expire_after_s), **more)


QUEUEING = Queueing(valid_after_s=10, expire_after_s=3600, retry=3, trigger=("register", "update", "notify"))
UPDATE = WriteMode.UPDATE


def write_now(*writes: Write, timeout_s: int = 25) -> WriteNow:
    return WriteNow("/3303/0", writes or (Write("/3303/0/5603", -10.0),), UPDATE, timeout_s)


def queue_write(*writes: Write) -> QueueWrite:
    return QueueWrite("/3303/0", writes or (Write("/3303/0/5603", -10.0),), UPDATE, 25, QUEUEING)


def queue_execute(args: str | None = None) -> QueueExecute:
    return QueueExecute("/3/0/4", args, "reboot", "k1", 25, Queueing(10, 3600, 0, ("register", "update")))


def execute_now(args: str | None = None) -> ExecuteNow:
    return ExecuteNow("/3/0/4", args, "reboot", "k1", 25)
