"""Wall clocks that are wrong, or set anew while the real program runs: nothing twice, nothing lost."""

import odd_process
import pytest
from crash_fleet import Mixed
from crash_site import site, wait_until

HOUR, DAYS = 3600, 3 * 86_400


def start(place, ahead_s):
    """The program by a clock that is so many seconds ahead of the clouds'; its file, and how to run it."""
    clock = place.folder / "clock"
    turn(clock, ahead_s)
    return clock, (odd_process.__file__, 0, clock, "--")


def turn(clock, ahead_s):
    """Sets it anew, at once: it is read all the time."""
    new = clock.with_suffix(".new")
    new.write_text(str(ahead_s), encoding="ascii")
    new.replace(clock)


@pytest.mark.parametrize(("before_s", "after_s"), [(0, HOUR), (DAYS, -DAYS)])
def test_a_clock_that_is_set_while_requests_are_sent(tmp_path, before_s, after_s):
    with site(tmp_path, Mixed) as place:
        clock, program = start(place, before_s)
        place.fault("queue_write", "slow:0.3", nth=1)
        with place.started("apply", "--yes", program=program) as run:
            wait_until(lambda: place.mutating() or run.poll() is not None)
            turn(clock, after_s)
            said, _ = run.communicate(timeout=30)
        assert run.returncode == 0, said.decode()
        place.check()


def test_what_was_begun_by_a_wrong_clock_is_settled_by_a_right_one(tmp_path):
    with site(tmp_path, Mixed) as place:
        _, program = start(place, -HOUR)
        place.fault("queue_execute", "http_500_before", "slow:20")
        with place.started("apply", "--yes", program=program) as run:
            wait_until(lambda: place.mutating("queue_execute") or run.poll() is not None)
            run.kill()
            run.communicate()
        place.heal()
        place.skip()
        place.finish()
        place.check()
