"""A byte of the state that flipped: the program says where, sends nothing, and goes on once the byte is back."""

import sqlite3
from contextlib import closing

import pytest
from histories import history

JOURNAL = ("journal", "seq = (SELECT max(seq) FROM journal)")
RECORD = ("device", "name = 'sleeper'")


@pytest.mark.parametrize(("row", "found"), [(JOURNAL, "the journal does not hold"), (RECORD, "the state is damaged")])
def test_nothing_is_sent_on_a_state_with_a_flipped_byte(tmp_path, row, found):
    table, where = row
    with history("mixed", tmp_path) as (place, proxy):

        def body(new=None):
            with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as connection:
                if new is not None:
                    connection.execute(f"UPDATE {table} SET body = ? WHERE {where}", (new,))
                return connection.execute(f"SELECT body FROM {table} WHERE {where}").fetchone()[0]

        good, sent = body(), place.mutating()
        at = good.index(b'":"') + 3
        body(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        place.declare(2)
        assert (place.run_here(), place.mutating()) == (1, sent)
        assert found in place.told[0]
        body(good)
        place.round(proxy, {})
