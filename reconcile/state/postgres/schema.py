"""The tables of a state in PostgreSQL, and the ladder from one format to the next.

A comment on the table `meta` says that a schema is ours, `meta.format` which format it has. A migration is a list of
statements run in one transaction; the list grows at its end and never changes. Text that is sorted is compared byte by
byte, as everywhere in this program, whatever the database's own order is.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import Enum
from typing import Final

from psycopg import sql

from reconcile.model.errors import StateError, StateTooNew
from reconcile.state.lineage import first_hash
from reconcile.state.postgres.address import Address
from reconcile.state.postgres.connection import Raw

MARK: Final = "reconcile state"
"""The comment on the table `meta` of every state."""

MIGRATIONS: Sequence[Sequence[str]] = (
    (
        """CREATE TABLE meta (
            one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL,
            lineage TEXT NOT NULL, serial BIGINT NOT NULL, secret_key BYTEA NOT NULL,
            journal_seq BIGINT NOT NULL, journal_hash BYTEA NOT NULL, begun TEXT, foretold BYTEA)""",
        f"COMMENT ON TABLE meta IS '{MARK}'",
        """CREATE TABLE device (
            platform TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, identity TEXT NOT NULL,
            digest TEXT, waiting INTEGER NOT NULL, body BYTEA NOT NULL,
            PRIMARY KEY (platform, name)) WITH (fillfactor = 80)""",
        "CREATE TABLE journal (seq BIGINT PRIMARY KEY, hash BYTEA NOT NULL, body BYTEA NOT NULL)",
        """CREATE TABLE open (
            intent TEXT COLLATE "C" PRIMARY KEY, seq BIGINT NOT NULL,
            entry BYTEA NOT NULL, step BYTEA NOT NULL, device BYTEA NOT NULL)""",
        """CREATE TABLE outcome (
            plan TEXT COLLATE "C", step TEXT COLLATE "C", state TEXT NOT NULL, PRIMARY KEY (plan, step))""",
        'CREATE TABLE consumed (plan TEXT COLLATE "C" PRIMARY KEY, serial BIGINT NOT NULL)',
        """CREATE TABLE lease (
            lane TEXT COLLATE "C" PRIMARY KEY, fence BIGINT NOT NULL, owner TEXT,
            host TEXT, place TEXT, pid INTEGER, started TEXT, acquired TEXT, expires TEXT,
            paced_until TEXT, paced_share DOUBLE PRECISION)""",
        # Which commit of a process was its last: whoever lost the answer to a COMMIT finds out here.
        """CREATE TABLE writer (
            session TEXT COLLATE "C" PRIMARY KEY, number BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL)""",
    ),
    # The commit of the manifests that was last begun to be applied: a job that comes late must not go back behind it.
    ("ALTER TABLE meta ADD COLUMN generation TEXT",),
    # Blocks of inventories that are settled: derived data, see `state/settled.py`.
    (
        "ALTER TABLE meta ADD COLUMN settled_under TEXT",
        """CREATE TABLE settled (
            platform TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, file TEXT NOT NULL,
            opening BYTEA NOT NULL, size BIGINT NOT NULL, digest BYTEA NOT NULL, lines BIGINT NOT NULL,
            rows BIGINT NOT NULL, met BIGINT NOT NULL, covered TEXT NOT NULL, PRIMARY KEY (platform, name))""",
    ),
    # Records hold resources that differ in little together, which older versions would take for none.
    (),
)

FORMAT: Final = len(MIGRATIONS)


class Kind(Enum):
    """What a schema is to us."""

    EMPTY = "empty"
    OURS = "ours"
    FOREIGN = "foreign"


def kind_of(raw: Raw, schema: str) -> Kind:
    """Whether a schema holds a state, nothing (or does not exist), or somebody else's tables. Raises: psycopg.Error."""
    query = """SELECT (SELECT obj_description(c.oid, 'pg_class') FROM pg_class c
                   WHERE c.relnamespace = n.oid AND c.relname = 'meta'),
               EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = n.oid)
        FROM pg_namespace n WHERE n.nspname = %s"""
    row = raw.execute(query, (schema,)).fetchone()
    if row is None or not row[1]:
        return Kind.EMPTY
    return Kind.OURS if row[0] == MARK else Kind.FOREIGN


def check(raw: Raw, address: Address) -> Kind:
    """What the schema is. Raises: StateTooNew; StateError for a schema that is somebody else's; psycopg.Error."""
    kind = kind_of(raw, address.schema)
    if kind is Kind.FOREIGN:
        raise StateError(
            f"not a state: the schema {address.schema} in {address.shown} holds tables of another program. "
            "Name another one with `schema=` in --state; it is made when it does not exist."
        )
    found = _format(raw) if kind is Kind.OURS else 0
    if found > FORMAT:
        raise StateTooNew(
            f"the state was written by a newer version: {address.shown} has format {found}, this version reads up to "
            f"{FORMAT}. Upgrade reconcile to the version that wrote it; nothing was changed."
        )
    return kind


def migrate(raw: Raw, address: Address) -> None:
    """Brings a state, or an empty schema, to the newest format in one transaction. Raises: psycopg.Error."""
    if kind_of(raw, address.schema) is Kind.OURS and _format(raw) == FORMAT:
        return
    with raw.transaction():
        # One at a time; what is locked is the name of the schema, for as long as this transaction.
        raw.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{MARK} {address.schema}",))
        is_new = kind_of(raw, address.schema) is Kind.EMPTY  # another process may have been faster
        if is_new:
            raw.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(address.schema)))
        for statements in MIGRATIONS[0 if is_new else _format(raw) :]:
            for statement in statements:
                raw.execute(statement)
        if is_new:
            lineage = os.urandom(16).hex()
            values = (FORMAT, lineage, os.urandom(32), first_hash(lineage))
            raw.execute("INSERT INTO meta VALUES (1, %s, %s, 0, %s, 0, %s)", values)
        raw.execute("UPDATE meta SET format = %s", (FORMAT,))


def _format(raw: Raw) -> int:
    row = raw.execute("SELECT format FROM meta").fetchone()
    return int(row[0]) if row else 0
