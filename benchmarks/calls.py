"""Sustained calls of the clients alone: ours beside the official SDKs and bare aiohttp, on the same plain server."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.measure import Case, Table, measure_all, python
from benchmarks.servers import plain_server, window_of

THREADS = 16
CONCURRENCY = 50
TEXT = (
    "The clients alone, without plan or journal: one signed SetDeviceDesiredProperty of ten properties per call, quota "
    "off, against the plain server. `aiohttp alone` sends the same requests, signed by our code, over a bare session: "
    "what our client adds to it is the reading of answers, the classing of failures, pace and clock. The last line is "
    "OneNET: queued writes, a token signed for each. Ratios are of whole processes to the old SDK; `CPU each` is CPU "
    "of the process over its calls, start-up included; `while sending` is without start-up."
)


def run(calls: int, repeat: int) -> Table:
    """All clients in turn, each a process of its own."""
    with plain_server() as port:
        window = window_of(port)
        rows = measure_all(_cases(port, calls, window), repeat)
    return Table(f"{calls:,} calls of the clients alone", TEXT, rows)


def _cases(port: int, calls: int, window: Callable[[], float]) -> list[Case]:
    def case(name: str, program: str, kind: str, workers: int) -> Case:
        argv = python("-m", f"benchmarks.{program}", kind, str(port), str(calls), str(workers))
        return Case(name, argv, count=calls, sending=window)

    return [
        case("old SDK, one after the other", "sdk_client", "old", 1),
        case(f"old SDK, {THREADS} threads", "sdk_client", "old", THREADS),
        case("new SDK, one after the other", "sdk_client", "new", 1),
        case(f"new SDK, {THREADS} threads", "sdk_client", "new", THREADS),
        case(f"new SDK, async, {CONCURRENCY} at a time", "sdk_client", "async", CONCURRENCY),
        case(f"aiohttp alone, {CONCURRENCY} at a time", "our_client", "aiohttp", CONCURRENCY),
        case(f"our Aliyun client, {CONCURRENCY} at a time", "our_client", "aliyun", CONCURRENCY),
        case(f"our OneNET client, {CONCURRENCY} at a time", "our_client", "onenet", CONCURRENCY),
    ]
