"""The official SDKs in a loop: one SetDeviceDesiredProperty per device, success checked.

Run: `python -m benchmarks.sdk_client old|new|async PORT SETS WORKERS`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.fleet_generator import ALIYUN, PRODUCT_KEY
from benchmarks.servers import KEYS

ITEMS = json.dumps(ALIYUN.base)
VERSIONS = json.dumps(dict.fromkeys(ALIYUN.base, 0))


def old_sdk(port: int) -> Callable[[str], bool]:
    """`aliyun-python-sdk-iot`: a client per thread, as its documentation advises; signature V1."""
    from aliyunsdkcore.client import AcsClient
    from aliyunsdkiot.request.v20180120.SetDeviceDesiredPropertyRequest import SetDeviceDesiredPropertyRequest

    local = threading.local()

    def send(device: str) -> bool:
        if not hasattr(local, "client"):
            local.client = AcsClient(KEYS["ALIYUN_AK"], KEYS["ALIYUN_SK"], region_id="cn-shanghai", port=port)
        request = SetDeviceDesiredPropertyRequest()
        request.set_endpoint("127.0.0.1")
        request.set_protocol_type("http")
        request.set_ProductKey(PRODUCT_KEY)
        request.set_DeviceName(device)
        request.set_Items(ITEMS)
        request.set_Versions(VERSIONS)
        return bool(json.loads(local.client.do_action_with_exception(request))["Success"])

    return send


def new_sdk(port: int) -> tuple[Any, Callable[[str], Any]]:
    """`alibabacloud-iot20180120`: one client, and how to build its request; signature ACS3."""
    from alibabacloud_iot20180120.client import Client
    from alibabacloud_iot20180120.models import SetDeviceDesiredPropertyRequest
    from alibabacloud_tea_openapi.models import Config

    config = Config(
        access_key_id=KEYS["ALIYUN_AK"],
        access_key_secret=KEYS["ALIYUN_SK"],
        endpoint=f"127.0.0.1:{port}",
        protocol="http",
    )

    def request(device: str) -> Any:
        return SetDeviceDesiredPropertyRequest(
            product_key=PRODUCT_KEY, device_name=device, items=ITEMS, versions=VERSIONS
        )

    return Client(config), request


def in_threads(send: Callable[[str], bool], devices: list[str], workers: int) -> int:
    if workers == 1:
        return sum(map(send, devices))
    with ThreadPoolExecutor(workers) as pool:
        return sum(pool.map(send, devices))


async def in_tasks(port: int, devices: list[str], workers: int) -> int:
    client, request = new_sdk(port)
    left = iter(devices)

    async def work() -> int:
        done = 0
        for device in left:
            answer = await client.set_device_desired_property_async(request(device))
            done += bool(answer.body.success)
        return done

    return sum(await asyncio.gather(*(work() for _ in range(workers))))


def main(kind: str, port: int, sets: int, workers: int) -> None:
    devices = [f"lamp-{number:07d}" for number in range(sets)]
    match kind:
        case "old":
            done = in_threads(old_sdk(port), devices, workers)
        case "new":
            client, request = new_sdk(port)
            done = in_threads(
                lambda device: bool(client.set_device_desired_property(request(device)).body.success), devices, workers
            )
        case _:
            done = asyncio.run(in_tasks(port, devices, workers))
    if done != sets:
        sys.exit(f"{sets - done} of {sets} sets were not accepted")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
