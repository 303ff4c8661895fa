"""Blocks of inventories that are settled, kept with the state: derived data, in the same transactions as records.

A commit takes back the block of every device that it writes or forgets. One that records another identity takes back
all of them: that identities are there once is known of blocks together.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.model.device import DeviceRef
from reconcile.model.settled import SettledBlock
from reconcile.state.rows import DeviceRow
from reconcile.state.sql import Sql

_READ = """SELECT file, platform, name, opening, size, digest, lines, rows, met, covered FROM settled
    ORDER BY platform, name"""
_WRITE = """INSERT INTO settled (file, platform, name, opening, size, digest, lines, rows, met, covered)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_UNSETTLE = """UPDATE settled SET digest = ? WHERE (platform, name) = (SELECT platform, name FROM settled
    WHERE (platform, name) <= (?, ?) ORDER BY platform DESC, name DESC LIMIT 1)"""


def read_under(connection: Sql) -> str | None:
    """What blocks are kept under; None where none are."""
    under: str | None = connection.execute("SELECT settled_under FROM meta").fetchone()[0]
    return under


def read_blocks(connection: Sql, under: str) -> list[SettledBlock]:
    """The blocks kept under a digest of everything that is no inventory, in the order of their devices."""
    if read_under(connection) != under:
        return []
    rows = connection.execute(_READ)
    return [
        SettledBlock(file, (platform, name), bytes(opening), size, bytes(digest), *counts)
        for file, platform, name, opening, size, digest, *counts in rows
    ]


def keep_blocks(connection: Sql, under: str, serial: int, blocks: Sequence[SettledBlock]) -> None:
    """Keeps blocks in the place of those before, unless the state has moved on from `serial`."""
    if connection.execute("SELECT serial FROM meta").fetchone()[0] != serial:
        return
    connection.execute("DELETE FROM settled")
    connection.executemany(
        _WRITE,
        [(b.file, *b.first, b.opening, b.size, b.digest, b.lines, b.rows, b.met, b.covered) for b in blocks],
    )
    connection.execute("UPDATE meta SET settled_under = ?", (under,))


def unsettle(connection: Sql, devices: Sequence[DeviceRow], forgotten: Sequence[DeviceRef]) -> None:
    """Takes back what a commit touches, before it is written."""
    if read_under(connection) is None:
        return
    known = connection.look_up(
        "SELECT identity FROM device WHERE platform = ? AND name = ?", [(row[0], row[1]) for row in devices]
    )
    if any(found is None or found[0] != row[2] for row, found in zip(devices, known, strict=True)):
        forget_blocks(connection)
        return
    touched = [*((row[0], row[1]) for row in devices), *((ref.platform, ref.name) for ref in forgotten)]
    connection.executemany(_UNSETTLE, [(b"", *key) for key in touched])


def forget_blocks(connection: Sql) -> None:
    """Nothing is known to be settled."""
    connection.execute("DELETE FROM settled")
    connection.execute("UPDATE meta SET settled_under = NULL")
