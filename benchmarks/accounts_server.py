"""Several emulated accounts in one process, each on a port of its own with its documented quota enforced.

It collects no garbage: a pause of its own would look like a burst of the client.

Run: `python -m benchmarks.accounts_server POPULATION PORT...`; every account has the whole population.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from datetime import UTC, datetime
from pathlib import Path

from reconcile.emulator import World
from reconcile.emulator.http import Emulator
from reconcile.emulator.population import read


async def _serve(population: Path, ports: list[int]) -> None:
    records = read(population)
    gc.disable()
    async with contextlib.AsyncExitStack() as stack:
        for port in ports:
            world = World.from_records(records, seed=0, now=datetime.now(UTC), switches={"aliyun_quota": "enforced"})
            await stack.enter_async_context(Emulator(world, "127.0.0.1", port))
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
