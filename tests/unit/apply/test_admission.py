"""Instant calls to slow devices stay open side by side, and none is begun long before it goes."""

import asyncio
from dataclasses import replace

from apply_fakes import DONE, INFLIGHT, Bench, planned, queue_write, write_now

from reconcile.apply.admission import at_the_gate
from reconcile.apply.pace import Pace
from reconcile.model.device import DeviceRef


class SlowBench(Bench):
    """Devices that take half a minute to answer, on an account of 20 requests a second."""

    def lane(self):
        loop = asyncio.get_running_loop()
        self.pace, self.begun, self.took = Pace(20, loop.time), 0, loop
        send = self.client.send
        most = self.most_before_their_turn = []

        async def slowly(identity, action, stamp):
            await self.pace()
            states = [state for state, _, _ in (entry for entry in self.log if len(entry) == 3)]
            most.append(states.count(INFLIGHT.value) - self.pace.calls)
            await asyncio.sleep(30)
            return await send(identity, action, stamp)

        self.client.send = slowly
        return replace(super().lane(), width_instant=500, gate=asyncio.Semaphore(4))

    async def _execute(self):
        tally = await super()._execute()
        self.took_s = asyncio.get_running_loop().time() - 1000
        return tally


def fleet(count, action):
    return [planned(action, ref=DeviceRef("onenet-prod", f"meter-{n:04}")) for n in range(count)]


def test_three_hundred_slow_devices_take_the_quota_and_one_answer():
    bench = SlowBench(*fleet(300, write_now()))
    assert bench.execute().states == {DONE: 300}
    assert bench.took_s < 300 / 20 + 30 + 2
    assert max(bench.most_before_their_turn) <= 4


def test_queued_writes_keep_to_the_width_of_the_lane():
    bench = SlowBench(*fleet(150, queue_write()), width=50)
    assert bench.execute().is_complete
    assert bench.took_s > 3 * 30


def test_queued_writes_are_not_begun_long_before_they_go_either():
    bench = SlowBench(*fleet(150, queue_write()), width=50)
    assert bench.execute().is_complete
    assert max(bench.most_before_their_turn) <= 4


def test_the_gate_admits_two_seconds_of_the_account_and_a_few_of_the_slowest():
    assert [at_the_gate(rate) for rate in (0.5, 1, 8, 50, 80, 100_000)] == [16, 16, 16, 100, 160, 4096]
