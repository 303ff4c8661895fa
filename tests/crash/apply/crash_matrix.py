"""Kills at named points, one after the other in one history; then the same command completes."""

import json
import signal
from pathlib import Path

import crash_points
from crash_fleet import site

SECOND = "cancel_queued"
"""Occurs only when newer values replace those that wait."""


def die_at(place, point, operation, nth):
    """Applies until the point is reached for the nth time. None when it was; else the counts of a run to the end."""
    counts = place.folder / "passed.json"
    counts.unlink(missing_ok=True)
    with place.started("apply", "--yes", program=(crash_points.__file__, counts, point, operation, nth, "--")) as run:
        said, _ = run.communicate(timeout=60)
    if run.returncode == -signal.SIGKILL:
        return None
    assert run.returncode == 0, said.decode()
    return {(at, of): times for at, of, times in json.loads(counts.read_text(encoding="utf-8"))}


def prove(place, chain, *, is_second=False):
    """Dies at each `(point, operation, nth)` in turn. Those that were not reached."""
    missed = []
    if is_second:
        place.apply()
        place.declare(2)
    for one in chain:
        if die_at(place, *one) is not None:
            missed.append(one)
        place.check_journal_came_first()
        place.skip()
    place.apply()
    value = 2 if is_second else 1
    place.check_settled(value, runs=value, version=value)
    place.check_delivered(value, executions=1)
    return missed


def product(folder: Path):
    """Every point, operation and occurrence of a first and of a second apply: `(is_second, point, operation, nth)`."""
    for is_second in (False, True):
        inside = folder / f"counted-{is_second}"
        inside.mkdir()
        with site(inside) as place:
            if is_second:
                place.apply()
                place.declare(2)
            passed = die_at(place, "none", "none", 1)
        for (point, operation), times in sorted(passed.items()):
            for nth in range(1, times + 1):
                yield is_second, point, operation, nth
