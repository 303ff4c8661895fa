"""Windows in local time: over midnight, on some weekdays, across a change of clocks; and rules read back from JSON."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.forecast import Forecast
from reconcile.model.rollout import Rollout, Ticket, Wave, Window
from reconcile.model.rollout_note import RolloutNote, WaveNote

BEIJING = timezone(timedelta(hours=8))
NIGHT = Window(22 * 60, 5 * 60, frozenset({0}))  # Monday 22:00 to Tuesday 05:00


def rollout(*windows, zone=BEIJING):
    return Rollout("p", "d", (Wave(percent=100),), windows=windows, zone=zone)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T21:59:59", False),
        ("2026-11-23T22:00:00", True),
        ("2026-11-24T04:59:59", True),
        ("2026-11-24T05:00:00", False),
        ("2026-11-24T23:00:00", False),
        ("2026-11-23T04:00:00", False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_begins_on(moment, is_open):
    assert rollout(NIGHT).is_open(at(moment)) is is_open


def test_the_next_opening_is_told_up_to_a_week_ahead():
    assert rollout(NIGHT).opens(at("2026-11-24T05:00:00")) == at("2026-11-30T22:00:00")
    assert rollout(NIGHT).opens(at("2026-11-23T23:00:00")) is None
    assert rollout().opens(at("2026-11-23T23:00:00")) is None


def test_a_whole_day_has_no_gap_at_midnight():
    day = rollout(Window(0, 24 * 60))
    assert all(day.is_open(at("2026-11-23T23:59:59") + timedelta(seconds=s)) for s in range(3))


def test_local_time_is_the_clock_on_the_wall_when_clocks_change():
    """In Berlin, 29 March 2026 has no 02:00 to 03:00: four o'clock comes two hours after one."""
    berlin = rollout(Window(4 * 60, 5 * 60), zone=ZoneInfo("Europe/Berlin"))
    assert not berlin.is_open(datetime(2026, 3, 29, 1, 59, tzinfo=UTC))
    assert berlin.is_open(datetime(2026, 3, 29, 2, 0, tzinfo=UTC))
    assert berlin.is_open(datetime(2026, 3, 28, 3, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("begins", "ends", "opens", "closes"),
    [
        (150, 210, "01:00", "01:30"),  # 02:30 is skipped: it opens when the clocks jump
        (60, 150, "00:00", "01:00"),  # and so it closes
        (125, 170, None, None),  # all of it is skipped
        (0, 24 * 60, "23:00", "22:00"),  # a day of 23 hours
    ],
)
def test_a_time_that_the_clocks_skip_is_the_moment_they_jump(begins, ends, opens, closes):
    berlin = rollout(Window(begins, ends, frozenset({6})), zone=ZoneInfo("Europe/Berlin"))
    night = [datetime(2026, 3, 28, 22, tzinfo=UTC) + timedelta(minutes=minute) for minute in range(0, 26 * 60, 5)]
    found = [moment for moment in night if berlin.is_open(moment)]
    said = [f"{moment:%H:%M}" for moment in (found[0], found[-1] + timedelta(minutes=5))] if found else [None, None]
    assert said == [opens, closes]


def test_a_time_that_comes_twice_is_the_first():
    """In Berlin, 25 October 2026 has 02:00 to 03:00 twice: at 00:00 and at 01:00 UTC."""
    berlin = rollout(Window(150, 180), zone=ZoneInfo("Europe/Berlin"))
    assert not berlin.is_open(datetime(2026, 10, 25, 0, 29, tzinfo=UTC))
    assert berlin.is_open(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert berlin.is_open(datetime(2026, 10, 25, 1, 59, tzinfo=UTC))
    assert not berlin.is_open(datetime(2026, 10, 25, 2, 0, tzinfo=UTC))


CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, tzinfo=UTC)),
    ("Asia/Shanghai", datetime(2026, 11, 23, tzinfo=UTC)),
]


@given(st.sampled_from(CHANGES), st.integers(0, 47), st.integers(1, 48), st.sets(st.integers(0, 6), min_size=1))
@settings(max_examples=25, deadline=None)
def test_a_window_is_open_when_the_clock_on_the_wall_says_so(change, begins, ends, days):
    """By brute force, every half hour of three days around a change of clocks, but for a time that comes twice."""
    zone, near = ZoneInfo(change[0]), change[1]
    begins, ends = begins * 30, ends * 30
    ruled = rollout(Window(begins, ends, frozenset(days)), zone=zone)
    for step in range(-48, 96):
        moment = near + timedelta(minutes=30 * step + 7)
        wall = moment.astimezone(zone)
        minutes, today, before = wall.hour * 60 + wall.minute, wall.weekday(), (wall.weekday() - 1) % 7
        if ends > begins:
            expected = today in days and begins <= minutes < ends
        elif ends == begins:
            continue
        else:
            expected = (today in days and minutes >= begins) or (before in days and minutes < ends)
        if ruled.is_open(moment) is not expected:
            near_twice = any(_comes_twice(moment + timedelta(minutes=m), zone) for m in range(-240, 241, 30))
            assert near_twice, (wall, begins, ends)


def _comes_twice(moment, zone):
    wall = moment.astimezone(zone)
    return wall.replace(fold=0).utcoffset() > wall.replace(fold=1).utcoffset()


def test_what_a_plan_tells_of_a_rollout_is_read_back_as_it_was():
    waves = (WaveNote(1, 3, 1, 1, 0, 1, 0), WaveNote(2, 9, unsent=9, accepted_s=0.5, forecast=Forecast(9, 2, 60, 90)))
    for note in (
        RolloutNote("p", "d", "waiting", 1, waves, again_s=60),
        RolloutNote("p", "d", "closed", 2, waves, opens=at("2026-11-30T22:00:00")),
    ):
        assert RolloutNote.from_json(note.to_json()) == note
    ticket = Ticket("p", "d", 2, "doc")
    assert Ticket.from_json(ticket.to_json()) == ticket
