"""The forecast of the plan last begun is kept from its beginning, in new state files and old ones."""

import sqlite3
from datetime import timedelta

from reconcile.model.forecast import Forecast, Foretold
from reconcile.ports import Commit
from reconcile.state import schema
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, recorded

FIRST = Foretold(AT, Forecast(3, 1, 60, None, 1))
LATER = Foretold(AT + timedelta(hours=1), Forecast(2))


def begin(store, plan, foretold):
    store.commit(Commit(begun_plan=plan, foretold=foretold), fences={})


def test_it_is_there_when_the_state_is_opened_again(tmp_path):
    with Sqlite.open(tmp_path / "state.db") as store:
        assert store.foretold() is None
        begin(store, "one", FIRST)
    with Sqlite.open(tmp_path / "state.db", is_read_only=True) as store:
        assert store.foretold() == FIRST


def test_a_plan_that_is_resumed_is_scored_from_its_beginning(tmp_path):
    with Sqlite.open(tmp_path / "state.db") as store:
        begin(store, "one", FIRST)
        begin(store, "one", LATER)
        assert store.foretold() == FIRST
        begin(store, "two", None)
        assert store.foretold() == FIRST
        begin(store, "three", LATER)
        assert store.foretold() == LATER


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
