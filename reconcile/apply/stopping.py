"""Stopping soon: whoever presses Ctrl-C, or a pipeline that ends a job, does not wait as long as a device may."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

GRACE_S = 3.0
"""What is on its way may take this long after a stop; then it is left to the next run, as after a crash."""

_T = TypeVar("_T")


async def unless_stopped(
    work: Coroutine[object, object, _T], stop: asyncio.Event, grace_s: float = GRACE_S
) -> _T | None:
    """The result of the work; None when it had to be given up after a stop. For reads, and for planning."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(_stopped(stop, grace_s))
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for each in (task, stopped):
            each.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await each


async def _stopped(stop: asyncio.Event, grace_s: float) -> None:
    await stop.wait()
    await asyncio.sleep(grace_s)


async def cancel_when_stopped(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Cancels the tasks a while after a stop; a task of an apply takes that for an end and not for an error."""
    await _stopped(stop, GRACE_S)
    for task in tasks:
        task.cancel()
