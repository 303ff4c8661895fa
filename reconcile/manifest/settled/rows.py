"""Rows of devices that are settled as recorded, left out while an inventory is read.

Premise: almost every row is that of a settled device, and stands beside the head of its record in the order of both.
Rule: such a row is only counted: the same identity and the same digest on record, nothing on its way, nothing to be
said about its document. Every other becomes a row for the compiler. Identities are known to be there once because
they come in order; where they do not, all of them are remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from reconcile.manifest.compile_layers import Compilation
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.match import Matcher
from reconcile.manifest.sealed import Sealed
from reconcile.manifest.settled.cells import Lines
from reconcile.manifest.settled.heads import NOBODY, Heads
from reconcile.manifest.settled.identities import Identities
from reconcile.manifest.settled.layout import Group, Objections, Sheet, group_of
from reconcile.manifest.settled.screened import NotScreenedError, OutOfOrderError, UnsortedError
from reconcile.model.recorded import HeadRow, RecordedHead
from reconcile.model.settled import LOWEST, Key
from reconcile.ports import Problem

Record: TypeAlias = "tuple[int, list[str]]"
"""The number of a line, and its cells."""


class SettledRows:
    """Merges rows with the heads of recorded devices, both in the order of (platform, name).

    `left_out`: how many rows; `covered`: the profiles that cover any of them, as bits. `others`: heads of all other
    recorded devices. `documented`: names that documents of single devices bear; their rows are left out where it is
    known what `sealed` ones come to. Of those that are not, `lines` has header and line, by platform and name; `met` is
    how many rows bear the name of a sealed one. `ranges`: the lowest and highest cells of identities alike.
    """

    def __init__(
        self, compilation: Compilation, sealed: Sealed | None, documented: Collection[str], *, remembers: bool
    ) -> None:
        self.others: list[RecordedHead] = []
        self.heads = Heads(iter(()), self.others)
        self.identities = Identities(remembers=remembers)
        self.lines: dict[tuple[str, str], tuple[str, str]] = {}
        self.left_out = self.met = self.covered = 0
        self._compilation, self.sealed, self._documented = compilation, sealed, documented
        # What is asked about is some selectors more, and what they cover comes to nothing that is on record.
        self._asked = ((1 << len(compilation.asked)) - 1) << len(compilation.profiles)
        self._matcher = Matcher([*(profile.selector for profile in compilation.profiles), *compilation.asked])
        self._objections = {table.key: Objections(table) for table in self._matcher.tables}
        self.ranges: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._last: Sequence[str] = LOWEST

    def sheet(self, file: str, header: str) -> Sheet:
        """The columns of an inventory. Raises: NotScreenedError for one whose first line is wrong."""
        return Sheet.of(file, header, self._matcher, self._objections)

    def begin(self, heads: Iterator[HeadRow], last: Key) -> None:
        """Goes on with other records and rows; `last` is the device of the row before."""
        self.heads, self._last = Heads(heads, self.others), last

    def screen_all(self, blocks: Iterator[Lines], sheet: Sheet) -> Iterator[tuple[Lines, list[Record]]]:
        """Every block with its records that are not left out. Raises: NotScreenedError, OutOfOrderError."""
        platform, name = self._last
        self._last = [platform if at == sheet.platform_at else name for at in range(sheet.columns.width)]
        for block in blocks:
            yield block, self._screen(block, sheet)
        self._last = (self._last[sheet.platform_at], self._last[sheet.columns.name])
        for group in sheet.groups.values():
            if group is not None:
                self.ranges[group.platform, group.before, group.after] = (group.first, group.last)

    @property
    def last(self) -> Key:
        """The device of the last row."""
        platform, name = self._last
        return platform, name

    def _screen(  # noqa: C901, PLR0912, PLR0915  # one loop that a million rows go through: a call each would double its time
        self, block: Lines, sheet: Sheet
    ) -> list[Record]:
        """The records of a block that are not left out. Names and cells are compared; nothing is made of them."""
        width, name_at, platform_at, key_of = sheet.columns.width, sheet.columns.name, sheet.platform_at, sheet.key_of
        groups, covered, bits = sheet.groups, sheet.coverage.columns, sheet.coverage.bits
        documented, remember, heads = self._documented, self.identities.remember, self.heads
        kept: list[Record] = []
        last = self._last
        left_out, seen, rest = 0, 0, heads.rest
        row = platform, name, identity, digest, waiting = heads.row
        for number, line in enumerate(block.lines, block.number):
            cells = line.split(",")
            if len(cells) != width:
                if line:
                    raise NotScreenedError
                continue
            own = cells[name_at]
            is_recorded = own == name and cells[platform_at] == platform
            if not is_recorded:
                if (cells[platform_at], own) <= (last[platform_at], last[name_at]):
                    raise UnsortedError
                heads.row = row
                is_recorded = heads.pass_until(cells[platform_at], own)
                row = platform, name, identity, digest, waiting = heads.row
            last = cells
            key = key_of(cells)
            group = groups.get(key)
            if group is None and key not in groups:
                group = groups[key] = self._group(sheet, number, cells)
            if group is not None:
                cell = cells[group.at]
                if cell <= group.last and remember is None:
                    raise OutOfOrderError
                group.last = cell
                for empty in group.empty:
                    if cells[empty]:
                        raise NotScreenedError
                if own in documented:
                    wanted = self._own_digest(sheet, cells, line)
                else:
                    mask = bits
                    for objections, at in covered:
                        mask &= objections[cells[at]]
                    seen |= mask
                    wanted = group.digests.get(mask)
                    if wanted is None and mask not in group.digests:
                        wanted = self._digest(sheet, group, mask, number, cells)
                is_settled = is_recorded and not waiting and wanted is not None and wanted == digest
                if is_settled and identity == f"{group.before}{cell}{group.after}":
                    left_out += 1
                    if remember is not None:
                        remember(platform, identity)
                    row = platform, name, identity, digest, waiting = next(rest, NOBODY)
                    continue
            if is_recorded:
                heads.row = row
                row = platform, name, identity, digest, waiting = heads.pass_by()
            kept.append((number, cells))
        self._last, heads.row = last, row
        self.left_out += left_out
        self.covered |= seen & ~self._asked
        return kept

    def _group(self, sheet: Sheet, number: int, cells: list[str]) -> Group | None:
        row = sheet.row(number, cells)
        group = group_of(row, sheet.columns, self._compilation.dialects.get(row.platform))
        if group is None:
            if self.identities.remember is None:
                raise OutOfOrderError
            return None
        cell = cells[group.at]
        group.first, group.last = self.ranges.get((group.platform, group.before, group.after), (cell, ""))
        return group

    def _digest(self, sheet: Sheet, group: Group, mask: int, number: int, cells: list[str]) -> str | None:
        if mask & self._asked:
            group.digests[mask] = None
            return None
        row = sheet.row(number, cells)
        work_out = partial(self._compilation.digest_of, row, group.identity, mask)
        model_key = self._compilation.dialects[group.platform].model_key(group.identity)
        known = self.sealed
        digest, is_shared = work_out() if known is None else known.alike(group.platform, model_key, mask, work_out)
        if is_shared:
            group.digests[mask] = digest
        return digest

    def _own_digest(self, sheet: Sheet, cells: list[str], line: str) -> str | None:
        """What a row comes to whose device has a document of its own; None where that has to be found out."""
        platform, name = cells[sheet.platform_at], cells[sheet.columns.name]
        if self.sealed is None or name not in self.sealed.texts:
            return None
        self.met += 1
        if self.sealed.texts[name][0] != platform:
            raise NotScreenedError
        known = self.sealed.known_of(platform, name, sheet.header, line)
        if known is None or name in self._compilation.named or self.is_asked(sheet, cells):
            self.lines[platform, name] = (sheet.header, line)
            return None
        digest, covering = known
        self.covered |= covering
        return digest

    def is_asked(self, sheet: Sheet, cells: Sequence[str]) -> bool:
        """Whether the device of a row is asked about by labels: those of its row, and what its sealed document adds."""
        if not self._asked:
            return False
        added = {} if self.sealed is None else self.sealed.labels_of(cells[sheet.columns.name])
        if not added:
            return sheet.coverage.of_row(cells) & self._asked != 0
        labels = {label: cells[at] for label, at in sheet.columns.label_columns if cells[at]}
        return self._matcher.covering({**labels, **added}) & self._asked != 0

    def look_at(self, sheet: Sheet, line: str) -> Key:
        """The device of a line that is to be compiled though its block is settled."""
        platform, name = key = sheet.key_of_line(line)
        if self.sealed is not None and name in self.sealed.texts:
            self.lines[platform, name] = (sheet.header, line)
        return key

    def leaves_out(self, row: Row) -> bool:
        """The same for a row that was read as such. Raises: NotScreenedError, OutOfOrderError."""
        key, heads = (row.platform, row.name), self.heads
        if key <= self.last:
            raise NotScreenedError
        self._last = key
        self.met += self.sealed is not None and row.name in self.sealed.texts
        if not heads.pass_until(*key):
            return False
        if row.name in self._documented or not self._is_settled(row, heads.row):
            heads.pass_by()
            return False
        heads.step()
        self.left_out += 1
        return True

    def _is_settled(self, row: Row, head: HeadRow) -> bool:
        _, _, recorded, digest, waiting = head
        dialect = self._compilation.dialects.get(row.platform)
        if dialect is None or waiting or digest is None:
            return False
        identity = dialect.read_identity(row.fields, row.name)
        if isinstance(identity, Problem) or str(identity) != recorded:
            return False
        covering = self._matcher.covering(row.labels)
        if covering & self._asked:
            return False
        wanted, _ = self._compilation.digest_of(row, identity, covering)
        if wanted != digest:
            return False
        if self.identities.remember is None:
            raise OutOfOrderError
        self.identities.remember(row.platform, recorded)
        return True
