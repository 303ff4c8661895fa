"""A CSV whose rows come in no order, put into the order of records before it is screened.

Premise: people list devices by site, or as they were bought. Rule: all lines are sorted by platform and name, and the
file is screened as if it had been written so; that costs a screen of rows in order about as much again, and a whole
compilation ten times as much.
"""

from __future__ import annotations

from array import array
from itertools import pairwise
from operator import itemgetter

from reconcile.manifest.settled.cells import blocks_of
from reconcile.manifest.settled.layout import Sheet
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.ports import Content


class SortedLines:
    """The lines of a file from its first row on, in order: `content` as in a file whose second line is the first of
    them. `number_at` says which line of the real file that was.
    """

    def __init__(self, content: Content, start: int, sheet: Sheet) -> None:
        """Raises: NotScreenedError for a file that is not a line a row."""
        width, name_at, platform_at = sheet.columns.width, sheet.columns.name, sheet.platform_at
        places: dict[str, list[tuple[str, int, str]]] = {}
        for block in blocks_of(content, start, len(content), 2):
            for number, line in enumerate(block.lines, block.number):
                cells = line.split(",")
                if len(cells) == width:
                    places.setdefault(cells[platform_at], []).append((cells[name_at], number, line))
                elif line:
                    raise NotScreenedError
        self._numbers, parts = array("Q"), list[bytes]()
        for platform in sorted(places):
            in_order = places.pop(platform)
            in_order.sort(key=itemgetter(0))
            self._numbers.extend(number for _, number, _ in in_order)
            parts += ["\n".join(line for _, _, line in in_order).encode(), b"\n"]
        self.content = b"".join(parts)

    def number_at(self, number: int) -> int:
        """The number of a line in its file."""
        return self._numbers[number - 2]


def begins_in_order(content: Content, start: int, sheet: Sheet) -> bool:
    """Whether the rows of the first block do: where they do not, no record need be looked at to know it.

    Raises: NotScreenedError for a file that is not a line a row.
    """
    block = next(blocks_of(content, start, len(content), 2), None)
    keys = [] if block is None else [sheet.key_of_line(line) for line in block.lines if line]
    return all(first < then for first, then in pairwise(keys))
