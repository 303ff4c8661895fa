"""Two ways to run an emulator from synchronous code: in a thread for tests, in the foreground for the command line."""

from __future__ import annotations

import asyncio
import functools
import signal
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from reconcile.emulator.http import Emulator
from reconcile.emulator.world import World


class EmulatorThread:
    """An emulator in a thread of its own while its `with` block runs."""

    def __init__(self, world: World, port: int = 0, *, host: str = "127.0.0.1", speed: float = 1.0) -> None:
        self.emulator = Emulator(world, host, port, speed)
        self.world = world
        self._stop: Callable[[], object] = lambda: None
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self.emulator.url

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.emulator.port

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as failure:  # noqa: BLE001 - raised again in the thread of the caller
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        stop = asyncio.Event()
        self._stop = functools.partial(asyncio.get_running_loop().call_soon_threadsafe, stop.set)
        async with self.emulator:
            self._ready.set()
            await stop.wait()


def serve(
    world: World, port: int, *, ready: Callable[[str], None], speed: float = 1.0, host: str = "127.0.0.1"
) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once with the URL when requests are welcome."""
    asyncio.run(_serve_until_signal(Emulator(world, host, port, speed), ready))


async def _serve_until_signal(emulator: Emulator, ready: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with emulator:
        ready(emulator.url)
        await stop.wait()
