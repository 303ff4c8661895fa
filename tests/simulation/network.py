"""Between a simulated process and the emulated clouds: time passes each way, and what left arrives whoever dies.

The clouds are the emulator's pure request handling on the loop's clock; there is no socket. The way there always takes
as long, so the order and the rate of requests are those of the sender; the way back varies.
"""

import asyncio

from virtual_time.wire import WAY_S, as_answered, as_emulated

from reconcile.platforms.http1.exchange import Broken, Unreached

from .loop import NOBODY


class Wire:
    """In the place of a client's connections: one process's way to the clouds of a site."""

    def __init__(self, site, process):
        self._site, self._process = site, process

    async def exchange(self, origin, asked):
        site, loop = self._site, self._site.loop
        if site.dice.random() < site.network.unreachable:
            raise Unreached
        self._process.sent_since |= self._process.has_left
        answered = loop.create_future()
        NOBODY.copy().run(loop.call_later, WAY_S, self._arrive, as_emulated(origin, asked), answered)
        timer = loop.call_later(asked.read_s, _fail, answered, TimeoutError)
        try:
            response = await answered
        finally:
            timer.cancel()
        if response.delivery == "drop":
            raise Broken
        if response.delivery == "truncate":
            raise Broken("half of it")
        return as_answered(response)

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
