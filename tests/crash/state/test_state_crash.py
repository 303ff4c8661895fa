"""Kills while the state is written: what was acknowledged is there, and nothing is ever half there."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import replace

import wrecks
from wrecks import GROUP, check_whole, kill_after, nth

from reconcile.ports import Commit
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, PLATFORM, entry


def test_killed_at_any_moment_keeps_what_was_acknowledged_and_nothing_half(tmp_path):
    dice, path, before = random.Random(20), tmp_path / "state.db", 0
    for _ in range(12):
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


def test_readers_never_see_half_a_commit(tmp_path):
    path = tmp_path / "state.db"
    victim = subprocess.Popen(
        [sys.executable, wrecks.__file__, str(path)],
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
