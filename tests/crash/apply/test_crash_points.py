"""SIGKILL at named points of the real program; `python -m tests.crash --all` goes through all occurrences of all."""

import pytest
from crash_fleet import site
from crash_matrix import SECOND, prove

NOT_SENT = ("begin", "inflight", "request")
"""Nothing landed at these, so that the same operation is reached again; at `answered` it did."""
CHAINS = [
    *(
        ((*NOT_SENT, "answered"), operation)
        for operation in ("queue_write", "queue_execute", "set_desired", "write_now", SECOND)
    ),
    (("outcome",), "queue_execute"),
    (("recorded",), "set_desired"),
]


@pytest.mark.parametrize(("points", "operation"), CHAINS)
def test_killed_at_one_point_after_the_other_the_same_command_completes(tmp_path, points, operation):
    chain = [(point, operation, 1) for point in points]
    with site(tmp_path) as place:
        assert prove(place, chain, is_second=operation == SECOND) == []


def test_killed_around_transactions_of_the_state_it_completes(tmp_path):
    chain = [("writing", "state", 2), ("uncommitted", "state", 3), ("committed", "state", 4)]
    with site(tmp_path) as place:
        assert prove(place, chain) == []
