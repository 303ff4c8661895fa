"""What the statements of `state/` need of a connection, whichever database answers it.

The statements are written once, in the SQL that SQLite and PostgreSQL share, with `?` for values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]


class Rows(Protocol):
    """What a statement answers: one row after the other."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Sql(Protocol):
    """A connection inside a transaction."""

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Rows:
        """Runs one statement. One without values may answer many rows: they are streamed."""
        ...

    def executemany(self, query: str, rows: Sequence[Sequence[Any]], /) -> object:
        """Runs one statement for every row. No two rows have the same key."""
        ...

    def look_up(self, query: str, keys: Iterable[Sequence[Any]], /) -> Iterator[Row | None]:
        """The first row that the query answers for each key, or None, in the order of the keys."""
        ...


class SqliteConnection(sqlite3.Connection):
    """A connection to a file, as `Sql`."""

    def look_up(self, query: str, keys: Iterable[Sequence[Any]], /) -> Iterator[Row | None]:
        """The first row that the query answers for each key, or None, in the order of the keys."""
        for key in keys:
            yield self.execute(query, key).fetchone()
