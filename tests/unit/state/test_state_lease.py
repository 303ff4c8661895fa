"""Leases: whose process is dead, whose heartbeat is missing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from reconcile.model.errors import LeaseHeld, LeaseWatched
from reconcile.ports import Commit
from reconcile.state import lease_watch
from reconcile.state.lease import Claim, Process, acquire, renew
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT

LANE = "onenet-prod"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def expiry(path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT expires FROM lease").fetchone()[0]


def until(condition) -> None:
    give_up_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def test_this_process_is_alive():
    assert not Process.here().is_gone()


def test_finished_process_is_gone():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert replace(Process.here(), pid=child.pid, started="1").is_gone()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_process_that_took_over_a_pid_is_not_the_holder():
    assert replace(Process.here(), started="1").is_gone()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_killed_process_that_nobody_has_waited_for_is_gone():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    holder = replace(Process.here(), pid=child.pid, started=None)
    assert not holder.is_gone()
    child.kill()
    until(lambda: replace(holder, started="1").is_gone())
    child.wait()


def tried(store, name="right", at=AT):
    """The fence that asking for the lane gives, or why not and for how long to watch still."""
    try:
        with store.lease(LANE, name, at) as fence:
            return fence
    except LeaseWatched as exc:
        return "watch", exc.left_s
    except LeaseHeld:
        return "held"


@pytest.fixture
def clock(monkeypatch):
    """The monotonic clock of whoever watches, to be moved by hand."""
    found = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(lease_watch, "time", SimpleNamespace(monotonic=lambda: found.now_s))
    return found


def die_elsewhere(path, **process):
    """A lease whose holder died, on another machine unless said otherwise."""
    dead = replace(Process.here(), **({"place": "elsewhere"} | process))
    Sqlite.open(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        acquire(connection, Claim(LANE, "left", dead, AT, 60))


@pytest.mark.parametrize("process", [{}, {"started": None, "place": Process.here().place}])
def test_silent_holder_is_watched_for_the_ttl_on_our_own_clock(path, clock, process):
    """Its expiry by the wall clock counts for nothing, in the future or in the past; nor does a pid that may be reused."""
    die_elsewhere(path, **process)
    with Sqlite.open(path) as right:
        assert tried(right, at=AT + timedelta(days=1)) == ("watch", 60)
        clock.now_s += 59
        assert tried(right, at=AT + timedelta(days=2)) == ("watch", 1)
        clock.now_s += 1
        assert tried(right, at=AT - timedelta(days=2)) == 2


def test_a_heartbeat_seen_while_watching_proves_that_the_holder_lives(path, clock):
    """However long its clock is behind ours. And then the watching begins anew."""
    elsewhere = replace(Process.here(), place="elsewhere")
    left, right = Sqlite.open(path, process=elsewhere), Sqlite.open(path)
    with left, right, left.lease(LANE, "left", AT - timedelta(days=9)) as fence:
        assert tried(right) == ("watch", 60)
        clock.now_s += 55
        with closing(sqlite3.connect(path)) as connection, connection:
            renew(connection, LANE, fence, "2026-11-13T08:01:20Z")
        assert tried(right) == "held"
        clock.now_s += 55
        assert tried(right) == ("watch", 5)


def test_lease_of_another_boot_with_the_same_host_name_waits_for_the_ttl(path):
    rebooted = replace(Process.here(), place="same name, other boot", pid=2**22 - 1)
    before, after = Sqlite.open(path, process=rebooted), Sqlite.open(path)
    with before, after, before.lease(LANE, "before", AT), pytest.raises(LeaseWatched, match="state lease break"):
        after.lease(LANE, "after", AT).__enter__()


def test_heartbeat_moves_the_expiry_while_the_lease_is_held(path):
    with Sqlite.open(path, lease_ttl_s=0.3) as store:
        with store.lease(LANE, "me", AT) as fence:
            first = expiry(path)
            until(lambda: expiry(path) > first)
            store.commit(Commit(), fences={LANE: fence})
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("lease")]


def test_lease_that_cannot_be_renewed_for_its_ttl_stops_the_next_commit(path):
    with Sqlite.open(path, lease_ttl_s=0.2) as store, store.lease(LANE, "me", AT) as fence:
        hidden = path.rename(path.with_name("away.db"))
        until(lambda: store._leasing.beats[LANE].is_lost)
        hidden.rename(path)
        with pytest.raises(LeaseHeld, match="could not be renewed in time"):
            store.commit(Commit(), fences={LANE: fence})


@contextmanager
def taken_over(store, fence):
    assert store.end_lease(LANE, fence)
    with store.lease(LANE, "quick", AT) as later:
        yield later


def test_heartbeat_notices_that_somebody_else_has_the_lane(path):
    elsewhere = replace(Process.here(), place="elsewhere")
    slow, quick = Sqlite.open(path, lease_ttl_s=0.3), Sqlite.open(path, process=elsewhere)
    with slow, quick, slow.lease(LANE, "slow", AT) as fence, taken_over(quick, fence):
        until(lambda: slow._leasing.beats[LANE].is_lost)
        with pytest.raises(LeaseHeld), slow.lease(LANE, "again", AT):
            pass


def test_release_leaves_a_lease_that_was_taken_over_alone(path):
    elsewhere = replace(Process.here(), place="elsewhere")
    with Sqlite.open(path) as slow, Sqlite.open(path, process=elsewhere) as quick:
        first = slow.lease(LANE, "slow", AT)
        with taken_over(quick, first.__enter__()) as fence:
            first.__exit__(None, None, None)
            quick.commit(Commit(), fences={LANE: fence})


def test_exception_in_the_block_releases_the_lease(path):
    with Sqlite.open(path) as store:
        with pytest.raises(KeyboardInterrupt), store.lease(LANE, "me", AT):
            raise KeyboardInterrupt
        with store.lease(LANE, "me", AT) as fence:
            assert fence == 2


def test_exactly_one_of_several_processes_gets_the_lease(path):
    script = """
import sys, time
from reconcile.model.errors import LeaseHeld, LeaseWatched
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT
print("ready", flush=True); sys.stdin.readline()
with Sqlite.open(sys.argv[1]) as store:
    try:
        with store.lease("lane", "racer", AT):
            print("won", flush=True); sys.stdin.readline()
    except LeaseHeld:
        print("held", flush=True)
"""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    assert sorted(racer.stdout.readline() for racer in racers) == ["held\n", "held\n", "won\n"]
    for racer in racers:
        racer.communicate("done\n", timeout=10)
