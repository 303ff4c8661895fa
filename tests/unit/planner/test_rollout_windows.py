"""Windows in local time: over midnight, on some weekdays, across a change of clocks; and rules read back from JSON."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

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


def test_what_a_plan_tells_of_a_rollout_is_read_back_as_it_was():
    waves = (WaveNote(1, 3, 1, 1, 0, 1, 0), WaveNote(2, 9, unsent=9, accepted_s=0.5, forecast=Forecast(9, 2, 60, 90)))
    for note in (
        RolloutNote("p", "d", "waiting", 1, waves, again_s=60),
        RolloutNote("p", "d", "closed", 2, waves, opens=at("2026-11-30T22:00:00")),
    ):
        assert RolloutNote.from_json(note.to_json()) == note
    ticket = Ticket("p", "d", 2, "doc")
    assert Ticket.from_json(ticket.to_json()) == ticket
