"""Torn files and flipped bytes, at some bytes of each; `python -m tests.crash.state --every 1` goes through all."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from damage import FILES, Log, cut, harmed
from wrecks import nth

from reconcile.model.errors import JournalBroken, StateError
from reconcile.ports import Commit
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, PLATFORM, entry

STRIDES = {"log": 16_381, "state": 499, "plan": 61, "plan-text": 97, "export": 499}
EDGES = (0, 1, 31, 32, 33)


@pytest.mark.parametrize("name", FILES)
def test_a_harmed_file_is_refused_or_says_what_it_said(name, tmp_path):
    file = FILES[name](tmp_path)
    for harm in file.harms:
        assert len(list(harmed(file, harm, STRIDES[name], first=len(file.data) % 29))) > 5


def test_log_cut_at_its_edges_and_later_and_later_leaves_more_and_more_commits(tmp_path):
    log = Log(tmp_path)
    size = len(log.data)
    offsets = sorted({*EDGES, size - 1, size, *range(0, size, 24_571)})
    serials = [log.read(cut(log.data, offset)) for offset in offsets]
    assert serials == sorted(serials)
    assert (serials[0], serials[-1]) == (0, 6)


def test_nothing_is_begun_on_a_journal_whose_end_does_not_hold(journaled):
    """A run takes its lease first: nothing is asked of a cloud, and nothing is added."""
    with closing(sqlite3.connect(journaled, isolation_level=None)) as connection:
        connection.execute("UPDATE journal SET body = replace(body, '1', '2') WHERE seq = 4")
    with Sqlite.open(journaled) as store, pytest.raises(JournalBroken, match="entry 4"):
        store.lease(PLATFORM, "ci", AT)


def test_of_a_long_journal_the_end_is_looked_at_before_more_is_added(tmp_path):
    path = tmp_path / "state.db"
    with Sqlite.open(path) as store:
        store.commit(Commit(entries=[entry(f"s{number}") for number in range(1200)]), fences={})
    for number, is_seen in ((1, False), (201, True), (1200, True)):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            (kept,) = connection.execute("SELECT body FROM journal WHERE seq = ?", (number,)).fetchone()
            connection.execute("UPDATE journal SET body = '{}' WHERE seq = ?", (number,))
        with Sqlite.open(path) as store:
            if is_seen:
                with pytest.raises(JournalBroken, match=f"entry {number}:"):
                    store.lease(PLATFORM, "ci", AT)
            else:
                with store.lease(PLATFORM, "ci", AT):
                    pass
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE journal SET body = ? WHERE seq = ?", (kept, number))


def test_a_record_that_only_an_index_knows_is_damage_and_not_a_new_device(tmp_path):
    """Else its commands would run again. A flipped letter of a name, in the index of names."""
    path = tmp_path / "state.db"
    with Sqlite.open(path) as store:
        for serial in (1, 2):
            store.commit(nth(serial), fences={})
        ref = next(iter(store.heads())).ref
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_device_1'"
        ((root,),) = connection.execute(query).fetchall()
    data = bytearray(path.read_bytes())
    data[data.index(ref.name.encode(), (root - 1) * 4096)] ^= 1
    path.write_bytes(data)
    with Sqlite.open(path) as store, pytest.raises(StateError, match=f"device {ref} .*cannot be read"):
        list(store.devices([ref]))


def test_a_record_that_an_index_takes_for_another_is_damage(tmp_path):
    with Sqlite.open(tmp_path / "state.db") as store:
        for serial in (1, 2):
            store.commit(nth(serial), fences={})
        one, two, *_ = [head.ref for head in store.heads()]
        with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as connection:
            query = "UPDATE device SET body = (SELECT body FROM device WHERE name = ?) WHERE name = ?"
            connection.execute(query, (two.name, one.name))
        with pytest.raises(StateError, match=f"device {one} .*cannot be read"):
            list(store.devices([one]))


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
