"""The emulator on a socket: bytes in, `handle`, bytes out. Loopback only, whatever anybody asks for."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from aiohttp import web

from reconcile.emulator.clock import http_date, to_datetime
from reconcile.emulator.exchange import handle
from reconcile.emulator.messages import Request, Response
from reconcile.emulator.world import World

_HOST_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Emulator:
    """A world served over HTTP while its `async with` block runs.

    Its clock is the world's start, plus `speed` times what has really passed, plus the advances made by control calls.
    Raises ValueError for an address that is not loopback.
    """

    def __init__(self, world: World, host: str = "127.0.0.1", port: int = 0, speed: float = 1.0) -> None:
        self.world = world
        self.host = _loopback(host)
        self.port = port
        self._speed = speed
        self._base = to_datetime(world.base_ms)
        self._started_s = time.monotonic()
        self._runner: web.ServerRunner | None = None
        self._dated = (-1, "")

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def now(self) -> datetime:
        """The emulator's clock."""
        elapsed_s = (time.monotonic() - self._started_s) * self._speed
        return self._base + timedelta(seconds=elapsed_s, milliseconds=self.world.advanced_ms)

    async def __aenter__(self) -> Self:
        server = web.Server(self._respond, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _respond(self, incoming: web.BaseRequest) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in incoming.headers.items()}
        if not _is_local_name(headers.get("host", "")):
            return web.Response(status=421, text="not a loopback host name", headers={"X-Emulator": "1"})
        try:
            body = await incoming.read() if incoming.can_read_body else b""
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413, headers={"X-Emulator": "1"})
        request = Request(incoming.method, incoming.path, incoming.rel_url.raw_query_string, headers, body)
        response = handle(self.world, request, self.now())
        if response.delay_s:
            await asyncio.sleep(response.delay_s)
            if incoming.transport is None or incoming.transport.is_closing():
                self.world.log.mark_unanswered(response.seq)
        return await self._send(incoming, response)

    async def _send(self, incoming: web.BaseRequest, response: Response) -> web.StreamResponse:
        if response.delivery == "drop":
            _hang_up(incoming)
            return web.Response()
        headers = {"X-Emulator": "1", "Date": self._date(response.date_ms), "Content-Type": response.content_type}
        headers |= dict(response.headers)
        if response.delivery == "truncate":
            return await _send_half(incoming, response, headers)
        return web.Response(status=response.status, body=response.body, headers=headers)

    def _date(self, moment_ms: int) -> str:
        if self._dated[0] != moment_ms // 1000:
            self._dated = (moment_ms // 1000, http_date(moment_ms))
        return self._dated[1]


async def _send_half(incoming: web.BaseRequest, response: Response, headers: dict[str, str]) -> web.StreamResponse:
    stream = web.StreamResponse(status=response.status, headers=headers)
    stream.content_length = len(response.body)
    await stream.prepare(incoming)
    with contextlib.suppress(ConnectionError):
        await stream.write(response.body[: len(response.body) // 2])
    _hang_up(incoming)
    return stream


def _hang_up(incoming: web.BaseRequest) -> None:
    if incoming.transport is not None:
        incoming.transport.close()


def _is_local_name(host: str) -> bool:
    name = host[: host.index("]") + 1] if "]" in host else host.partition(":")[0]
    return name.lower() in _HOST_NAMES


def _loopback(host: str) -> str:
    if host == "localhost":
        return "127.0.0.1"
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise ValueError(f"the emulator serves loopback addresses only, not {host}")
