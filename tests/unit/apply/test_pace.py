"""Never above the quota in any second, whoever asks when, and after every stall."""

import asyncio
from itertools import pairwise

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
    assert max(moments) - min(moments) <= (rate * 3) / (rate * 0.975)


@pytest.mark.parametrize("rate", [5, 80])
def test_requests_that_dribble_in_are_not_saved_up_for_a_burst(rate):
    arrivals = [n / (rate * 0.7) for n in range(rate)] + [5.0] * (rate * 2)
    assert most_in_a_second(released(rate, arrivals)) <= rate


@pytest.mark.parametrize("rate", [5, 40, 80])
def test_after_a_stall_of_the_program_the_quota_still_holds(rate):
    assert most_in_a_second(released(rate, [0.0] * (rate * 3), stall=(0.5, 0.9))) <= rate


@pytest.mark.parametrize("rate", [20, 50, 80])
def test_what_short_stalls_cost_is_made_good_within_the_quota(rate):
    """A stall of four slots each second: kept to the slots alone, requests would lose one in fourteen."""

    async def play():
        loop = asyncio.get_running_loop()
        pace, moments = Pace(rate, loop.time), []

        async def one():
            await pace()
            moments.append(loop.time())
            if len(moments) % (rate + 7) == 0:
                loop.now_s += min(4 / rate, 0.09)

        await asyncio.gather(*(one() for _ in range(10 * rate)))
        return moments

    moments = run(play)
    assert most_in_a_second(moments) <= rate
    assert (len(moments) - 1) / (moments[-1] - moments[0]) > 0.975 * rate


def test_what_nobody_asked_for_is_not_made_good():
    arrivals = [3.0] * 10
    moments = released(50, arrivals)
    assert min(later - earlier for earlier, later in pairwise(moments)) > 0.017


def test_a_run_that_follows_a_killed_one_at_once_stays_within_the_quota():
    """The one before had fallen behind and was catching up when it died; nobody could say so."""

    async def play():
        loop = asyncio.get_running_loop()
        moments = []

        async def one(pace):
            await pace()
            moments.append(loop.time())
            if len(moments) == 26:
                loop.now_s += 0.09

        for count in (31, 60):
            pace = Pace(20, loop.time)
            await asyncio.gather(*(one(pace) for _ in range(count)))
        return moments

    assert most_in_a_second(run(play)) <= 20


def test_backing_off_holds_back_those_who_wait_already():
    moments = released(10, [0.0] * 10, back_off=(0.25, 5.0))
    assert not [moment for moment in moments if 0.26 < moment < 5.2]


def test_the_first_request_keeps_its_distance_from_what_an_earlier_run_sent_last():
    assert released(2, [0.0, 0.0])[0] >= 0.5


class Clock:
    """A monotonic clock that is moved by hand, or by whoever waits for it."""

    def __init__(self):
        self.now_s = 50.0

    def __call__(self):
        return self.now_s


def test_too_fast_halves_the_rate_once_a_second_and_it_grows_back_by_a_twentieth_a_second():
    clock = Clock()
    pace = Pace(100, clock)
    full = pace.rate
    assert pace.throttled() == pytest.approx(full / 2)
    assert pace.throttled() is None, "what was on its way says the same"
    clock.now_s += 2
    assert pace.rate == pytest.approx(full * 0.6)
    assert pace.throttled() == pytest.approx(full * 0.3)
    clock.now_s += 60
    assert pace.rate == pytest.approx(full)


def test_an_account_that_never_has_room_is_still_asked_now_and_then():
    clock = Clock()
    pace = Pace(16, clock)
    for _ in range(20):
        clock.now_s += 1
        pace.throttled()
    assert 0.9 < pace.rate < 2


@pytest.mark.parametrize("limit", [20, 35])
def test_with_others_on_the_account_most_of_what_is_left_is_used(limit):
    """The account takes `limit` a second of the 40 that are configured; whoever is over it in a second is refused."""

    async def play():
        loop = asyncio.get_running_loop()
        pace, taken, refused = Pace(40, loop.time), [], 0
        while loop.time() < 1120:
            await pace()
            now = loop.time()
            if sum(moment > now - 1 for moment in taken[-limit:]) >= limit:
                refused += 1
                pace.throttled()
            else:
                taken.append(now)
        return len(taken) / 120, refused / (len(taken) + refused)

    reached, refused = run(play)
    assert reached > 0.7 * limit
    assert refused < 0.02


def test_a_run_goes_on_where_the_one_before_stood():
    clock = Clock()
    before, after = Pace(10, clock), Pace(10, clock)
    before.throttled()
    before.back_off(3.0)
    after.resume(before.ahead_s(), before.share)
    assert (after.ahead_s(), after.rate) == (pytest.approx(3.0), pytest.approx(before.rate))


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
