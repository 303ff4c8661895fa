"""Connections that break between the real clients and the emulator; `python -m tests.faults` goes on for longer."""

import pytest
from histories import history
from proxy import Fault

MIXED = [
    *(Fault("reset_request", 380), Fault("reset_answer", 0), Fault("reset_answer", 230), Fault("close_answer", 120)),
    *(Fault("late"), Fault("too_late"), Fault("twice"), Fault("unheard")),
]


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("mixed", MIXED),
        ("instant", [Fault("reset_request", 200), Fault("reset_answer", 100)]),
        ("things", [Fault("stop_request", 200), Fault("late")]),
    ],
)
def test_broken_off_at_a_byte_the_same_command_completes(tmp_path, name, faults):
    with history(name, tmp_path) as (place, proxy):
        for fault in faults:
            struck = place.round(proxy, dict.fromkeys(place.kinds(fault), fault))
            assert struck


def test_questions_without_an_answer_stop_a_run_and_not_the_next(tmp_path):
    with history("mixed", tmp_path) as (place, proxy):
        struck = place.round(proxy, dict.fromkeys(place.READS, Fault("reset_answer", 40)))
        assert struck
        assert all("Run the same command again" in told for told in place.told)
