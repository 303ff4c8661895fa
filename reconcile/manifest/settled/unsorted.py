"""A CSV whose rows come in no order, put into the order of records before it is screened.

Premise: people list devices by site, or as they were bought. Rule: all lines are held, and sorted by platform and name;
that costs a screen of rows in order about as much again, and a whole compilation ten times as much.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import itemgetter

from reconcile.manifest.settled.cells import Lines, blocks_of
from reconcile.manifest.settled.layout import Sheet
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.ports import Content

_LINES = 512
"""Of a block: about as many as 32 KiB hold."""


class SortedLines:
    """The lines of a file from its first row on. In blocks of them lines are numbered by their place in the order;
    `number_at` says which line of the file that was.
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
        self._places = [place for platform in sorted(places) for place in _in_order(places.pop(platform))]

    def blocks(self) -> Iterator[Lines]:
        """All of them."""
        for start in range(0, len(self._places), _LINES):
            yield Lines(start, [line for _, _, line in self._places[start : start + _LINES]], 0, 0)

    def number_at(self, place: int) -> int:
        """The number of a line in its file."""
        return self._places[place][1]


def begins_in_order(content: Content, start: int, sheet: Sheet) -> bool:
    """Whether the rows of the first block do: where they do not, no record need be looked at to know it.

    Raises: NotScreenedError for a file that is not a line a row.
    """
    block = next(blocks_of(content, start, len(content), 2), None)
    keys = [] if block is None else [sheet.key_of_line(line) for line in block.lines if line]
    return all(first < then for first, then in pairwise(keys))


def _in_order(places: list[tuple[str, int, str]]) -> Sequence[tuple[str, int, str]]:
    places.sort(key=itemgetter(0))
    return places
