"""Kills at named points, one after the other in one history; then the same command completes."""

import json
import signal
from pathlib import Path

import crash_points
from crash_site import site
from crash_stories import STORIES


def die_at(place, point, operation, nth):
    """Runs until the point is reached for the nth time. None when it was; else the counts of a run to the end."""
    counts = place.folder / "passed.json"
    counts.unlink(missing_ok=True)
    with place.started(*place.WORDS, program=(crash_points.__file__, counts, point, operation, nth, "--")) as run:
        place.meanwhile(run)
        said, _ = run.communicate(timeout=60)
    if run.returncode == -signal.SIGKILL:
        return None
    assert run.returncode in (0, 5), said.decode()
    return {(at, of): times for at, of, times in json.loads(counts.read_text(encoding="utf-8"))}


def prove(place, chain):
    """Dies at each `(point, operation, nth)` in turn. Those that were not reached."""
    missed = []
    place.prepare()
    for one in chain:
        if die_at(place, *one) is not None:
            missed.append(one)
        place.check_journal_came_first()
        place.skip()
    place.finish()
    place.check()
    return missed


def product(folder: Path, backends, stories=tuple(STORIES)):
    """Every backend, story, point, operation and occurrence: `(backend, story, point, operation, nth)`."""
    for backend in backends:
        for story in stories:
            inside = folder / f"counted-{backend}-{story}"
            inside.mkdir()
            with site(inside, STORIES[story], backend) as place:
                place.prepare()
                passed = die_at(place, "none", "none", 1)
            for (point, operation), times in sorted(passed.items()):
                for nth in range(1, times + 1):
                    yield backend, story, point, operation, nth
