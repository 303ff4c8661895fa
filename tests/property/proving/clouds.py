"""Both emulated clouds, reached without a socket: a transport in place of the clients' connections.

Every request takes virtual time to arrive and to be answered. A request may meet its death on either side of landing,
and a cancel may meet a device that wakes just before it.
"""

import asyncio
from datetime import timedelta

from virtual_time.fleet import NOON
from virtual_time.wire import WAY_S, as_answered, as_emulated

from reconcile.emulator import Request, World, handle, routes
from reconcile.emulator.clock import to_ms
from reconcile.platforms.http1.exchange import Broken, Unreached


class Killed(BaseException):
    """The program died here: nothing of it touches the world any more."""


class Clouds:
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

    async def exchange(self, origin, asked):
        if self.is_dead:
            raise Killed
        if self.unreachable > 0:
            self.unreachable -= 1
            raise Unreached
        await asyncio.sleep(WAY_S)
        response = self._land(as_emulated(origin, asked))
        if response.delay_s > asked.read_s:
            await asyncio.sleep(asked.read_s)
            raise TimeoutError
        await asyncio.sleep(response.delay_s + WAY_S)
        if response.delivery == "drop":
            raise Broken
        if response.delivery == "truncate":
            raise Broken("half of it")
        return as_answered(response)

    async def aclose(self):
        pass

    def _land(self, asked):
        if self.is_dead:
            raise Killed
        log = self.world.log.entries
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
