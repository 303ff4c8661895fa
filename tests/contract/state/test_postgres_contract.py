"""PostgreSQL keeps the contract of a state store."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from reconcile.ports import StateStore
from reconcile.state.lease import Process
from reconcile.state.postgres import Postgres
from reconcile.state.postgres.address import read_address
from reconcile.testing.state_contract import StateContract

SERVER = "POSTGRES_OF_THE_TESTS"


def address(path: Path):
    """A schema for each state, on the server that processes of a test learn from their environment."""
    return read_address(f"{os.environ[SERVER]}?schema=s{hashlib.sha256(str(path).encode()).hexdigest()[:16]}")


class TestPostgres(StateContract):
    turns = 12

    @pytest.fixture(autouse=True)
    def server(self, postgres_server, monkeypatch):
        monkeypatch.setenv(SERVER, postgres_server.url())

    @staticmethod
    def open_store(path: Path) -> StateStore:
        store = Postgres.open(address(path))
        assert store is not None
        return store

    @staticmethod
    def open_elsewhere(path: Path) -> StateStore:
        store = Postgres.open(address(path), process=replace(Process.here(), host="elsewhere", place="elsewhere"))
        assert store is not None
        return store

    @staticmethod
    def change_entry(path: Path, number: int) -> None:
        place = address(path)
        with psycopg.connect(**place.parameters) as connection:
            table = f'"{place.schema}".journal'
            (body,) = connection.execute(f"SELECT body FROM {table} WHERE seq = %s", (number,)).fetchone()
            changed = body[:-9] + bytes([body[-9] ^ 1]) + body[-8:]
            connection.execute(f"UPDATE {table} SET body = %s WHERE seq = %s", (changed, number))
