"""`reconcile state lease ls|break`: who writes, and how that is ended without ending the wrong one."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from desk import FLEET, Desk

from reconcile.state.lease import Claim, Process, acquire
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT


@pytest.fixture
def fleet(tmp_path):
    desk = Desk(tmp_path).write({"fleet.yaml": FLEET})
    Sqlite.open(tmp_path / "manifests/.reconcile/state.db").close()
    return desk


def held_by(fleet, process):
    with closing(sqlite3.connect(fleet.folder / "manifests/.reconcile/state.db")) as connection, connection:
        return acquire(connection, Claim("onenet-prod", "night job", process, AT, 60))


def test_a_lease_of_another_machine_is_shown_and_ended_by_its_fence(fleet):
    assert "no lease is held" in fleet.ok("state", "lease", "ls").err
    fence = held_by(fleet, replace(Process.here(), host="runner-7", place="elsewhere", pid=41))
    fields = fleet.ok("state", "lease", "ls").out.rstrip().split("\t")
    assert fields[:4] == ["onenet-prod", str(fence), "night job, process 41 on runner-7", "2026-11-22T08:00:00Z"]
    assert "another machine" in fields[4]
    assert "RCL505" in fleet.ok("state", "lease", "break", "onenet-prod", str(fence + 1), "--yes", code=1).err
    assert "nobody to ask" in fleet.ok("state", "lease", "break", "onenet-prod", str(fence), code=1).err
    fleet.ok("state", "lease", "break", "onenet-prod", str(fence), "--yes")
    assert fleet.ok("state", "lease", "ls").out == ""


def test_the_lease_of_a_process_that_lives_here_is_ended_only_by_force(fleet):
    fence = held_by(fleet, Process.here())
    refused = fleet.ok("state", "lease", "break", "onenet-prod", str(fence), "--yes", code=1).err
    assert "RCL505" in refused
    assert "the holder lives" in refused
    assert "its process lives" in fleet.ok("state", "lease", "ls").out
    forced = fleet.ok("--lang", "zh", "state", "lease", "break", "onenet-prod", str(fence), "--yes", "--force")
    assert "仍在运行" in forced.err
    assert held_by(fleet, Process.here()) > fence + 1
