"""The second half of a large inventory, screened in a process of its own beside the first.

Premise: the half of a million rows takes a core a second. Rule: both halves are screened alike, the second from the
record of its first row on; what it found is taken over when the first is through. The order of names and of identities
must go on from one half to the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from reconcile.manifest.settled.cells import line_before
from reconcile.manifest.settled.layout import Sheet
from reconcile.manifest.settled.regions import Region
from reconcile.manifest.settled.rows import Record, SettledRows
from reconcile.manifest.settled.screened import OutOfOrderError
from reconcile.model.late import dataclass
from reconcile.model.recorded import RecordedHead
from reconcile.model.settled import SettledBlock
from reconcile.ports import Content

LEAST_BYTES = 4 << 20
"""Of less, a core alone is through before another has begun."""

Cells: TypeAlias = "tuple[str, str, str]"
"""Platform, and the text around the cell that tells identities of a group apart."""


@dataclass(frozen=True, slots=True)
class Half:
    """What screening came to: `kept` lines, with their numbers, that are not left out, and everything that
    `SettledRows` counts.
    """

    kept: Sequence[tuple[int, str]]
    blocks: Sequence[SettledBlock]
    others: Sequence[RecordedHead]
    counts: tuple[int, int, int]
    lines: dict[tuple[str, str], tuple[str, str]]
    ranges: dict[Cells, tuple[str, str]]
    known: tuple[dict[str, tuple[str, str, str]], dict[str, str]]

    @classmethod
    def of(cls, rows: SettledRows, kept: Sequence[tuple[int, str]], blocks: Sequence[SettledBlock]) -> Half:
        """What rows came to that were screened from the beginning in this process."""
        sealed = rows.sealed
        return cls(
            kept,
            blocks,
            rows.others,
            (rows.left_out, rows.met, rows.covered),
            rows.lines,
            rows.ranges,
            ({}, {}) if sealed is None else (sealed.found, sealed.found_alike),
        )

    def records(self) -> Iterator[Record]:
        """The kept lines as records."""
        return ((number, line.split(",")) for number, line in self.kept)

    def join(self, rows: SettledRows) -> None:
        """Adds this half to the first. Raises: OutOfOrderError when identities do not go on in order."""
        for cells, (first, last) in self.ranges.items():
            before = rows.ranges.get(cells)
            if before is not None and before[1] >= first:
                raise OutOfOrderError
            rows.ranges[cells] = (first if before is None else before[0], last)
        left_out, met, covered = self.counts
        rows.left_out += left_out
        rows.met += met
        rows.covered |= covered
        rows.others += self.others
        rows.lines |= self.lines
        if rows.sealed is not None:
            rows.sealed.found |= self.known[0]
            rows.sealed.found_alike |= self.known[1]


def halves_of(content: Content, start: int, sheet: Sheet) -> tuple[Region, Region] | None:
    """Two regions of a file from its first row on; None for one that is not worth it.

    Raises: NotScreenedError where the row in the middle is not so simple.
    """
    size = len(content)
    middle = content.find(b"\n", start + (size - start) // 2) + 1
    if size - start < LEAST_BYTES or not 0 < middle < size:
        return None
    until = content.find(b"\n", middle) + 1 or size
    first = sheet.key_of_line(line_before(content, until))
    number = 2 + content.count(b"\n", start, middle)
    return Region(start, middle, 2, until=first), Region(middle, size, number, first=first)


def lines_of(screened: Iterator[Sequence[Record]]) -> list[tuple[int, str]]:
    """All records, one after the other, as numbers and lines: a sixth of the memory of their cells."""
    return [(number, ",".join(cells)) for some in screened for number, cells in some]
