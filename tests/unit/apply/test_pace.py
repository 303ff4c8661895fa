"""Never above the quota in any second, whoever asks when, and after every stall."""

import asyncio

import pytest
from apply_fakes import run

from reconcile.apply.pace import Pace


def most_in_a_second(moments):
    moments = sorted(moments)
    return max(sum(start <= moment < start + 1 for moment in moments) for start in moments)


def released(rate, arrivals, *, back_off=None, stall=None):
    """When requests that ask at `arrivals` may go. `back_off` and `stall` are (at, seconds)."""

    async def play():
        loop = asyncio.get_running_loop()
        start = loop.time()
        pace = Pace(rate, loop.time)
        moments = []

        async def one(at):
            await asyncio.sleep(at)
            await pace()
            moments.append(loop.time() - start)

        async def later(what, do):
            await asyncio.sleep(what[0])
            do(what[1])

        def freeze(seconds):
            loop.now_s += seconds

        extras = [later(back_off, pace.back_off)] if back_off else []
        extras += [later(stall, freeze)] if stall else []
        await asyncio.gather(*map(one, arrivals), *extras)
        return moments

    return run(play)


@pytest.mark.parametrize("rate", [1, 2, 5, 10, 40, 80, 333])
def test_a_crowd_is_spread_below_the_rate_in_any_second(rate):
    moments = released(rate, [0.0] * (rate * 3))
    assert most_in_a_second(moments) <= rate
    assert max(moments) <= (rate * 3) / (rate * 0.97)


@pytest.mark.parametrize("rate", [5, 80])
def test_requests_that_dribble_in_are_not_saved_up_for_a_burst(rate):
    arrivals = [n / (rate * 0.7) for n in range(rate)] + [5.0] * (rate * 2)
    assert most_in_a_second(released(rate, arrivals)) <= rate


@pytest.mark.parametrize("rate", [5, 40, 80])
def test_after_a_stall_of_the_program_the_quota_still_holds(rate):
    assert most_in_a_second(released(rate, [0.0] * (rate * 3), stall=(0.5, 0.9))) <= rate


def test_backing_off_holds_back_those_who_wait_already():
    moments = released(10, [0.0] * 10, back_off=(0.25, 5.0))
    assert not [moment for moment in moments if 0.26 < moment < 5.2]


def test_requests_go_in_the_order_they_asked():
    async def play():
        loop = asyncio.get_running_loop()
        pace, order = Pace(10, loop.time), []

        async def one(name):
            await pace()
            order.append(name)

        await asyncio.gather(*(one(n) for n in range(20)))
        return order

    assert run(play) == list(range(20))
