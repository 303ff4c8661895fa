"""SQLite keeps the contract of a state store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from reconcile.ports import StateStore
from reconcile.state.lease import Process
from reconcile.state.sqlite import Sqlite
from reconcile.testing.state_contract import StateContract


class TestSqlite(StateContract):
    @staticmethod
    def open_store(path: Path) -> StateStore:
        return Sqlite.open(path)

    @staticmethod
    def open_elsewhere(path: Path) -> StateStore:
        return Sqlite.open(path, process=replace(Process.here(), host="elsewhere", place="elsewhere"))

    @staticmethod
    def change_entry(path: Path, number: int) -> None:
        with closing(sqlite3.connect(path)) as connection:
            (body,) = connection.execute("SELECT body FROM journal WHERE seq = ?", (number,)).fetchone()
            changed = body[:-9] + bytes([body[-9] ^ 1]) + body[-8:]
            connection.execute("UPDATE journal SET body = ? WHERE seq = ?", (changed, number))
            connection.commit()
