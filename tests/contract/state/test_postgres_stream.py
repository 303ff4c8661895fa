"""PostgreSQL hands out what it holds a page at a time: all of it, and what lies from one device on."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest

from reconcile.model.settled import LOWEST
from reconcile.state.postgres import Postgres
from reconcile.state.postgres.address import Address, read_address

DEVICES, IDENTITY_BYTES = 12_000, 10_000
FIRST = ("a", "")
ODD = "it's 100%s 'so'"
"""A name with everything that a statement could take for its own."""


@pytest.fixture(scope="module")
def address(postgres_server) -> Address:
    return read_address(f"{postgres_server.url()}?schema=streamed_{os.getpid()}")


@pytest.fixture(scope="module")
def store(address):
    with Postgres.open(address) as opened:
        with psycopg.connect(**address.parameters, options=f"-c search_path={address.schema}") as raw:
            row = "'a', 'm' || to_char(n, 'FM00000'), repeat('x', %s), NULL, 0, ''"
            raw.execute(f"INSERT INTO device SELECT {row} FROM generate_series(1, %s) n", (IDENTITY_BYTES, DEVICES))
            raw.execute("INSERT INTO device VALUES ('b', %s, '', NULL, 0, ''), ('b', 'z', '', NULL, 0, '')", (ODD,))
        yield opened


def resident_bytes() -> int:
    if not Path("/proc/self/statm").exists():
        pytest.skip("nothing says how much memory is in use")
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(("first", "until"), [(LOWEST, None), (FIRST, None), (FIRST, ("c", ""))])
def test_first_of_many_heads_is_there_before_the_others(store, first, until):
    before = resident_bytes()
    rows = store.head_rows(first, until)
    assert next(rows)[1] == "m00001"
    assert resident_bytes() - before < DEVICES * IDENTITY_BYTES / 2
    rows.close()


@pytest.mark.parametrize("first", [LOWEST, FIRST])
def test_every_page_comes_once_and_in_order(store, first):
    names = [row[1] for row in store.head_rows(first, ("b", ""))]
    assert names == [f"m{number:05}" for number in range(1, DEVICES + 1)]


def test_later_pages_of_large_rows_are_no_larger_than_the_first(store):
    rows = store.head_rows()
    next(rows)
    before = resident_bytes()
    for _ in range(DEVICES // 2):
        next(rows)
    assert resident_bytes() - before < DEVICES * IDENTITY_BYTES / 4
    rows.close()


def test_names_that_look_like_statements_bound_a_range(store):
    assert [row[1] for row in store.head_rows(("b", ODD))] == [ODD, "z"]
    assert [row[1] for row in store.head_rows(("b", ""), ("b", ODD))] == []
    assert [str(ref) for ref in store.named(ODD)] == [f"b/{ODD}"]
