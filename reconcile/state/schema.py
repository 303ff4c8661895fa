"""The tables of a SQLite state file and the ladder from one format version to the next.

`application_id` says that a file is ours, `user_version` which format it has. A migration is a list of statements
run in one transaction; the list grows at its end and never changes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from enum import Enum

from reconcile.model.errors import StateError, StateTooNew
from reconcile.state.lineage import first_hash

APPLICATION_ID = 0x52434E43
"""`RCNC`, written into the header of every state file."""

MIGRATIONS: Sequence[Sequence[str]] = (
    (
        """CREATE TABLE meta (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            lineage TEXT NOT NULL, serial INTEGER NOT NULL, secret_key BLOB NOT NULL,
            journal_seq INTEGER NOT NULL, journal_hash BLOB NOT NULL, begun TEXT)""",
        """CREATE TABLE device (
            platform TEXT NOT NULL, name TEXT NOT NULL, identity TEXT NOT NULL,
            digest TEXT, waiting INTEGER NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (platform, name))""",
        # Covers `heads()`: a plan streams a million of them and must not page through the bodies.
        "CREATE INDEX device_head ON device (platform, name, identity, digest, waiting)",
        "CREATE TABLE journal (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, body BLOB NOT NULL)",
        """CREATE TABLE open (
            intent TEXT PRIMARY KEY, seq INTEGER NOT NULL,
            entry BLOB NOT NULL, step BLOB NOT NULL, device BLOB NOT NULL)""",
        # How far the steps of the plan last begun got: what resuming it must not do again.
        "CREATE TABLE outcome (plan TEXT, step TEXT, state TEXT NOT NULL, PRIMARY KEY (plan, step)) WITHOUT ROWID",
        "CREATE TABLE consumed (plan TEXT PRIMARY KEY, serial INTEGER NOT NULL) WITHOUT ROWID",
        """CREATE TABLE lease (
            lane TEXT PRIMARY KEY, fence INTEGER NOT NULL, owner TEXT,
            host TEXT, place TEXT, pid INTEGER, started TEXT, acquired TEXT, expires TEXT) WITHOUT ROWID""",
    ),
    # What the plan last begun foresaw, as JSON: what happened is held against it.
    ("ALTER TABLE meta ADD COLUMN foretold BLOB",),
    # Where the quota of a lane stood when its last holder let go of it.
    ("ALTER TABLE lease ADD COLUMN paced_until TEXT", "ALTER TABLE lease ADD COLUMN paced_share REAL"),
    # Records and open attempts end in a checksum, which older versions would take for damage; see `state/checksum.py`.
    (),
    # The commit of the manifests that was last begun to be applied: a job that comes late must not go back behind it.
    ("ALTER TABLE meta ADD COLUMN generation TEXT",),
    # Blocks of inventories that are settled: derived data, see `state/settled.py`.
    (
        "ALTER TABLE meta ADD COLUMN settled_under TEXT",
        """CREATE TABLE settled (
            platform TEXT NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, opening BLOB NOT NULL,
            size INTEGER NOT NULL, digest BLOB NOT NULL, lines INTEGER NOT NULL, rows INTEGER NOT NULL,
            met INTEGER NOT NULL, covered TEXT NOT NULL, PRIMARY KEY (platform, name)) WITHOUT ROWID""",
    ),
    # Records hold resources that differ in little together, which older versions would take for none.
    (),
)

FORMAT = len(MIGRATIONS)


class Kind(Enum):
    """What a database file is to us."""

    EMPTY = "empty"
    OURS = "ours"
    FOREIGN = "foreign"


def kind_of(connection: sqlite3.Connection) -> Kind:
    """Whether the file is a state file, an empty database, or somebody else's."""
    # In this order: tables and mark come in one commit, so whoever sees the tables of another maker sees the mark too.
    if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
        return Kind.EMPTY
    return Kind.OURS if _pragma(connection, "application_id") == APPLICATION_ID else Kind.FOREIGN


def check_format(connection: sqlite3.Connection, where: str) -> None:
    """Raises: StateTooNew, or StateError for a database that is not a state file."""
    if kind_of(connection) is Kind.FOREIGN:
        raise StateError(
            f"not a state file: {where} is a database of another program. "
            "Give --state the path of a state file, or of a file that does not exist yet."
        )
    found = _pragma(connection, "user_version")
    if found > FORMAT:
        raise StateTooNew(
            f"the state was written by a newer version: {where} has format {found}, this version reads up to "
            f"{FORMAT}. Upgrade reconcile to the version that wrote it; nothing was changed."
        )


def migrate(connection: sqlite3.Connection, lineage: str | None = None) -> None:
    """Brings a state file, or an empty database, to the newest format in one transaction.

    `lineage` is drawn when it is not given; the secret key always is.
    """
    if _pragma(connection, "user_version") == FORMAT:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _pragma(connection, "user_version")  # another process may have been faster
        for statements in MIGRATIONS[found:]:
            for statement in statements:
                connection.execute(statement)
        if found == 0:
            _begin_history(connection, lineage or os.urandom(16).hex())
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _begin_history(connection: sqlite3.Connection, lineage: str) -> None:
    connection.execute(
        "INSERT INTO meta (only, lineage, serial, secret_key, journal_seq, journal_hash) VALUES (1, ?, 0, ?, 0, ?)",
        (lineage, os.urandom(32), first_hash(lineage)),
    )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
