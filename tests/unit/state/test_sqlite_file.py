"""The file itself: how it is made, which files are refused, and what is said then."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from reconcile.model.errors import StateError, StateTooNew
from reconcile.ports import Commit
from reconcile.state.lineage import NO_LINEAGE
from reconcile.state.open import path_of
from reconcile.state.schema import FORMAT
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, attempt, recorded, resource


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def made(path: Path) -> Path:
    with Sqlite.open(path) as store:
        store.commit(Commit(devices=[recorded("a", resource())], opened=[attempt()]), fences={})
    return path


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def refusal(path: Path, **how) -> str:
    with pytest.raises(StateError) as caught:
        Sqlite.open(path, **how)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_file_and_folder_are_made_for_this_user_only(tmp_path):
    path = made(tmp_path / "odd folder #1?%20" / "state.db")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [found.name for found in path.parent.iterdir()] == ["state.db"]


def test_log_beside_the_file_is_for_this_user_only(path):
    with Sqlite.open(path):
        assert {stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()} == {0o600}


def test_commits_are_flushed_to_disk(path):
    with Sqlite.open(path) as store:
        assert store._one("PRAGMA journal_mode") == ("wal",)
        assert store._one("PRAGMA synchronous") == (2,)


@pytest.mark.parametrize("how", [{"create": False}, {"is_read_only": True}])
def test_missing_state_can_be_looked_at_without_making_a_file(path, how):
    with Sqlite.open(path, **how) as store:
        assert store.lineage == NO_LINEAGE
        assert store.serial() == 0
        assert len(store.secret_key()) == 32
        assert [*store.heads(), *store.devices([recorded("a").ref]), *store.journal(), *store.open_attempts()] == []
        assert not store.is_consumed("p")
        assert [body["kind"] for body in store.export()] == ["header", "end"]
        with pytest.raises(StateError, match="cannot be written"):
            store.commit(Commit(), fences={})
        with pytest.raises(StateError, match="cannot be written"), store.lease("lane", "me", AT):
            pass
    assert not path.exists()


def test_existing_state_opened_without_create_can_be_written(path):
    made(path)
    with Sqlite.open(path, create=False) as store:
        store.commit(Commit(), fences={})
        assert store.serial() == 2


def test_read_only_state_refuses_commits_and_shows_everything(path):
    made(path)
    with Sqlite.open(path, is_read_only=True) as store:
        with pytest.raises(StateError, match="cannot be written"):
            store.commit(Commit(), fences={})
        assert len(list(store.heads())) == 1
    assert [found.name for found in path.parent.iterdir()] == ["state.db"]


def test_empty_file_is_taken_as_no_state_yet(path):
    path.touch()
    with Sqlite.open(path, create=False) as store:
        assert store.lineage == NO_LINEAGE
    with Sqlite.open(path) as store:
        assert store.lineage != NO_LINEAGE


def test_newer_format_is_refused_and_left_alone(path):
    sql(made(path), f"PRAGMA user_version = {FORMAT + 1}")
    before = path.read_bytes()
    with pytest.raises(StateTooNew, match=f"format {FORMAT + 1}.*Upgrade") as caught:
        Sqlite.open(path)
    assert caught.value.code == "RCL501"
    assert path.read_bytes() == before


def test_database_of_another_program_is_refused_and_left_alone(path):
    sql(path, "CREATE TABLE precious (x)")
    before = path.read_bytes()
    assert "another program" in refusal(path)
    assert path.read_bytes() == before


def test_file_that_is_no_database_is_refused(path):
    path.write_bytes(b"kind: Fleet\n" * 100)
    assert "is not a state file" in refusal(path)
    assert "is not a state file" in refusal(path, create=False)


def test_damaged_header_page_is_refused(path):
    data = bytearray(made(path).read_bytes())
    data[100:4096] = os.urandom(3996)
    path.write_bytes(data)
    refusal(path)


def test_folder_is_refused(path):
    path.mkdir()
    assert "is a folder" in refusal(path)


def test_pipe_is_refused_without_waiting_on_it(path):
    os.mkfifo(path)
    assert "not a regular file" in refusal(path)


def test_file_in_the_place_of_the_folder_is_refused(path):
    path.touch()
    refusal(path / "state.db")


def test_full_disk_fails_the_commit_and_leaves_the_state_whole(path):
    with Sqlite.open(path) as store:
        (pages,) = store._one("PRAGMA page_count")
        store._one(f"PRAGMA max_page_count = {pages + 3}")
        many = [recorded(f"meter-{n}", resource(value="x" * 500)) for n in range(500)]
        with pytest.raises(StateError, match=r"no room left.*SQLITE_FULL.*Free some space"):
            store.commit(Commit(devices=many), fences={})
        assert store.serial() == 0
        store.commit(Commit(devices=many[:2]), fences={})
    with Sqlite.open(path) as store:
        assert len(list(store.heads())) == 2


def test_damaged_record_is_named(path):
    sql(made(path), "UPDATE device SET body = '{\"x\"'")
    with Sqlite.open(path) as store, pytest.raises(StateError, match="device onenet-prod/a"):
        list(store.devices([recorded("a").ref]))


def test_record_of_a_wrong_shape_is_named(path):
    sql(made(path), "UPDATE open SET step = '[]'")
    with Sqlite.open(path) as store, pytest.raises(StateError, match="open attempt"):
        store.open_attempts()


def test_state_in_a_folder_without_write_permission_can_be_read():
    script = """
import os, sys
from reconcile.model.errors import StateError
from reconcile.ports import Commit
from reconcile.state.sqlite import Sqlite
if os.getuid() == 0:
    os.setuid(65534)  # root may write everywhere
with Sqlite.open(sys.argv[1]) as store:
    print(len(list(store.heads())))
    try:
        store.commit(Commit(), fences={})
    except StateError as exc:
        print(exc)
"""
    with TemporaryDirectory() as folder:  # not tmp_path: another user may not enter that
        path = made(Path(folder) / "state.db")
        path.chmod(0o444)
        path.parent.chmod(0o555)
        result = subprocess.run(
            [sys.executable, "-c", script, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        path.parent.chmod(0o755)
    count, message = result.stdout.splitlines()
    assert count == "1"
    assert "cannot be written" in message


def test_heads_are_read_from_the_index_alone(path):
    with Sqlite.open(made(path)) as store:
        query = "EXPLAIN QUERY PLAN SELECT platform, name, identity, digest, waiting FROM device ORDER BY 1, 2"
        assert "COVERING INDEX device_head" in store._one(query)[3]


@pytest.mark.parametrize(
    ("url", "expected"),
    [("sqlite:///state.db", "state.db"), ("sqlite:////var/lib/a b.db", "/var/lib/a b.db")],
)
def test_state_url_names_a_file(url, expected):
    assert path_of(url) == Path(expected)


@pytest.mark.parametrize("url", ["state.db", "sqlite:///", "sqlite://host/x", "postgresql://x/y"])
def test_other_state_url_is_refused_with_what_is_expected(url):
    with pytest.raises(StateError, match=r"sqlite:///relative\.db"):
        path_of(url)


def test_a_fresh_file_opened_by_many_threads_is_nobodys_database_but_ours(tmp_path):
    """Whoever comes while another makes the tables sees an empty file or a state file, nothing between."""

    def opened(path: Path, gate: threading.Barrier) -> str:
        gate.wait()
        with Sqlite.open(path) as store:
            return store.lineage

    with ThreadPoolExecutor(4) as threads:
        for number in range(40):
            gate = threading.Barrier(4, timeout=30)
            paths = [tmp_path / f"{number}.db"] * 4
            assert len(set(threads.map(opened, paths, [gate] * 4))) == 1
