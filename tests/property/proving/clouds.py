"""Both emulated clouds, reached without a socket: a transport in place of the clients' connections.

Every request takes virtual time to arrive and to be answered. A request may meet its death on either side of landing,
and a cancel may meet a device that wakes just before it.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import httpx

from reconcile.emulator import Request, World, handle, routes
from reconcile.emulator.clock import http_date, to_ms

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
_WAY_S = 0.02


class Killed(BaseException):
    """The program died here: nothing of it touches the world any more."""


class Clouds(httpx.AsyncBaseTransport):
    """The world, its clock (the loop's), and who is told of each request."""

    def __init__(self, loop, population, switches, seed=0):
        self.loop = loop
        self.world = World.from_records(population, seed=seed, now=NOON, switches=switches)
        self.death = None  # (how many more mutating requests, "before" | "after" landing)
        self.die = lambda: None
        self.is_dead = False
        self.before = {}  # operation: what happens once, just before such a request arrives
        self.watchers = []
        self.unreachable = 0  # how many requests more find nobody there

    def now(self):
        return NOON + timedelta(seconds=self.loop.time())

    @property
    def now_ms(self):
        return to_ms(self.now())

    def skip(self, seconds):
        """Time passes; sleepers wake, commands expire."""
        self.loop.skip(seconds)
        self.world.settle(self.now_ms)
        self.tell(None)

    def control(self, path, body=b"{}", method="POST"):
        """A control call, as over HTTP. Its status must be 200."""
        answer = handle(self.world, Request(method, f"/_emulator{path}", body=body), self.now())
        assert answer.status == 200, answer.body
        self.tell(None)

    async def handle_async_request(self, request):
        if self.is_dead:
            raise Killed
        if self.unreachable > 0:
            self.unreachable -= 1
            raise aiohttp.ConnectionTimeoutError
        await asyncio.sleep(_WAY_S)
        response = self._land(request)
        if response.delay_s > request.extensions["timeout"]["read"]:
            await asyncio.sleep(request.extensions["timeout"]["read"])
            raise TimeoutError
        await asyncio.sleep(response.delay_s + _WAY_S)
        if response.delivery == "drop":
            raise aiohttp.ServerDisconnectedError
        if response.delivery == "truncate":
            raise aiohttp.ClientPayloadError("half of it")
        headers = [("Date", http_date(response.date_ms)), ("Content-Type", response.content_type), *response.headers]
        return httpx.Response(response.status, headers=headers, stream=httpx.ByteStream(response.body))

    async def aclose(self):
        pass

    def _land(self, request):
        if self.is_dead:
            raise Killed
        log = self.world.log.entries
        asked = _as_emulated(request)
        if self.before:
            call = routes.find(self.world, asked, self.now_ms)
            self.before.pop(call.operation if call else "", lambda: None)()
        seen = len(log)
        if self.death and self.death[1] == "before" and self._is_its_turn(asked):
            self._end()
        answer = handle(self.world, asked, self.now())
        fresh = log[seen:]
        for entry in fresh:
            self.tell(entry)
        if self.death and self.death[1] == "after" and self._is_its_turn(asked):
            self._end()
        return answer

    def tell(self, entry):
        for watcher in self.watchers:
            watcher(entry)

    def _is_its_turn(self, asked):
        call = routes.find(self.world, asked, self.now_ms)
        if call is None or not call.mutating:
            return False
        left, side = self.death
        self.death = (left - 1, side)
        return left == 0

    def _end(self):
        self.death = None
        self.die()
        raise Killed


def _as_emulated(request):
    target = request.extensions.get("target")
    raw = target if target is not None else request.url.raw_path
    path, _, query = raw.decode("ascii").partition("?")
    headers = {name.decode("ascii").lower(): value.decode("ascii") for name, value in request.headers.raw}
    headers.setdefault("host", request.url.netloc.decode("ascii"))
    return Request(request.method, path, query, headers, b"".join(request.stream))
