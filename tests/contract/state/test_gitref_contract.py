"""A git ref keeps the contract of a state store."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from reconcile.ports import StateStore
from reconcile.state.gitref import GitRef
from reconcile.state.gitref.address import Address
from reconcile.state.lease import Process
from reconcile.testing.state_contract import StateContract


def remote_at(path: Path) -> Address:
    """A bare repository of that name, made when there is none, with one state in it."""
    with suppress(FileExistsError):
        path.mkdir()
        (path / "objects").mkdir()
        (path / "refs").mkdir()
        (path / "config").write_text("[core]\n\tbare = true\n\tfsync = none\n[receive]\n\tautogc = false\n")
        (path / "HEAD").write_text("ref: refs/heads/main\n")
    return Address(str(path), "refs/reconcile/state/test")


def opened(path: Path, process: Process | None = None) -> GitRef:
    store = GitRef.at(remote_at(path), folder=path.parent, process=process)
    assert store is not None
    store.fresh_s = 0.0  # other stores of the same test write between two looks
    return store


class TestGitRef(StateContract):
    turns = 3

    keeps_settled = False

    @staticmethod
    def open_store(path: Path) -> StateStore:
        return opened(path)

    @staticmethod
    def open_elsewhere(path: Path) -> StateStore:
        return opened(path, replace(Process.here(), host="elsewhere", place="elsewhere"))

    @staticmethod
    def change_entry(path: Path, number: int) -> None:
        with opened(path) as store, store._writing() as connection:
            (body,) = connection.execute("SELECT body FROM journal WHERE seq = ?", (number,)).fetchone()
            changed = body[:-9] + bytes([body[-9] ^ 1]) + body[-8:]
            connection.execute("UPDATE journal SET body = ? WHERE seq = ?", (changed, number))
            store._is_new_journal = True
