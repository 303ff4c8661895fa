"""Rows of settled blocks that have to be looked at all the same: profiles that cover them set something else now.

Premise: a value changes in one profile, and the devices that it covers lie scattered over a million rows.
Rule: a row that a selector matches has the text of a value in it, so rows are found by these bytes, and only they are
read; what none of the profiles covers comes to what it came to before. A document of a device may say labels that its
row does not: such a row is passed only where it is known what its device came to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from reconcile.manifest.document import Document
from reconcile.manifest.layer import Contribution
from reconcile.manifest.sealed import Sealed
from reconcile.manifest.settled.cells import line_before, text_of
from reconcile.manifest.settled.layout import Sheet
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.model.settled import Key

_OFTEN = 8
"""What stands in every eighth line tells little."""


class MovedProfiles:
    """The profiles of these titles, as `bits` in the order of layers, and the devices that have documents."""

    def __init__(
        self,
        profiles: Sequence[Contribution],
        titles: frozenset[str],
        documents: Iterable[Document],
        sealed: Sealed | None,
    ) -> None:
        moved = [(number, profile) for number, profile in enumerate(profiles) if profile.name in titles]
        self.bits = sum(1 << number for number, _ in moved)
        self._selectors = [profile.selector for _, profile in moved]
        self._sealed = sealed
        texts = {} if sealed is None else sealed.texts
        own = [_key_of(document) for document in documents if self.bits]
        self._documented = sorted((*own, *((platform, name) for name, (platform, _) in texts.items()))) if moved else []
        self._needles: dict[str, list[bytes] | None] = {}

    def rows(self, content: bytes, number: int, sheet: Sheet) -> list[tuple[int, str]]:
        """Lines of a block to be looked at, with their numbers, in order. `number` is that of its first line.

        Raises: NotScreenedError.
        """
        starts = {start for start in self._candidates(content, sheet) if self._is_covered(content, start, sheet)}
        starts |= self._unknown(content, sheet)
        found, at = list[tuple[int, str]](), 0
        for start in sorted(starts):
            number, at = number + content.count(b"\n", at, start), start
            found.append((number, _line_at(content, start)))
        return found

    def _candidates(self, content: bytes, sheet: Sheet) -> Iterable[int]:
        """Where lines begin that hold what a selector asks for; all lines, where it asks for no text."""
        if sheet.header not in self._needles:
            self._needles[sheet.header] = self._needles_for(content, sheet)
        found = self._found(content, self._needles[sheet.header])
        if _OFTEN * len(found) > content.count(b"\n"):  # another label may tell more from here on
            self._needles[sheet.header] = self._needles_for(content, sheet)
            found = self._found(content, self._needles[sheet.header])
        return found

    def _found(self, content: bytes, needles: Sequence[bytes] | None) -> set[int]:
        if needles is None:
            return set(_starts(content))
        return {content.rfind(b"\n", 0, at) + 1 for needle in needles for at in _places(content, needle)}

    def _needles_for(self, content: bytes, sheet: Sheet) -> list[bytes] | None:
        """What stands in every row that is covered: of each selector the label that is found least often."""
        columns, found = dict(sheet.columns.label_columns), list[bytes]()
        for selector in self._selectors:
            asked = [
                [_needle(value, columns[one.key], sheet.columns.width) for value in one.values if value]
                if one.key in columns
                else []
                for one in selector.requirements
                if one.operator == "In"
            ]
            if not asked:
                return None
            found += min(asked, key=lambda needles: sum(map(content.count, needles)))
        return found

    def _is_covered(self, content: bytes, start: int, sheet: Sheet) -> bool:
        cells = _line_at(content, start).split(",")
        if len(cells) != sheet.columns.width:
            return False  # the line is empty, for the block was read before
        return sheet.coverage.of_row(cells) & self.bits != 0

    def _unknown(self, content: bytes, sheet: Sheet) -> set[int]:
        """Where lines begin of devices with documents that are covered, or may be."""
        if not self._documented:
            return set()
        first, last = sheet.key_of_line(_line_at(content, 0)), sheet.key_of_line(line_before(content, len(content)))
        found, begin = set[int](), 0
        for at in range(bisect_left(self._documented, first), bisect_right(self._documented, last)):
            platform, name = key = self._documented[at]
            start = _line_of(content, begin, key, sheet)
            if start is not None:  # rows are in the same order
                begin = start
                if self._may_be_covered(platform, name, sheet.header, _line_at(content, start)):
                    found.add(start)
        return found

    def _may_be_covered(self, platform: str, name: str, header: str, line: str) -> bool:
        if self._sealed is None or name not in self._sealed.texts:
            return True
        known = self._sealed.known_of(platform, name, header, line)
        return known is None or known[1] & self.bits != 0


def _line_of(content: bytes, begin: int, key: Key, sheet: Sheet) -> int | None:
    """Where the line of a device begins; None where none is its."""
    for at in _places(content, _needle(key[1], sheet.columns.name, sheet.columns.width), begin):
        start = content.rfind(b"\n", 0, at) + 1
        if sheet.key_of_line(_line_at(content, start)) == key:
            return start
    return None


def _key_of(document: Document) -> Key:
    spec = document.body.get("spec")
    platform = spec.get("platform") if isinstance(spec, dict) else None
    if not isinstance(platform, str):
        raise NotScreenedError
    return platform, document.name


def _needle(value: str, column: int, width: int) -> bytes:
    """The value as it stands in a line, with the commas that are sure to be there."""
    return b"," * (column > 0) + value.encode() + b"," * (column < width - 1)


def _places(content: bytes, needle: bytes, begin: int = 0) -> Iterator[int]:
    at = content.find(needle, begin)
    while at >= 0:
        yield at
        at = content.find(needle, at + 1)


def _starts(content: bytes) -> Iterator[int]:
    start = 0
    while start < len(content):
        yield start
        start = content.find(b"\n", start) + 1 or len(content)


def _line_at(content: bytes, start: int) -> str:
    return text_of(content[start : content.find(b"\n", start) + 1 or len(content)]).rstrip("\n")
