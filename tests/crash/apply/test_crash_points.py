"""SIGKILL at named points of the real program; `python -m tests.crash --all` goes through all occurrences of all."""

import pytest
from crash_matrix import prove
from crash_site import site
from crash_stories import STORIES

NOT_SENT = ("begin", "inflight", "request")
"""Nothing landed at these, so that the same operation is reached again; at `answered` it did."""
CHAINS = [
    *(
        (story, (*NOT_SENT, "answered"), operation)
        for story, operation in (
            *(("first", "queue_write"), ("first", "queue_execute"), ("first", "set_desired"), ("first", "write_now")),
            *(("second", "cancel_queued"), ("things", "set_desired"), ("waves", "queue_write")),
        )
    ),
    ("instant", ("begin", "inflight"), "execute_now"),
    ("instant", ("answered",), "execute_now"),
    ("leaving", ("answered",), "cancel_queued"),
    ("two", ("request",), "queue_execute"),
    ("saved", ("outcome",), "queue_execute"),
    ("saved", ("recorded",), "set_desired"),
]


@pytest.mark.parametrize(("story", "points", "operation"), CHAINS)
def test_killed_at_one_point_after_the_other_the_same_command_completes(tmp_path, story, points, operation):
    chain = [(point, operation, 1) for point in points]
    with site(tmp_path, STORIES[story]) as place:
        assert prove(place, chain) == []


def test_killed_around_transactions_of_the_state_it_completes(tmp_path):
    chain = [("writing", "state", 2), ("uncommitted", "state", 3), ("committed", "state", 4)]
    with site(tmp_path, STORIES["first"]) as place:
        assert prove(place, chain) == []
