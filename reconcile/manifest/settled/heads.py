"""The heads of recorded devices, taken one after the other beside the rows of inventories."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.device import DeviceRef
from reconcile.model.recorded import HeadRow, RecordedHead

NOBODY: HeadRow = ("", "", "", None, False)
"""Stands after the last; no device is called so."""


class Heads:
    """A cursor over heads in the order of (platform, name): the `row` it stands at and the `rest`.

    `others`: those passed by, whose devices are not left out.
    """

    __slots__ = ("others", "rest", "row")

    def __init__(self, rows: Iterator[HeadRow], others: list[RecordedHead]) -> None:
        self.rest = rows
        self.row = next(rows, NOBODY)
        self.others = others

    def step(self) -> HeadRow:
        """The next head, in the place of one whose device is left out."""
        row = self.row = next(self.rest, NOBODY)
        return row

    def pass_by(self) -> HeadRow:
        """The next head, in the place of one whose device is not left out."""
        platform, name, identity, digest, waiting = self.row
        self.others.append(RecordedHead(DeviceRef(platform, name), identity, digest, bool(waiting)))
        return self.step()

    def pass_until(self, platform: str, name: str) -> bool:
        """Passes by every head before that device; whether one is its own."""
        row = self.row
        while row is not NOBODY and (row[0], row[1]) < (platform, name):
            row = self.pass_by()
        return row[0] == platform and row[1] == name

    def close(self) -> None:
        """Passes by all that are left."""
        while self.row is not NOBODY:
            self.pass_by()
