"""The forecast of the plan last begun, where there is no state, and in state files of the first format."""

import sqlite3

from reconcile.model.forecast import Forecast, Foretold
from reconcile.ports import Commit
from reconcile.state import schema
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, recorded

FIRST = Foretold(AT, Forecast(3, 1, 60, None, 1))


def begin(store, plan, foretold):
    store.commit(Commit(begun_plan=plan, foretold=foretold), fences={})


def test_no_state_at_all_foresaw_nothing(tmp_path):
    with Sqlite.open(tmp_path / "state.db", create=False) as store:
        assert store.foretold() is None


def test_a_state_of_the_first_format_is_brought_up(tmp_path, monkeypatch):
    path = tmp_path / "state.db"
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        older.setattr(schema, "FORMAT", 1)
        with Sqlite.open(path) as store:
            lineage = store.lineage
            store.commit(Commit(devices=[recorded("meter-0001")]), fences={})
    with Sqlite.open(path) as store:
        assert (store.lineage, [head.ref.name for head in store.heads()]) == (lineage, ["meter-0001"])
        begin(store, "one", FIRST)
        assert store.foretold() == FIRST
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (schema.FORMAT,)
