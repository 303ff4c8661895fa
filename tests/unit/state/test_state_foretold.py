"""The forecast of the plan last begun, where there is no state, and in state files of the first format."""

import sqlite3

from reconcile.model.forecast import Forecast, Foretold
from reconcile.model.values import canonical
from reconcile.ports import Commit
from reconcile.state import schema
from reconcile.state.codec import device_json
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, recorded, resource

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
    meter = recorded("meter-0001", resource(), digest="d1")
    row = (meter.ref.platform, meter.ref.name, str(meter.identity), "d1", 0, canonical(device_json(meter)))
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO device VALUES (?, ?, ?, ?, ?, ?)", row)
    with Sqlite.open(path) as store:
        assert (store.lineage, [*store.devices([meter.ref])]) == (lineage, [meter])
        exports = [body for body in store.export() if body["kind"] == "device"]
        store.commit(Commit(devices=[meter]), fences={})
        assert [body for body in store.export() if body["kind"] == "device"] == exports
        begin(store, "one", FIRST)
        assert store.foretold() == FIRST
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (schema.FORMAT,)
