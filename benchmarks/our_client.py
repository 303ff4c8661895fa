"""Our clients in a loop, without plan, journal or state; and aiohttp alone with the same requests.

`aliyun`: SetDeviceDesiredProperty, signed ACS3, as `benchmarks.sdk_client` sends it. `aiohttp`: the same requests,
signed by our code, over a bare aiohttp session: the difference is what the client adds. `onenet`: queued writes, each
with a token of its own.
Run: `python -m benchmarks.our_client aliyun|aiohttp|onenet PORT SETS WORKERS`.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import aiohttp

from benchmarks.fleet_generator import ALIYUN, PRODUCT_KEY
from benchmarks.servers import KEYS
from reconcile.model.actions import Queueing, QueueWrite, SetDesired, Write
from reconcile.model.desired import WriteMode
from reconcile.model.device import Identity
from reconcile.model.diagnostic import NOWHERE
from reconcile.model.values import JsonObject
from reconcile.platforms.aliyun import auth, wire
from reconcile.platforms.registry import find
from reconcile.ports import Client, ClientSettings, PlatformConfig, Stamp

NAMES = {"accessKeyId": "ALIYUN_AK", "accessKeySecret": "ALIYUN_SK", "masterKey": "ONENET_MASTER_KEY",
         "accessKey": "ONENET_ACCESS_KEY"}  # fmt: skip
SET = SetDesired(tuple(Write(p, v) for p, v in ALIYUN.base.items()), tuple((p, 0) for p in ALIYUN.base))
QUEUE = QueueWrite(
    "/3303/0",
    (Write("/3303/0/5603", -20.0, "float"), Write("/3303/0/5604", 60.0, "float")),
    WriteMode.UPDATE,
    25,
    Queueing(60, 86_400, 3, ("register", "update", "notify")),
)
ONENET: JsonObject = {
    "cached": {"api": "current"},
    "instant": {"api": "current"},
    "credentials": {"accessKey": {"env": "ONENET_ACCESS_KEY"}, "resource": "products/emulator"},
}


class Keys:
    """The emulator's published credentials, and no secrets in values."""

    def get(self, name: str) -> str | None:
        return KEYS.get(NAMES.get(name, ""))

    def issue(self) -> int:
        return 0

    def renew(self, refused: int) -> bool:
        del refused
        return False

    def resolve(self, marker: JsonObject) -> str:
        raise AssertionError(marker)


async def at_once() -> None:
    """The quota is off."""


def client(kind: str, port: int, spec: JsonObject) -> Client:
    keys = Keys()
    config = PlatformConfig("bench", kind, spec, 1e9, NOWHERE)
    url = f"http://127.0.0.1:{port}"
    platform = find(kind)
    assert platform is not None
    return platform.open(
        ClientSettings(config, keys, keys, url, at_once, lambda: datetime.now(UTC), lambda: uuid.uuid4().hex)
    )


async def in_tasks(send: Callable[[int], Awaitable[object]], sets: int, workers: int) -> None:
    left: Iterator[int] = iter(range(sets))

    async def work() -> None:
        for number in left:
            await send(number)

    await asyncio.gather(*(work() for _ in range(workers)))


def lamp(number: int) -> Identity:
    return Identity.of(productKey=PRODUCT_KEY, deviceName=f"lamp-{number:07d}")


async def aliyun(port: int, sets: int, workers: int) -> None:
    ours = client("aliyun", port, {"endpoint": f"http://127.0.0.1:{port}"})
    stamp = Stamp(datetime.now(UTC))
    await in_tasks(lambda number: ours.send(lamp(number), SET, stamp), sets, workers)
    await ours.close()


async def onenet(port: int, sets: int, workers: int) -> None:
    ours = client("onenet", port, ONENET)
    now = datetime.now(UTC).replace(microsecond=0)
    minute, day = now + timedelta(minutes=1), now + timedelta(days=1)
    stamp = Stamp(now, valid_from=minute, expires_at=day, not_after=minute)
    await in_tasks(
        lambda number: ours.send(Identity.of(imei=f"{860000000000000 + number}"), QUEUE, stamp), sets, workers
    )
    await ours.close()


async def bare(port: int, sets: int, workers: int) -> None:
    keys, url = auth.Keys(KEYS["ALIYUN_AK"], KEYS["ALIYUN_SK"]), f"http://127.0.0.1:{port}"
    items = wire.items_of(SET)
    async with aiohttp.ClientSession() as session:

        async def send(number: int) -> None:
            call = wire.set_desired(lamp(number), items, SET.versions)
            once = auth.Once(uuid.uuid4().hex, datetime.now(UTC))
            signed = auth.sign_acs3(call, keys, host=f"127.0.0.1:{port}", once=once)
            async with session.post(f"{url}/?{signed.query}", headers=dict(signed.headers)) as answer:
                if not (await answer.json())["Success"]:
                    sys.exit("a set was not accepted")

        await in_tasks(send, sets, workers)


def main(kind: str, port: int, sets: int, workers: int) -> None:
    run = {"aliyun": aliyun, "aiohttp": bare, "onenet": onenet}[kind]
    asyncio.run(run(port, sets, workers))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
