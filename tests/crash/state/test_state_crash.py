"""Kills, torn files and flipped bytes: what was acknowledged is there, and nothing is ever half there.

The state that `advance` writes is a function of its serial alone, so any wreck can be compared with the whole state
it must be.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from reconcile.model.errors import JournalBroken
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


def test_killed_at_any_moment_keeps_what_was_acknowledged_and_nothing_half(tmp_path):
    dice, path, before = random.Random(20), tmp_path / "state.db", 0
    for _ in range(25):
        acknowledged = kill_after(path, dice.uniform(0, 0.06))
        with Sqlite.open(path) as store:
            serial = check_whole(store, entries_from=before + 1)
        assert acknowledged > before
        assert acknowledged <= serial <= acknowledged + 1
        before = serial


def test_killed_while_the_state_is_made_can_be_opened(tmp_path):
    script = "import sys; from reconcile.state.sqlite import Sqlite; print(1, flush=True); Sqlite.open(sys.argv[1])"
    for number in range(8):
        path = tmp_path / f"{number}.db"
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, env=env) as victim:
            victim.stdout.readline()
            time.sleep(number * 0.0007)
            victim.kill()
        with Sqlite.open(path, create=False) as store:
            assert store.serial() == 0
        with Sqlite.open(path) as store:
            store.commit(nth(1), fences={})
            assert check_whole(store) == 1


@pytest.fixture(scope="module")
def with_log(tmp_path_factory):
    """A state of 12 commits whose write-ahead log was never moved into the file: what a killed process leaves."""
    folder = tmp_path_factory.mktemp("torn")
    with Sqlite.open(folder / "live.db") as store:
        for serial in range(1, 13):
            store.commit(nth(serial), fences={})
        shutil.copy(folder / "live.db", folder / "state.db")
        return folder / "state.db", (folder / "live.db-wal").read_bytes(), store.lineage


def reopened(with_log, log: bytes, folder: Path) -> int:
    path = folder / "state.db"
    shutil.copy(with_log[0], path)
    path.with_name("state.db-wal").write_bytes(log)
    with Sqlite.open(path) as store:
        assert store.lineage == with_log[2]
        serial = check_whole(store)
        store.commit(nth(serial + 1), fences={})
        assert check_whole(store) == serial + 1
    return serial


def test_log_cut_at_any_byte_leaves_a_prefix_of_the_commits(with_log, tmp_path):
    size, dice, serials = len(with_log[1]), random.Random(7), []
    offsets = sorted({0, 1, 31, 32, 33, size - 1, size, *(dice.randrange(size) for _ in range(40))})
    for number, offset in enumerate(offsets):
        folder = tmp_path / str(number)
        folder.mkdir()
        serials.append(reopened(with_log, with_log[1][:offset], folder))
    assert serials == sorted(serials)
    assert serials[0] == 0
    assert serials[-1] == 12


def test_byte_flipped_in_the_log_leaves_a_prefix_of_the_commits(with_log, tmp_path):
    dice = random.Random(8)
    for number in range(15):
        log = bytearray(with_log[1])
        log[dice.randrange(len(log))] ^= 1 << dice.randrange(8)
        folder = tmp_path / str(number)
        folder.mkdir()
        assert reopened(with_log, bytes(log), folder) <= 12


@pytest.fixture
def journaled(tmp_path):
    path = tmp_path / "state.db"
    with Sqlite.open(path) as store:
        store.commit(Commit(entries=[entry(f"s{number}") for number in range(6)]), fences={})
    return path


def broken_at(path: Path) -> str:
    with Sqlite.open(path) as store, pytest.raises(JournalBroken) as caught:
        list(store.journal())
    return str(caught.value)


def test_any_byte_flipped_in_a_journal_row_is_found(journaled):
    data = journaled.read_bytes()
    start, end = data.index(b'{"at":', data.index(b'"step":"s2"')), data.index(b'"step":"s3"')
    if start > end:  # rows grow from the end of a page
        start = data.rindex(b'{"at":', 0, end)
    dice = random.Random(9)
    for offset in [start, end, *(dice.randrange(start, end) for _ in range(30))]:
        flipped = bytearray(data)
        flipped[offset] ^= 1 << dice.randrange(8)
        journaled.write_bytes(flipped)
        assert "entry 4:" in broken_at(journaled)


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("DELETE FROM journal WHERE seq = 3", "entry 3: it is missing"),
        ("DELETE FROM journal WHERE seq = 1", "entry 1: it is missing"),
        ("DELETE FROM journal WHERE seq > 4", "entry 5: it and all after it are missing; the last was number 6"),
        ("DELETE FROM journal", "entry 1: it and all after it are missing"),
        ("UPDATE journal SET hash = zeroblob(32) WHERE seq = 2", "entry 2:"),
        ("UPDATE journal SET body = (SELECT body FROM journal WHERE seq = 1) WHERE seq = 2", "entry 2:"),
        ("INSERT INTO journal SELECT 7, hash, body FROM journal WHERE seq = 6", "entry 7:"),
        ("UPDATE meta SET lineage = 'another'", "entry 1:"),
        ("UPDATE journal SET body = 5 WHERE seq = 5", "entry 5:"),
    ],
)
def test_journal_rows_lost_moved_or_replaced_are_found(journaled, tampering, found):
    with closing(sqlite3.connect(journaled, isolation_level=None)) as connection:
        connection.execute(tampering)
    assert found in broken_at(journaled)


def test_readers_never_see_half_a_commit(tmp_path):
    path = tmp_path / "state.db"
    victim = subprocess.Popen(
        [sys.executable, __file__, str(path)],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    seen = set()
    try:
        while len(seen) < 25:
            with Sqlite.open(path, is_read_only=True) as store:
                digests = {head.digest for head in store.heads()}
                kinds = [item for item in store.export() if item["kind"] in ("header", "device", "journal")]
            assert len(digests) <= 1
            serial = kinds[0]["serial"]
            settled = str(serial - serial % 2)
            assert {item["digest"] for item in kinds if item["kind"] == "device"} <= {settled}
            assert sum(1 for item in kinds if item["kind"] == "journal") == serial * GROUP
            seen.add(serial)
    finally:
        victim.kill()
        victim.wait()


def test_commit_of_a_killed_lease_holder_cannot_come_back(tmp_path):
    path = tmp_path / "state.db"
    kill_after(path, 0)
    with Sqlite.open(path) as store, store.lease(PLATFORM, "next", AT) as fence:
        assert fence == 2
        store.commit(Commit(entries=[replace(entry(), fence=fence)]), fences={PLATFORM: fence})


if __name__ == "__main__":
    advance(Path(sys.argv[1]))
