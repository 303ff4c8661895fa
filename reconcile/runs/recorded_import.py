"""Exports of recorded state as files on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconcile.model.errors import StateError
from reconcile.model.values import JsonObject
from reconcile.runs import wiring


def check_export(file: Path) -> None:
    """Reads all of an export and keeps nothing. Raises: StateError."""
    with read_export(file) as bodies:
        wiring.check_export(bodies)


@contextmanager
def read_export(file: Path) -> Iterator[Iterator[JsonObject]]:
    """The records of an export, one after the other. Raises: StateError for a file that cannot be read."""
    try:
        with file.open("rb") as lines:
            yield wiring.read_export(lines)
    except OSError as exc:
        why = exc.strerror or type(exc).__name__
        raise StateError(f"the export cannot be read: {file} ({why}). Nothing was changed.", code="RCL503") from exc
