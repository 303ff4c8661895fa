"""What may follow what in the journal, and that a resumed plan begins nothing again that is over."""

import subprocess
import sys
from pathlib import Path

import pytest
from apply_fakes import ADOPTED, CONFLICT, DONE, NEEDS_OPERATOR, NOT_LANDED, Bench, planned, queue_write, write_now

from reconcile.model.attempt_machine import TABLE, may_begin, may_follow
from reconcile.model.journal import AttemptState

FINAL = {DONE, ADOPTED, CONFLICT, AttemptState.SUPERSEDED}


def test_every_state_is_in_the_table_and_can_be_reached():
    reached, found = {None}, {None}
    while found:
        found = {after for state in found for after in TABLE[state].values()} - reached
        reached |= found
    assert reached == set(TABLE) == {None, *AttemptState}


def test_a_state_is_final_exactly_when_nothing_follows():
    for state in AttemptState:
        assert (state in FINAL) == (not any(may_follow(state, after) for after in AttemptState)), state


def test_what_is_open_never_begins_again_before_it_is_settled():
    """I9: a copy may still land while another would be sent."""
    for state in AttemptState:
        if state.is_open:
            assert not may_begin(state)
            assert all(not after.is_open or after is not AttemptState.INFLIGHT for after in TABLE[state].values())


def test_the_diagram_in_the_documentation_is_the_table():
    script = Path(__file__).parents[3] / "docs" / "make_journal.py"
    assert subprocess.run([sys.executable, script, "--check"], check=False).returncode == 0


@pytest.mark.parametrize("ended", [CONFLICT, NEEDS_OPERATOR])
def test_a_step_that_is_over_is_not_sent_again_by_a_resumed_plan(ended):
    """And what follows it does not go either; what does not, goes."""
    steps = planned(write_now(), queue_write(), queue_write(45.0, "/3303/0/5604"), after={2: (1,)})
    bench = Bench(steps, done={"meter-0001-s1": ended})
    tally = bench.execute()
    assert [action.kind for action, _ in bench.client.sent] == ["queue_write"]
    assert bench.states("meter-0001-s3")[-1] is DONE
    assert (tally.states[ended], tally.blocked, tally.is_complete) == (1, 1, False)


def test_a_step_that_had_no_effect_is_sent_again_by_a_resumed_plan():
    bench = Bench(planned(queue_write()), done={"meter-0001-s1": NOT_LANDED})
    assert bench.execute().is_complete
