"""Between a simulated process and the emulated clouds: time passes each way, and what left arrives whoever dies.

The clouds are the emulator's pure request handling on the loop's clock; there is no socket. The way there always takes
as long, so the order and the rate of requests are those of the sender; the way back varies.
"""

import asyncio

import aiohttp
import httpx

from reconcile.emulator import Request
from reconcile.emulator.clock import http_date

from .loop import NOBODY

WAY_S = 0.02


class Wire(httpx.AsyncBaseTransport):
    """In the place of a client's connections: one process's way to the clouds of a site."""

    def __init__(self, site, process):
        self._site, self._process = site, process

    async def handle_async_request(self, request):
        site, loop = self._site, self._site.loop
        timeout_s = request.extensions["timeout"]["read"]
        if site.dice.random() < site.network.unreachable:
            raise aiohttp.ConnectionTimeoutError
        self._process.sent_since |= self._process.has_left
        answered = loop.create_future()
        asked = _as_emulated(request)
        NOBODY.copy().run(loop.call_later, WAY_S, self._arrive, asked, answered)
        timer = loop.call_later(timeout_s, _fail, answered, TimeoutError)
        try:
            response = await answered
        finally:
            timer.cancel()
        if response.delivery == "drop":
            raise aiohttp.ServerDisconnectedError
        if response.delivery == "truncate":
            raise aiohttp.ClientPayloadError("half of it")
        headers = [("Date", http_date(response.date_ms)), ("Content-Type", response.content_type), *response.headers]
        return httpx.Response(response.status, headers=headers, stream=httpx.ByteStream(response.body))

    async def aclose(self):
        pass

    def _arrive(self, asked, answered):
        site = self._site
        response = site.land(asked, self._process)
        back_s = WAY_S + site.network.jitter_s * site.dice.random()
        if site.dice.random() < site.network.lost_answers:
            return  # the answer is lost on its way: the client waits until it gives up
        site.loop.call_later(response.delay_s + back_s, _answer, answered, response)


def _answer(future: asyncio.Future, response):
    if not future.done():
        future.set_result(response)


def _fail(future: asyncio.Future, failure):
    if not future.done():
        future.set_exception(failure)


def _as_emulated(request):
    target = request.extensions.get("target")
    raw = target if target is not None else request.url.raw_path
    path, _, query = raw.decode("ascii").partition("?")
    headers = {name.decode("ascii").lower(): value.decode("ascii") for name, value in request.headers.raw}
    headers.setdefault("host", request.url.netloc.decode("ascii"))
    return Request(request.method, path, query, headers, b"".join(request.stream))
