"""Puts an export in the place of what a state file holds, inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from reconcile.model.errors import StateError
from reconcile.model.values import JsonObject, canonical
from reconcile.state.checksum import summed
from reconcile.state.codec import read_device
from reconcile.state.exported import Learned, verified
from reconcile.state.rows import summed_row


def restore(connection: sqlite3.Connection, bodies: Iterable[JsonObject], *, replaces: bool) -> str:
    """Takes the lineage, the records and the journal of an export; returns the lineage. The secret key stays.

    Into an empty state it is lossless. With `replaces` what is there goes, and what must only grow keeps growing: the
    serial, the fences, and the plans that ran on the same lineage. Raises: StateError; the caller rolls back.
    """
    (lineage, serial, count) = connection.execute(
        "SELECT lineage, serial, (SELECT count(*) FROM device) + journal_seq FROM meta"
    ).fetchone()
    is_empty = serial == 0 and count == 0
    if not (is_empty or replaces):
        raise StateError(
            f"the state is not empty: it has serial {serial}. Nothing was changed. Import into a state that does not "
            "exist yet (--state), or pass --replace to give up what this one holds.",
            code="RCL503",
        )
    for emptying in ("DELETE FROM device", "DELETE FROM journal", "DELETE FROM open", "DELETE FROM outcome"):
        connection.execute(emptying)
    learned = Learned()
    for row in _written(connection, bodies, learned):
        if row["kind"] == "header" and learned.lineage != lineage:
            connection.execute("DELETE FROM consumed")
    connection.executemany(
        "INSERT INTO outcome VALUES (?, ?, ?)",
        [(learned.begun, step, state.value) for step, (_, state) in learned.outcomes.items()],
    )
    connection.executemany(
        """INSERT INTO lease (lane, fence) VALUES (?, ?)
           ON CONFLICT (lane) DO UPDATE SET fence = max(fence, excluded.fence)""",
        sorted(learned.fences.items()),
    )
    connection.execute(
        "UPDATE meta SET lineage = ?, serial = ?, begun = ?, journal_seq = ?, journal_hash = ?, foretold = NULL",
        (
            learned.lineage,
            learned.serial if is_empty else max(serial, learned.serial) + 1,
            learned.begun,
            learned.journal_seq,
            learned.journal_hash,
        ),
    )
    return learned.lineage


def _written(connection: sqlite3.Connection, bodies: Iterable[JsonObject], learned: Learned) -> Iterator[JsonObject]:
    """Writes each record as it passes; the chain is written as it was, so that it still holds."""
    for body in verified(bodies, learned):
        match body["kind"]:
            case "device":
                connection.execute("INSERT INTO device VALUES (?, ?, ?, ?, ?, ?)", summed_row(read_device(body)))
            case "open":
                entry, step, device = (summed(canonical(body[name])) for name in ("entry", "step", "device"))
                intent = body["entry"]["intent"] if isinstance(body["entry"], dict) else None
                # 0: older than any that is opened later; among themselves they keep their order
                connection.execute("INSERT INTO open VALUES (?, 0, ?, ?, ?)", (intent, entry, step, device))
            case "journal":
                row = (body["seq"], learned.journal_hash, canonical(body["entry"]))
                connection.execute("INSERT INTO journal VALUES (?, ?, ?)", row)
            case "consumed":
                connection.execute("INSERT OR IGNORE INTO consumed VALUES (?, ?)", (body["plan"], body["serial"]))
        yield body
