"""One connection to the server: how it is opened, and what the shared statements become on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import count, islice
from typing import Any, Final

import psycopg
from psycopg import sql

from reconcile.state.postgres.address import Address
from reconcile.state.sql import Row, Rows

Raw = psycopg.Connection[tuple[Any, ...]]

LOCK_TIMEOUT_S: Final = 10
"""How long one process waits for another's commit before it gives up."""

_STATEMENT_TIMEOUT_S: Final = 60
_BULK: Final = 200
_FIRST_PAGE: Final = 2_000
_LARGEST_PAGE: Final = 10_000
_PAGE_BYTES: Final = 2**20
"""What a page may hold, about: each is a round trip for which nothing else is done."""

_KEYS: Final = 500
_INSERT = re.compile(r"\s*INSERT INTO (\w+) VALUES \([?, ]+\)\s*(.*)", re.DOTALL)
_VALUES = re.compile(r"VALUES \([?, ]+\)")

_SETTINGS = f"""SET search_path TO {{schema}}, pg_temp;
    SET statement_timeout = '{_STATEMENT_TIMEOUT_S}s';
    SET lock_timeout = '{LOCK_TIMEOUT_S}s';
    SET client_min_messages = warning;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"""


def connect(address: Address, name: str) -> Raw:
    """A connection outside of any transaction, known to the server as `name`. Raises: psycopg.Error."""
    parameters: dict[str, Any] = {**address.parameters, "application_name": name}
    raw = psycopg.connect(**parameters, autocommit=True)
    try:
        raw.execute(sql.SQL(_SETTINGS).format(schema=sql.Identifier(address.schema)))
    except BaseException:
        raw.close()
        raise
    return raw


class Statements:
    """A transaction on a connection, as `state.sql.Sql`. With `streams`, rows come in pages and not all at once."""

    def __init__(self, raw: Raw, *, streams: bool = False) -> None:
        self._raw, self._streams = raw, streams
        self._numbers = count()

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Rows:
        """Runs one statement."""
        if self._streams:
            asked = psycopg.ClientCursor(self._raw).mogrify(_own(query), values) if values else query
            return _Pages(self._raw, asked, f"page_{next(self._numbers)}")
        return self._raw.execute(_own(query), values or None)

    def executemany(self, query: str, rows: Sequence[Sequence[Any]], /) -> object:
        """Runs one statement for every row; many rows of an INSERT go through COPY. No two have the same key."""
        if not rows:
            return None
        insert = _INSERT.fullmatch(query) if len(rows) >= _BULK else None
        with self._raw.cursor() as cursor:
            if insert is None:
                cursor.executemany(_own(query), rows)
            else:
                _copy(cursor, query, rows, insert)
        return None

    def look_up(self, query: str, keys: Iterable[Sequence[Any]], /) -> Iterator[Row | None]:
        """The first row that the query answers for each key, or None; hundreds of questions in one round trip."""
        left, text = iter(keys), _own(query)
        while some := list(islice(left, _KEYS)):
            with self._raw.pipeline():
                cursors = [self._raw.execute(text, key) for key in some]
            yield from [cursor.fetchone() for cursor in cursors]


class _Pages:
    """The rows of a query, through a cursor on the server that ends with the transaction.

    A cursor may not be declared with values beside it: they stand in the query. The first page comes with the answer
    to the declaration, so that few rows cost one round trip.
    """

    rowcount = -1

    def __init__(self, raw: Raw, query: str, name: str) -> None:
        self._raw, self._name = raw, name
        answer = raw.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {query}; FETCH {_FIRST_PAGE} FROM {name}")
        answer.nextset()
        self._rows = self._read(answer.fetchall())

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def _read(self, page: list[Any]) -> Iterator[Any]:
        asked = _FIRST_PAGE
        while page:
            yield from page
            if len(page) < asked:
                return
            asked = _page_after(page)
            page = self._raw.execute(f"FETCH {asked} FROM {self._name}").fetchall()


def _page_after(page: Sequence[Row]) -> int:
    """How many rows to ask for next: fewer where they are large, of which one in a hundred tells enough."""
    some = page[::100]
    size = sum(len(cell) for row in some for cell in row if isinstance(cell, str | bytes))
    return min(max(_PAGE_BYTES * len(some) // max(size, 1), 1), _LARGEST_PAGE)


@cache
def _own(query: str) -> str:
    """A shared statement in psycopg's notation. No shared statement has a `?` or `%` that is not a value's place."""
    return query.replace("?", "%s")


def _copy(cursor: psycopg.Cursor[Any], query: str, rows: Sequence[Sequence[Any]], insert: re.Match[str]) -> None:
    """COPY knows no conflicts: rows that may meet others go through a table of this session first."""
    table, conflict = insert.groups()
    target = table
    if conflict:
        target = f"pg_temp.staged_{table}"
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS staged_{table} (LIKE {table}) ON COMMIT DELETE ROWS")
        cursor.execute(f"TRUNCATE {target}")
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    if conflict:
        cursor.execute(_VALUES.sub(f"TABLE {target}", query, count=1))
