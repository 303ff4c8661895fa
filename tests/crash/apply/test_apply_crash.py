"""The real program, killed at every kind of request, misled by every kind of answer: the same command completes.

What happened is read from the emulator's log and devices, what was known from the journal, never from the program.
"""

import random
import signal
import time
from datetime import timedelta

import pytest
from crash_fleet import Mixed
from crash_site import site, wait_until

from reconcile.model.journal import AttemptState
from reconcile.runs.planfile import write_plan
from reconcile.runs.request import Scope

LANDED, LOST = ("slow:20",), ("http_500_before", "slow:20")
"""The process dies while it waits for an answer: of a request that took effect, or of one that did not."""

FIRST = [("queue_execute", 1)]
SECOND = [("cancel", 3), ("queue_write", 2)]
"""From outside; at named points inside, each kind of request in `test_crash_points.py`."""


@pytest.fixture
def place(tmp_path):
    with site(tmp_path, Mixed) as found:
        yield found


def kill_in(place, operation, nth, faults, *words):
    """Kills the program while the nth request of that kind waits for its answer."""
    seen = place.mutating(operation)
    place.fault(operation, *faults, nth=nth)
    assert place.kill_when(lambda: place.mutating(operation) == seen + nth, *words)
    place.check_journal_came_first()
    place.heal()
    place.skip()


@pytest.mark.parametrize("faults", [LANDED, LOST], ids=["landed", "lost"])
@pytest.mark.parametrize(("operation", "nth"), FIRST)
def test_killed_in_a_first_apply_the_same_command_completes(place, operation, nth, faults):
    kill_in(place, operation, nth, faults, "apply", "--yes")
    place.apply()
    place.check_settled(1, runs=1, version=1)
    place.check_delivered(1, executions=1)


@pytest.mark.parametrize("faults", [LANDED, LOST], ids=["landed", "lost"])
@pytest.mark.parametrize(("operation", "nth"), SECOND)
def test_killed_while_newer_values_replace_what_waits_the_same_command_completes(place, operation, nth, faults):
    place.apply()
    place.declare(2)
    kill_in(place, operation, nth, faults, "apply", "--yes")
    place.apply()
    place.check_settled(2, runs=2, version=2)
    place.check_delivered(2, executions=1)


def test_killed_again_and_again_at_any_moment_it_completes(place):
    dice = random.Random(4)
    for _ in range(5):
        after = place.mutating() + dice.randrange(0, 3)
        pause_s = dice.uniform(0, 0.02)

        def is_time(after=after, pause_s=pause_s):
            if place.mutating() <= after:
                return False
            time.sleep(pause_s)  # not a wait for anything: the moment of death is the dice's
            return True

        place.kill_when(is_time, "apply", "--yes")
        place.check_journal_came_first()
        place.skip()
    place.apply()
    place.check_settled(1, runs=1, version=1)
    place.check_delivered(1, executions=1)


QUEUED, DIRECT = ("queue_write", "queue_execute"), ("write_now", "set_desired", "cancel")
MISLEADING = {
    "answer dropped": dict.fromkeys((*QUEUED, *DIRECT), "drop_answer_after_landing"),
    "500 after landing": dict.fromkeys((*QUEUED, *DIRECT), "http_500_after"),
    "500 before landing": dict.fromkeys((*QUEUED, *DIRECT), "http_500_before"),
    "answer cut short": dict.fromkeys((*QUEUED, *DIRECT), "truncated_body"),
    "a second copy": {
        **dict.fromkeys(DIRECT, "duplicate"),
        **{operation: ["duplicate", "drop_answer_after_landing"] for operation in QUEUED},
    },
}


@pytest.mark.parametrize("case", MISLEADING)
def test_misled_by_the_answer_to_each_kind_of_request_one_run_recovers(place, case):
    place.apply()
    place.declare(2)
    rules = [{"match": {"operation": name, "nth": 1}, "fault": fault} for name, fault in MISLEADING[case].items()]
    place.post("/faults", {"rules": rules})
    code, said = place.run_while_time_flies("apply", "--yes")
    assert code == 0, said
    assert all(rule["seen"] for rule in place.get("/faults")["rules"])
    place.heal()
    place.check_settled(2, runs=3 if case == "a second copy" else 2, version=2)
    place.check_delivered(2, executions=1)


def test_saved_plan_killed_midway_is_resumed_by_the_same_command_and_runs_once(place, tmp_path):
    file = str(tmp_path / "fleet.plan")
    assert place.run("plan", "-o", file)[0] == 0
    kill_in(place, "queue_write", 2, LANDED, "apply", file)
    code, said = place.run("apply", file)
    assert code == 0, said
    place.check_settled(1, runs=1, version=1)
    assert len([entry for entry in place.log() if entry["landed"]]) == 7
    code, said = place.run("apply", file)
    assert code == 1
    assert "RCL304" in said
    assert len([entry for entry in place.log() if entry["landed"]]) == 7


def test_same_edit_saved_and_applied_a_second_time_is_another_plan(place, tmp_path):
    """Back and forth between two values on a device that listens: the third plan does what the first one did."""
    file = tmp_path / "fleet.plan"
    listener = Scope(has_device=lambda device: device.device.ref.name == "listener")
    for value in (1, 2, 1, 2):
        place.declare(value)
        write_plan(place.plan(listener), file)
        code, said = place.run("apply", str(file))
        assert code == 0, said
    assert sum(entry["operation"] == "write_now" and entry["landed"] for entry in place.log()) == 8


def interrupted(place, is_time, number=signal.SIGINT, *, again=False):
    """Exit code after a signal at that moment (and once more), and how many seconds it took to end."""
    with place.started("apply", "--yes") as process:
        wait_until(lambda: is_time() or process.poll() is not None)
        assert process.poll() is None, process.communicate()[0].decode()
        process.send_signal(number)
        at = time.monotonic()
        if again:
            time.sleep(0.3)  # two signals at once are one
            process.send_signal(number)
        process.communicate(timeout=30)
        return process.returncode, time.monotonic() - at


def test_interrupted_while_an_answer_is_awaited_it_ends_in_time_and_resumes(place):
    place.fault("write_now", "slow:20")
    code, took_s = interrupted(place, lambda: place.mutating("write_now") == 1)
    assert took_s < 6
    assert code == 5
    place.heal()
    place.skip()
    place.apply()
    place.check_settled(1, runs=1, version=1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_second_signal_ends_it_now_and_it_resumes(place, number):
    """No worse than a crash: what was on its way is settled by the next run."""
    place.fault("write_now", "slow:20")
    code, took_s = interrupted(place, lambda: place.mutating("write_now") == 1, number, again=True)
    assert code == 130
    assert took_s < 2
    with place.state() as store:
        assert AttemptState.INFLIGHT in [one.entry.state for one in store.open_attempts()]
    place.heal()
    place.skip()
    place.apply()
    place.check_settled(1, runs=1, version=1)


def test_interrupted_while_doubt_is_settled_it_ends_in_time_and_resumes(place):
    place.post(
        "/faults",
        {
            "rules": [
                {"match": {"operation": "queue_execute"}, "fault": "drop_before_landing"},
                {"match": {"operation": "history"}, "fault": "slow:20"},
            ]
        },
    )
    code, took_s = interrupted(place, lambda: place.mutating("queue_execute") == 1, signal.SIGTERM)
    assert took_s < 6
    assert code == 5
    with place.state() as store:
        assert [one.entry.state for one in store.open_attempts()] == [AttemptState.IN_DOUBT]
    place.heal()
    place.skip()
    place.apply()
    place.check_settled(1, runs=1, version=1)


def test_interrupted_while_looking_nothing_is_sent(place):
    place.fault("query_desired", "slow:20")
    code, took_s = interrupted(
        place, lambda: any(e.operation == "query_desired" for e in place.emulator.world.log.entries)
    )
    assert (code, place.mutating()) == (1, 0)
    assert took_s < 6


def test_nothing_new_is_sent_while_an_attempt_may_still_land(place):
    place.fault("queue_execute", "http_500_before", "slow:20")
    assert place.kill_when(lambda: place.mutating("queue_execute") == 1, "apply", "--yes")
    place.heal()
    with place.started("apply", "--yes") as process:
        wait_until(lambda: sum(e.operation == "history" for e in place.emulator.world.log.entries) >= 2)
        assert place.mutating("queue_execute") == 1
        place.skip()
        process.communicate(timeout=30)
        assert process.returncode == 0
    with place.state() as store:
        attempts = [e for e in store.journal() if e.operation == "queue_execute" and e.state is AttemptState.INFLIGHT]
    assert attempts[1].marker - attempts[0].marker >= timedelta(seconds=1)
    place.check_settled(1, runs=1, version=1)
