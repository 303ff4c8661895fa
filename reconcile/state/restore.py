"""Puts an export in the place of what a state holds, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconcile.model.errors import StateError
from reconcile.model.values import JsonObject, canonical
from reconcile.state.checksum import summed
from reconcile.state.codec import read_device
from reconcile.state.exported import Learned, verified
from reconcile.state.rows import summed_row
from reconcile.state.settled import forget_blocks
from reconcile.state.sql import Row, Sql


def restore(connection: Sql, bodies: Iterable[JsonObject], *, replaces: bool) -> str:
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
    forget_blocks(connection)
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
           ON CONFLICT (lane) DO UPDATE SET
               fence = CASE WHEN excluded.fence > lease.fence THEN excluded.fence ELSE lease.fence END""",
        sorted(learned.fences.items()),
    )
    connection.execute(
        """UPDATE meta SET lineage = ?, serial = ?, begun = ?, generation = ?,
               journal_seq = ?, journal_hash = ?, foretold = NULL""",
        (
            learned.lineage,
            learned.serial if is_empty else max(serial, learned.serial) + 1,
            learned.begun,
            learned.generation,
            learned.journal_seq,
            learned.journal_hash,
        ),
    )
    return learned.lineage


_INSERTS = {
    "device": "INSERT INTO device VALUES (?, ?, ?, ?, ?, ?)",
    "open": "INSERT INTO open VALUES (?, ?, ?, ?, ?)",
    "journal": "INSERT INTO journal VALUES (?, ?, ?)",
    "consumed": "INSERT INTO consumed VALUES (?, ?) ON CONFLICT (plan) DO NOTHING",
}
_GROUP = 1000
_OLDEST = -(2**40)
"""Where restored attempts are numbered from: older than those opened later, and in the order they came in."""


def _written(connection: Sql, bodies: Iterable[JsonObject], learned: Learned) -> Iterator[JsonObject]:
    """Writes the records as they pass; the chain is written as it was, so that it still holds."""
    waiting: list[Row] = []
    last, count = "", 0
    for body in verified(bodies, learned):
        kind = str(body["kind"])
        if waiting and (kind != last or len(waiting) == _GROUP):
            connection.executemany(_INSERTS[last], waiting)
            waiting = []
        last = kind
        match kind:
            case "device":
                waiting.append(summed_row(read_device(body)))
            case "open":
                entry, step, device = (summed(canonical(body[name])) for name in ("entry", "step", "device"))
                intent = body["entry"]["intent"] if isinstance(body["entry"], dict) else None
                waiting.append((intent, _OLDEST + count, entry, step, device))
                count += 1
            case "journal":
                waiting.append((body["seq"], learned.journal_hash, canonical(body["entry"])))
            case "consumed":
                waiting.append((body["plan"], body["serial"]))
        yield body
