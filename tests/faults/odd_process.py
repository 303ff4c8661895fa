"""The real program in a process with a limit or a clock of its own.

    python odd_process.py BYTES FILE -- WORDS OF RECONCILE

BYTES: no file may grow beyond it (RLIMIT_FSIZE); 0 is no limit. FILE: seconds by which the wall clock is ahead, read
each time somebody asks for the time, so that it can be set anew while the program runs.
"""

import resource
import sys
from datetime import datetime, timedelta
from pathlib import Path


class SetClock(datetime):
    """The time as the wall clock of a machine tells it that somebody sets."""

    file = Path()

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(seconds=float(cls.file.read_text(encoding="ascii")))


def main():
    """Runs the program to its end."""
    most_bytes, clock, _, *words = sys.argv[1:]
    from reconcile.cli import main as program
    from reconcile.runs import wiring

    SetClock.file = Path(clock)
    wiring.datetime = SetClock
    if int(most_bytes):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
    sys.argv = ["reconcile", *words]
    program()


if __name__ == "__main__":
    main()
