"""Files that are torn or hold a flipped byte: each is refused in words, or says what it said, or a prefix of it."""

import gzip
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from wrecks import check_whole, devices, nth

from reconcile.model.errors import PlanRefused, ReconcileError, StateError
from reconcile.runs.planfile import read_plan, write_plan
from reconcile.state.exported import Learned, verified
from reconcile.state.exported_lines import read_lines
from reconcile.state.sqlite import Sqlite
from reconcile.testing import fleets

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
COMMITS = 6


def cut(data, offset):
    return data[:offset]


def flipped(data, offset):
    return data[:offset] + bytes([data[offset] ^ 1 << offset % 8]) + data[offset + 1 :]


class Log:
    """The write-ahead log of a process that was killed: whatever becomes of it, a prefix of the commits is left."""

    harms = (cut, flipped)

    def __init__(self, folder):
        self._path, self._base = folder / "state.db", folder / "base.db"
        with Sqlite.open(folder / "live.db") as store:
            for serial in range(1, COMMITS + 1):
                store.commit(nth(serial), fences={})
            shutil.copy(folder / "live.db", self._base)
            self.data, self._lineage = (folder / "live.db-wal").read_bytes(), store.lineage

    def read(self, log):
        for left in self._path.parent.glob("state.db*"):
            left.unlink()
        shutil.copy(self._base, self._path)
        self._path.with_name("state.db-wal").write_bytes(log)
        with Sqlite.open(self._path) as store:
            assert store.lineage == self._lineage
            serial = check_whole(store)
            store.commit(nth(serial + 1), fences={})
            assert check_whole(store) == serial + 1
        return serial


class StateFile:
    """The state's file: refused, or the same records, attempts and journal."""

    harms = (flipped,)

    def __init__(self, folder):
        self._path = folder / "state.db"
        with Sqlite.open(self._path) as store:
            for serial in range(1, 4):
                store.commit(nth(serial), fences={})
        with closing(sqlite3.connect(self._path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.data = self._path.read_bytes()
        self._whole = self._content()

    def read(self, content):
        for left in self._path.parent.glob("state.db*"):
            left.unlink()
        self._path.write_bytes(content)
        try:
            found = self._content()
        except ReconcileError as refused:
            return type(refused).__name__
        assert found == self._whole
        return "the same"

    def _content(self):
        """Without what may change unseen: the index of heads, after which a plan looks anew; the order of attempts;
        the serial; the names of plans that ran."""
        with Sqlite.open(self._path, create=False) as store:
            records = list(store.devices(one.ref for one in devices(0)))
            attempts = sorted(store.open_attempts(), key=str)
            list(store.heads())
            list(store.export())
            return store.lineage, records, attempts, list(store.journal())


class PlanFile:
    """A saved plan: refused, or the plan that was saved."""

    harms = (cut, flipped)

    def __init__(self, folder):
        sys.path.insert(0, str(GOLDEN))
        import test_plan

        self._file = folder / "fleet.plan"
        self._plan = fleets.plan_of(test_plan.read(GOLDEN / "plan" / "execute-after-change"))
        write_plan(self._plan, self._file)
        self.data = self._file.read_bytes()

    def read(self, content):
        self._file.write_bytes(content)
        try:
            assert read_plan(self._file) == self._plan
        except PlanRefused:
            return "refused"
        return "the same"


class PlanText(PlanFile):
    """The text of a saved plan, packed again with a checksum of gzip that holds."""

    def __init__(self, folder):
        super().__init__(folder)
        self.data = gzip.decompress(self.data)

    def read(self, content):
        return super().read(gzip.compress(content, 1))


class Export:
    """An exported state: refused, or all of what was exported."""

    harms = (cut, flipped)

    def __init__(self, folder):
        with Sqlite.open(folder / "state.db") as store:
            for serial in range(1, 4):
                store.commit(nth(serial), fences={})
            self.data = b"".join(json.dumps(body).encode() + b"\n" for body in store.export())
        self._whole = self._records(self.data)

    def read(self, content):
        try:
            assert self._records(content) == self._whole
        except StateError:
            return "refused"
        return "the same"

    def _records(self, content):
        return list(verified(read_lines(content.splitlines(keepends=True)), Learned()))


FILES = {"log": Log, "state": StateFile, "plan": PlanFile, "plan-text": PlanText, "export": Export}


def harmed(file, harm, every, first=0):
    """What came of the harm at every so many bytes, by offset."""
    for offset in range(first, len(file.data), every):
        try:
            yield offset, file.read(harm(file.data, offset))
        except Exception as found:
            found.add_note(f"{type(file).__name__} {harm.__name__} at byte {offset}")
            raise
