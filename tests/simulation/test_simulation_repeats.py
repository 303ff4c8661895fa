"""A schedule is the same, request by request, in another process with other hashes: else no line would replay it."""

import os
import subprocess
import sys

from . import wide
from .play import play


def test_another_process_finds_the_same_log():
    schedule = wide.throw(4711)
    replayed = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--replay", schedule.line()],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"every invariant held: {play(schedule)}" in replayed.stdout
