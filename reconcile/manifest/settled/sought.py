"""Rows of settled blocks that have to be looked at all the same: profiles that cover them set something else now, or
labels ask for them.

Premise: a value changes in one profile, and the devices that it covers lie scattered over a million rows.
Rule: a row that a selector matches has the text of a value in it, so rows are found by these bytes, and only they are
read; what none of the profiles covers comes to what it came to before. A document of a device may say labels that its
row does not: such a row is passed only where it is known what its device came to, and which labels it adds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from reconcile.manifest.compile_layers import Compilation
from reconcile.manifest.document import Document
from reconcile.manifest.select import Selector
from reconcile.manifest.settled.cells import line_before
from reconcile.manifest.settled.layout import Sheet
from reconcile.manifest.settled.needles import line_at, line_of, line_starts, needle, places
from reconcile.manifest.settled.rows import SettledRows
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.model.settled import Key

_OFTEN = 8
"""What stands in every eighth line tells little."""


class SoughtRows:
    """Those that profiles of some titles cover, or the labels that are asked for; devices may have documents."""

    def __init__(
        self,
        compilation: Compilation,
        rows: SettledRows,
        documents: Iterable[Document],
        titles: frozenset[str],
        asked: Selector | None,
    ) -> None:
        profiles = compilation.profiles
        moved = [(number, profile) for number, profile in enumerate(profiles) if profile.name in titles]
        self._moved = sum(1 << number for number, _ in moved)
        self._asked = 0 if asked is None else 1 << (len(profiles) + compilation.asked.index(asked))
        self._selectors = [profile.selector for _, profile in moved] + ([] if asked is None else [asked])
        self._rows, self._sealed = rows, rows.sealed
        self._documented: list[Key] = []
        if self._selectors:
            entries = {} if rows.sealed is None else rows.sealed.texts
            names = entries if moved else [name for name in entries if rows.sealed and rows.sealed.labels_of(name)]
            self._documented = sorted([*map(_key_of, documents), *((entries[name][0], name) for name in names)])
        self._needles: dict[str, list[bytes] | None] = {}

    def may_be_in(self, covered: int) -> bool:
        """Whether any may be in a block whose rows these profiles cover."""
        return bool(covered & self._moved or self._asked)

    def rows(self, content: bytes, number: int, sheet: Sheet) -> list[tuple[int, str]]:
        """Lines of a block to be looked at, with their numbers, in order. `number` is that of its first line.

        Raises: NotScreenedError.
        """
        starts = {start for start in self._candidates(content, sheet) if self._is_covered(content, start, sheet)}
        starts |= self._unknown(content, sheet)
        found, at = list[tuple[int, str]](), 0
        for start in sorted(starts):
            number, at = number + content.count(b"\n", at, start), start
            found.append((number, line_at(content, start)))
        return found

    def _candidates(self, content: bytes, sheet: Sheet) -> Iterable[int]:
        """Where lines begin that hold what a selector asks for; all lines, where it asks for no text. None, where it
        asks for labels that no row can have.
        """
        if not sheet.coverage.bits & (self._moved | self._asked):
            return ()
        if sheet.header not in self._needles:
            self._needles[sheet.header] = self._needles_for(content, sheet)
        found = self._found(content, self._needles[sheet.header])
        if _OFTEN * len(found) > content.count(b"\n"):  # another label may tell more from here on
            self._needles[sheet.header] = self._needles_for(content, sheet)
            found = self._found(content, self._needles[sheet.header])
        return found

    def _found(self, content: bytes, needles: Sequence[bytes] | None) -> set[int]:
        if needles is None:
            return set(line_starts(content))
        return {content.rfind(b"\n", 0, at) + 1 for wanted in needles for at in places(content, wanted)}

    def _needles_for(self, content: bytes, sheet: Sheet) -> list[bytes] | None:
        """What stands in every row that is covered: of each selector the label that is found least often."""
        columns, found = dict(sheet.columns.label_columns), list[bytes]()
        for selector in self._selectors:
            asked = [
                [needle(value, columns[one.key], sheet.columns.width) for value in one.values if value]
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
        cells = line_at(content, start).split(",")
        if len(cells) != sheet.columns.width:
            return False  # the line is empty, for the block was read before
        return sheet.coverage.of_row(cells) & (self._moved | self._asked) != 0

    def _unknown(self, content: bytes, sheet: Sheet) -> set[int]:
        """Where lines begin of devices with documents that are covered, or may be."""
        if not self._documented:
            return set()
        first, last = sheet.key_of_line(line_at(content, 0)), sheet.key_of_line(line_before(content, len(content)))
        found, begin = set[int](), 0
        for at in range(bisect_left(self._documented, first), bisect_right(self._documented, last)):
            platform, name = key = self._documented[at]
            start = line_of(content, begin, key, sheet)
            if start is not None:  # rows are in the same order
                begin = start
                if self._may_be_covered(platform, name, sheet, line_at(content, start)):
                    found.add(start)
        return found

    def _may_be_covered(self, platform: str, name: str, sheet: Sheet, line: str) -> bool:
        if self._sealed is None or name not in self._sealed.texts:
            return True
        if self._asked and self._rows.is_asked(sheet, line.rstrip("\r").split(",")):
            return True
        known = self._sealed.known_of(platform, name, sheet.header, line) if self._moved else (None, 0)
        return known is None or known[1] & self._moved != 0


def _key_of(document: Document) -> Key:
    spec = document.body.get("spec")
    platform = spec.get("platform") if isinstance(spec, dict) else None
    if not isinstance(platform, str):
        raise NotScreenedError
    return platform, document.name
