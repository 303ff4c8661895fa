"""Leaves a state as a run does that was killed with everything in the air: every attempt begun, none settled.

Each attempt is begun by the program's own code and never closed; every second request was really sent and landed.
Run: `python -m benchmarks.open_attempts MANIFESTS STATE ENDPOINT`, with the keys in the environment.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from reconcile.apply import attempt, fold
from reconcile.apply.writer import Writer
from reconcile.model.errors import CallFailed
from reconcile.model.plan import PlannedDevice
from reconcile.runs.lanes import leases
from reconcile.runs.plan import make_plan
from reconcile.runs.request import Refresh, Request
from reconcile.runs.session import Options, Session

_AT_ONCE = 256


async def leave(session: Session) -> None:
    """Begins the first step of every device; sends those of every second."""
    plan = (await make_plan(session, Request(Refresh.NONE))).plan
    with leases(session, "benchmark") as fences:
        lanes = {name: fences.lane(session, name) for name in session.fleet.platforms}
        for name, lane in lanes.items():
            await lane.client.learn_clock(next(one.identity for one in plan.devices if one.ref.platform == name))
        slots, now = asyncio.Semaphore(_AT_ONCE), session.options.now

        async def one(number: int, planned: PlannedDevice, writer: Writer) -> None:
            run = attempt.Run(
                plan.occasion,
                writer,
                emit=lambda _event: None,
                now=now,
                stop=asyncio.Event(),
                pause=lambda *_: None,
                throttled=lambda _lane: None,
                may_begin=lambda _device: True,
            )
            lane, step = lanes[planned.ref.platform], planned.steps[0]
            work = attempt.Work(planned, fold.begin(None, planned, now()), is_recorded=False)
            async with slots:
                begun = await attempt._begin(run, lane, work, step, 1)  # noqa: SLF001  # begun as the program does, but left
                if number % 2:
                    try:
                        await lane.client.send(planned.identity, step.action, begun.stamp)
                    except CallFailed as exc:
                        sys.exit(f"{planned.ref}: {exc}")

        async with Writer(session.store, fences.by_lane) as writer:
            await asyncio.gather(*(one(number, planned, writer) for number, planned in enumerate(plan.devices)))
    await session.close_clients()


if __name__ == "__main__":
    manifests, state, endpoint = sys.argv[1:]
    options = Options(Path(manifests), state, {"aliyun-prod": endpoint, "onenet-prod": endpoint}, dict(os.environ))
    with Session.open(options, creates_state=True) as opened:
        asyncio.run(leave(opened))
