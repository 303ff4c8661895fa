"""A state whose whole content is a function of its serial, so that any wreck can be compared with what it must be.

As a program it commits until it is killed, and says each serial once it is durable.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from reconcile.model.journal import AttemptState
from reconcile.ports import Commit
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, PLATFORM, attempt, entry, recorded, resource

GROUP = 8


def attempts(serial: int):
    return [attempt(f"{serial}-{number}") for number in range(GROUP)]


def outcomes(serial: int):
    return [entry(f"{serial - 1}-{number}", AttemptState.DONE) for number in range(GROUP)]


def devices(serial: int):
    value = f"{serial} " * 20
    return [recorded(f"meter-{n}", resource(value=value), digest=str(serial)) for n in range(GROUP)]


def nth(serial: int) -> Commit:
    """Odd commits open a group of attempts, even ones settle it and record its devices."""
    if serial % 2:
        return Commit(entries=[one.entry for one in attempts(serial)], opened=attempts(serial))
    return Commit(entries=outcomes(serial), devices=devices(serial), consumed_plan=str(serial))


def check_whole(store: Sqlite, entries_from: int = 1) -> int:
    serial = store.serial()
    settled = serial - serial % 2
    expected = devices(settled) if settled else []
    assert list(store.devices(one.ref for one in devices(0))) == expected
    assert [head.digest for head in store.heads()] == [one.digest for one in expected]
    assert store.open_attempts() == (attempts(serial) if serial % 2 else [])
    assert store.is_consumed(str(settled)) == (settled > 0)
    assert not store.is_consumed(str(settled + 2))
    journal = list(store.journal())
    assert len(journal) == serial * GROUP
    for number in range(entries_from, serial + 1):
        expected_entries = outcomes(number) if number % 2 == 0 else [one.entry for one in attempts(number)]
        assert journal[(number - 1) * GROUP : number * GROUP] == expected_entries
    return serial


def advance(path: Path) -> None:
    """Commits until it is killed; says each serial once it is durable."""
    with Sqlite.open(path) as store, store.lease(PLATFORM, "victim", AT) as fence:
        while True:
            serial = store.serial() + 1
            store.commit(nth(serial), fences={PLATFORM: fence})
            os.write(1, b"%d\n" % serial)


def kill_after(path: Path, wait_s: float) -> int:
    """Runs `advance`, kills it that long after its first commit, and returns the last serial it acknowledged."""
    victim = subprocess.Popen(
        [sys.executable, __file__, str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with victim:
        first = victim.stdout.readline()
        time.sleep(wait_s)
        victim.send_signal(signal.SIGKILL)
        said = first + victim.stdout.read()
    assert victim.returncode == -signal.SIGKILL
    return int(said.splitlines()[-1])


if __name__ == "__main__":
    advance(Path(sys.argv[1]))
