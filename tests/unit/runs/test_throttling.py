"""What a cloud's "too fast" leaves behind, should the run be killed the moment after."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from reconcile.apply.pace import Pace
from reconcile.ports import Reservation
from reconcile.runs.throttling import Throttling
from reconcile.state.sqlite import Sqlite

LANE = "onenet-prod"
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with Sqlite.open(tmp_path / "state.db") as opened, opened.lease(LANE, "test", AT) as fence:
        opened.fence = fence
        yield opened


def throttling(store, told=None):
    pace = Pace(40, lambda: 100.0)
    pace.calls = 1
    one = Throttling({LANE: pace}, store, lambda: AT)
    one.fences = {LANE: store.fence}
    one.tell = lambda *said: None if told is None else told.append(said)
    return one


def test_the_lower_rate_is_told_and_kept_when_it_is_heard(store):
    told = []
    rate = throttling(store, told).heard(LANE)
    assert told == [(LANE, rate)]
    assert store.reservation(LANE).share == 0.5


def test_the_pause_is_kept_when_it_begins_and_not_again_for_every_request(store, monkeypatch):
    kept = []
    real = store.reserve
    monkeypatch.setattr(store, "reserve", lambda *said: (kept.append(said), real(*said)))
    one = throttling(store)
    for _ in range(60):
        one.pause(LANE, 30.0)
    assert len(kept) == 1
    assert store.reservation(LANE) == Reservation(AT + timedelta(seconds=30), 1.0)
    one.pause(LANE, 45.0)
    assert store.reservation(LANE).until == AT + timedelta(seconds=45)


def test_what_only_asks_without_a_lease_slows_down_and_keeps_nothing(store):
    one = throttling(store)
    one.fences = {}
    assert one.heard(LANE) is not None
    assert store.reservation(LANE) is None


def test_a_state_far_away_holds_up_no_request_and_is_asked_once_at_a_time(store, monkeypatch):
    async def play():
        began, release, kept, twice = threading.Event(), threading.Event(), [], threading.Event()

        def slow(lane, fence, reservation):
            began.set()
            release.wait(5)
            kept.append(reservation.until - AT)
            if len(kept) == 2:
                twice.set()

        monkeypatch.setattr(store, "reserve", slow)
        one = throttling(store)
        for seconds in (5.0, 10.0, 15.0, 20.0):
            one.pause(LANE, seconds)
        assert await asyncio.to_thread(began.wait, 5)
        release.set()
        assert await asyncio.to_thread(twice.wait, 5)
        return kept

    assert asyncio.run(play()) == [timedelta(seconds=5), timedelta(seconds=20)]
