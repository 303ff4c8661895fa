"""What PostgreSQL says when it fails, by its SQLSTATE, as a StateError: what, where, what to do.

No message of the server is parsed, and none of a statement is shown: it may quote what is stored.
Source of the codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from reconcile.model.errors import StateError
from reconcile.state.postgres.address import Address

_AGAIN = ("40001", "40P01")

_ADVICE = {
    "28P01": ("refuses the password", "Set PGPASSWORD or PGPASSFILE, or correct the user in the address."),
    "28000": ("refuses this user", "Correct the user in the address, or let the server admit it (pg_hba.conf)."),
    "3D000": ("has no such database", "Correct the address, or create the database."),
    "42501": ("may not be used by this user", "Grant USAGE and CREATE on the schema, or CREATE on the database."),
    "25006": ("cannot be written: the server is a standby", "Use the address of the primary server."),
    "53100": ("has no room left on the server's disk", "Free some space there and run the same command again."),
    "53300": ("has no connection left", "Raise max_connections, or end other clients, and run the command again."),
    "55P03": ("is in use by another process", "Wait until it has finished, and run the command again."),
    "57014": ("took too long to answer", "Look at the server's load, and run the same command again."),
    "57P01": ("was cut off by its server", "Run the same command again: it continues where the state stands."),
    "57P03": ("is not ready: its server is starting or stopping", "Run the same command again later."),
    "42P01": ("lacks a table, or this user may not see it", "Grant USAGE on the schema to the user, or restore it."),
    "42703": ("lacks a column", "Restore the schema from a copy of the database."),
}


class Interrupted(StateError):
    """A transaction that certainly left nothing, and may be run again."""


def is_passing(exc: psycopg.Error, connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """True when the same transaction may succeed when run again: its connection was lost, or others were in its way."""
    return connection.closed or exc.sqlstate in _AGAIN


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Turns the driver's failures into StateError."""
    try:
        yield
    except psycopg.Error as exc:
        raise explained(exc, address) from exc


def explained(exc: psycopg.Error, address: Address) -> StateError:
    """The failure in words."""
    code = exc.sqlstate
    if code in _ADVICE:
        what, advice = _ADVICE[code]
        return StateError(f"the state {what}: {address.shown} (SQLSTATE {code}). {advice}")
    if code is None and isinstance(exc, psycopg.OperationalError):  # libpq's own words; the server gave no code
        return StateError(
            f"the state cannot be reached: {address.shown} ({address.hide(str(exc))}). "
            "Check that the server runs and the address is right; then run the same command again."
        )
    name = f"SQLSTATE {code}" if code else type(exc).__name__
    return StateError(f"the state cannot be used: {address.shown} ({name}). Look into the log of the server.")


def lost(address: Address) -> Interrupted:
    """What to say when a connection broke, or others were in the way, and nothing of it is in."""
    return Interrupted(
        f"the state was lost for a moment: {address.shown}. Nothing of this step was recorded. "
        "Run the same command again: it continues where the state stands."
    )
