"""Ctrl-C and SIGTERM: the first asks a run to stop, the second ends it now."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from reconcile.runs.session import Session

_NUMBERS = (signal.SIGINT, signal.SIGTERM)
_T = TypeVar("_T")


async def stoppable(
    session: Session, work: Callable[[asyncio.Event], Awaitable[_T]], stopping: Callable[[], None]
) -> _T:
    """What the work comes to; its event is set by the first signal, of which `stopping` is told.

    The clients of the session are closed at its end. Raises: click.Abort after a second signal.
    """
    stop = asyncio.Event()
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    is_ended = False

    def interrupt() -> None:
        nonlocal is_ended
        if stop.is_set() and task is not None:
            is_ended = True
            task.cancel()
            return
        stop.set()
        stopping()

    for number in _NUMBERS:
        with suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C ends the run there
            loop.add_signal_handler(number, interrupt)
    try:
        return await work(stop)
    except asyncio.CancelledError:
        if is_ended:
            raise click.Abort from None
        raise
    finally:
        await session.close_clients()


@contextmanager
def own_signals() -> Iterator[None]:
    """Signals as a program has them that waits at a prompt: the event loop, which handles them else, stands still."""
    kept = {number: signal.getsignal(number) for number in _NUMBERS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
