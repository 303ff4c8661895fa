"""OneNET's times and its clock: Beijing's, in every form that is printed, and learned from answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.platforms.onenet.clock import ServerClock
from reconcile.platforms.onenet.wire import times


@pytest.mark.parametrize(
    "text", ["2026-11-22 16:00:00", "2026-11-22T16:00:00", "2026-11-22 16:00:00.000", "2026-11-22T08:00:00Z"]
)
def test_times_are_beijing_unless_they_say_otherwise(text):
    assert times.from_wire(text) == datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, 5, "", "soon", "2026-13-01 00:00:00", "0001-01-01 00:00:00"])
def test_what_is_no_time(text):
    assert times.from_wire(text) is None


@given(st.timedeltas(timedelta(0), timedelta(days=36_525)).map(lambda since: datetime(2000, 1, 1, tzinfo=UTC) + since))
def test_times_round_trip_to_the_second(at):
    assert times.from_wire(times.to_wire(at)) == at.replace(microsecond=0)


class Hands:
    """Our own clock, moved by hand."""

    def __init__(self):
        self.at = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)

    def __call__(self):
        return self.at


def date_of(at):
    return at.strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_clock_is_our_own_until_an_answer_came():
    hands = Hands()
    clock = ServerClock(hands)
    clock.learn(None, hands())
    clock.learn("yesterday", hands())
    assert clock.now() == hands.at
    assert not clock.is_learned


@given(st.floats(-86400, 86400), st.lists(st.tuples(st.floats(0, 5), st.floats(0, 1)), min_size=1, max_size=30))
def test_clock_stays_within_the_second_and_the_journey(offset_s, journeys):
    hands, offset = Hands(), timedelta(seconds=offset_s)
    clock = ServerClock(hands)
    for journey_s, share in journeys:
        sent = hands.at
        date = date_of(sent + timedelta(seconds=journey_s * share) + offset)
        hands.at = sent + timedelta(seconds=journey_s)
        clock.learn(date, sent)
    slack = timedelta(seconds=1 + min(journey for journey, _ in journeys), milliseconds=1)
    assert abs(clock.now() - hands.at - offset) <= slack / 2 + timedelta(milliseconds=1)


def test_clock_follows_a_server_that_was_moved():
    hands = Hands()
    clock = ServerClock(hands)
    clock.learn(date_of(hands.at), hands.at)
    clock.learn(date_of(hands.at + timedelta(hours=2)), hands.at)
    assert abs(clock.now() - hands.at - timedelta(hours=2)) <= timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Fri Jun 21 17:06:32 CST 2019", datetime(2019, 6, 21, 9, 6, 32, tzinfo=UTC)),
        ("Fri May 10 01:32:48 CST 2019", datetime(2019, 5, 9, 17, 32, 48, tzinfo=UTC)),
        ("2020-06-19T09:48:15.027Z", datetime(2020, 6, 19, 9, 48, 15, 27000, tzinfo=UTC)),
        ("0001-01-01T00:00:00.000Z", None),
        ("Fri Jun 21 17:06:32 UTC 2019", None),
        ("Fri Jum 21 17:06:32 CST 2019", None),
        ("Fri Jun 99 17:06:32 CST 2019", None),
        ("Fri Jun 21", None),
        ("", None),
        (5, None),
    ],
)
def test_times_in_every_form_that_is_printed(text, at):
    assert times.from_wire(text) == at
