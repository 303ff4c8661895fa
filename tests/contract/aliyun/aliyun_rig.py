"""A client of ours against the emulator, over real sockets."""

from __future__ import annotations

import asyncio
import json
import urllib.request
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from reconcile.emulator import EmulatorThread, World
from reconcile.model.diagnostic import NOWHERE
from reconcile.platforms.aliyun import PLATFORM
from reconcile.ports import Client, ClientSettings, PlatformConfig, Stamp

T = TypeVar("T")

BORN = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STAMP = Stamp(server_now=BORN)

FLOAT = {"type": "float", "specs": {"min": "-1E300", "max": "1E300"}}
INT = {"type": "int", "specs": {"min": "0", "max": "100", "step": "1"}}
MODEL = {
    "schema": "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json",
    "profile": {"productKey": "a1BwAGVxxxx"},
    "properties": [
        {"identifier": "Temperature", "name": "Temperature", "accessMode": "rw", "required": False, "dataType": FLOAT},
        {"identifier": "Brightness", "name": "Brightness", "accessMode": "rw", "required": False, "dataType": INT},
        {"identifier": "Counter", "name": "Counter", "accessMode": "r", "required": False, "dataType": INT},
    ],
    "services": [],
    "events": [],
}

POPULATION: list[dict[str, Any]] = [
    {
        "cloud": "aliyun",
        "productKey": "a1BwAGVxxxx",
        "deviceName": "lamp-17",
        "sleep": {"kind": "none"},
        "thingModel": MODEL,
    },
    {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "free", "sleep": {"kind": "none"}},
    {
        "cloud": "aliyun",
        "productKey": "a1BwAGVxxxx",
        "deviceName": "tidy",
        "sleep": {"kind": "none"},
        "thingModel": MODEL,
        "deletes_desired": True,
    },
]


class Names:
    """Credentials and secrets of a test."""

    def __init__(self, **values: str) -> None:
        self.values = values

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def issue(self) -> int:
        return 0

    def renew(self, refused: int) -> bool:
        return False

    def resolve(self, marker: dict[str, Any]) -> str:
        return self.values[marker["$secret"]["env"]]


KEYS = {"accessKeyId": "emulator-ak", "accessKeySecret": "emulator-secret"}


@contextmanager
def emulator(**switches: str) -> Iterator[EmulatorThread]:
    with EmulatorThread(World.from_records(POPULATION, now=BORN, switches=switches)) as running:
        yield running


def settings(endpoint: str, spec: dict[str, Any] | None = None, names: Names | None = None) -> ClientSettings:
    async def pace() -> None:
        return None

    known = names or Names(**KEYS)
    config = PlatformConfig("aliyun-test", "aliyun", {"region": "cn-shanghai", **(spec or {})}, 50.0, NOWHERE)
    return ClientSettings(
        config=config,
        credentials=known,
        secrets=known,
        endpoint=endpoint,
        pace=pace,
        now=lambda: BORN,
        nonce=lambda: str(uuid.uuid4()),
    )


def use(
    endpoint: str,
    work: Callable[[Client], Awaitable[T]],
    spec: dict[str, Any] | None = None,
    names: Names | None = None,
    throttled: Callable[[], object] = lambda: None,
) -> T:
    """What `work` returns for a client that is closed afterwards."""

    async def run() -> T:
        client = PLATFORM.open(replace(settings(endpoint, spec, names), throttled=throttled))
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(run())


def control(endpoint: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{endpoint}/_emulator/{path}", data=data, method="GET" if body is None else "POST"
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.loads(answer.read() or b"null")


def faults(endpoint: str, operation: str, fault: str, nth: int = 1) -> None:
    control(endpoint, "faults", {"rules": [{"match": {"operation": operation, "nth": nth}, "fault": fault}]})
