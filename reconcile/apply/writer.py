"""The one writer of the journal: commits of many devices that are due together become one transaction.

Premise: a durable commit costs milliseconds, a request may not leave before its own is durable, and hundreds are on
their way at once. Rule: while one transaction is being written, the next one gathers; whoever asked waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

from reconcile.model.device import DeviceRef
from reconcile.model.journal import JournalEntry, OpenAttempt
from reconcile.model.recorded import RecordedDevice
from reconcile.ports import Commit, StateStore


class Writer:
    """Group commit over a store. Use as an async context manager; leaving it writes what is pending."""

    def __init__(self, store: StateStore, fences: Mapping[str, int]) -> None:
        self._store = store
        self._fences = fences
        self._pending: list[tuple[Commit, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._is_closing = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def commit(self, commit: Commit) -> None:
        """Durable on return. Raises: StateError, LeaseHeld; then nothing of it was written."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((commit, done))
        self._wake.set()
        await done

    async def _run(self) -> None:
        while not (self._is_closing and not self._pending):
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                group, self._pending = self._pending, []
                await self._write(group)

    async def _write(self, group: list[tuple[Commit, asyncio.Future[None]]]) -> None:
        try:
            await asyncio.to_thread(self._store.commit, merged([commit for commit, _ in group]), fences=self._fences)
        except Exception as exc:  # noqa: BLE001  # whoever asked for the commit must hear of its failure
            for _, done in group:
                with suppress(asyncio.InvalidStateError):
                    done.set_exception(exc)
            return
        for _, done in group:
            with suppress(asyncio.InvalidStateError):
                done.set_result(None)


def merged(commits: list[Commit]) -> Commit:
    """One transaction for all; of a device recorded twice the later record stands."""
    entries: list[JournalEntry] = []
    opened: list[OpenAttempt] = []
    devices: dict[DeviceRef, RecordedDevice] = {}
    forgotten: list[DeviceRef] = []
    begun = consumed = foretold = generation = None
    for commit in commits:
        entries.extend(commit.entries)
        opened.extend(commit.opened)
        forgotten.extend(commit.forgotten)
        devices.update((device.ref, device) for device in commit.devices)
        begun = commit.begun_plan or begun
        consumed = commit.consumed_plan or consumed
        foretold = commit.foretold or foretold
        generation = commit.generation or generation
    return Commit(entries, opened, list(devices.values()), forgotten, begun, consumed, foretold, generation)
