"""Rows of devices that are settled as recorded, left out while an inventory is read.

Premise: almost every row is that of a settled device, and stands beside the head of its record in the order of both.
Rule: such a row is only counted: the same identity and the same digest on record, nothing on its way, nothing to be
said about its document. Every other becomes a row for the compiler. Identities are known to be there once because
they come in order; where they do not, all of them are remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from reconcile.manifest.compile_layers import Compilation
from reconcile.manifest.compile_register import Register
from reconcile.manifest.inventory import read_inventory
from reconcile.manifest.inventory_csv import rows_of
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import Tally
from reconcile.manifest.sealed import Sealed
from reconcile.manifest.settled.cells import Lines, blocks_of
from reconcile.manifest.settled.heads import NOBODY, Heads
from reconcile.manifest.settled.identities import Identities
from reconcile.manifest.settled.layout import Group, Objections, Sheet, group_of
from reconcile.manifest.settled.screened import NotScreenedError, OutOfOrderError
from reconcile.model.recorded import HeadRow
from reconcile.ports import NamedBytes, Problem


class SettledRows:
    """Merges rows with the heads of recorded devices, both in the order of (platform, name).

    `left_out`: how many rows. `heads`: those of all other recorded devices, complete after `close`. `documented`: names
    that documents of single devices bear; their rows are left out where it is known what `sealed` ones come to. Of the
    others `lines` has header and line, by platform and name; `met` is how many rows bear a name of a sealed one.
    """

    def __init__(
        self,
        heads: Iterator[HeadRow],
        compilation: Compilation,
        sealed: Sealed | None = None,
        *,
        documented: Collection[str],
        remembers: bool,
    ) -> None:
        self.heads = Heads(heads)
        self._dialects, self._matcher = compilation.dialects, compilation.matcher
        self._digest_of = compilation.digest_of
        self._sealed, self._documented = sealed, documented
        self.lines: dict[tuple[str, str], tuple[str, str]] = {}
        self.met = 0
        self._objections = {table.key: Objections(table) for table in compilation.matcher.tables}
        self._identities = Identities(remembers=remembers)
        self._highest: dict[tuple[str, str, str], str] = {}
        self._last: list[str] = ["", ""]
        self.left_out = 0

    def rows(self, file: NamedBytes, tally: Tally) -> Iterator[Row]:
        """The rows that are to be compiled. Raises: NotScreenedError when one is out of order; OutOfOrderError."""
        if file.name.lower().endswith(".csv"):
            yield from self._csv_rows(file, tally)
            return
        for row in read_inventory(file, tally):
            if not self._leaves_out(row):
                yield row

    def close(self, registers: Mapping[str, Register]) -> None:
        """Takes in what is left of the heads. Raises: NotScreenedError when two devices may have one identity."""
        self.heads.close()
        self._identities.check(registers)

    def _csv_rows(self, file: NamedBytes, tally: Tally) -> Iterator[Row]:
        blocks = blocks_of(file.content)
        number, lines = next(blocks, (1, [""]))
        sheet = Sheet.of(file.name, lines[0], self._matcher, self._objections)
        self._last = [self._last[0] if at == sheet.platform_at else self._last[1] for at in range(sheet.columns.width)]
        for block in chain([(number + 1, lines[1:])], blocks):
            yield from rows_of(file.name, sheet.columns, self._screen(block, sheet), tally)
        self._last = [self._last[sheet.platform_at], self._last[sheet.columns.name]]
        for group in sheet.groups.values():
            if group is not None:
                self._highest[group.platform, group.before, group.after] = group.last

    def _screen(  # noqa: C901, PLR0912, PLR0915  # one loop that a million rows go through: a call each would double its time
        self, block: Lines, sheet: Sheet
    ) -> list[tuple[int, list[str]]]:
        """The records of a block that are not left out. Names and cells are compared; nothing is made of them."""
        width, name_at, platform_at, key_of = sheet.columns.width, sheet.columns.name, sheet.platform_at, sheet.key_of
        groups, covered, bits = sheet.groups, sheet.coverage.columns, sheet.coverage.bits
        documented, remember, heads = self._documented, self._identities.remember, self.heads
        kept: list[tuple[int, list[str]]] = []
        last = self._last
        left_out, rest = 0, heads.rest
        row = platform, name, identity, digest, waiting = heads.row
        for number, line in enumerate(block[1], block[0]):
            cells = line.split(",")
            if len(cells) != width:
                if line:
                    raise NotScreenedError
                continue
            own = cells[name_at]
            is_recorded = own == name and cells[platform_at] == platform
            if not is_recorded:
                if (cells[platform_at], own) <= (last[platform_at], last[name_at]):
                    raise NotScreenedError
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
        return kept

    def _group(self, sheet: Sheet, number: int, cells: list[str]) -> Group | None:
        row = sheet.row(number, cells)
        group = group_of(row, sheet.columns, self._dialects.get(row.platform))
        if group is None:
            if self._identities.remember is None:
                raise OutOfOrderError
            return None
        group.last = self._highest.get((group.platform, group.before, group.after), "")
        return group

    def _digest(self, sheet: Sheet, group: Group, mask: int, number: int, cells: list[str]) -> str | None:
        row = sheet.row(number, cells)
        digest, is_shared = self._digest_of(row, group.identity, mask)
        if is_shared:
            group.digests[mask] = digest
        return digest

    def _own_digest(self, sheet: Sheet, cells: list[str], line: str) -> str | None:
        """What a row comes to whose device has a document of its own; None where that has to be found out."""
        platform, name = cells[sheet.platform_at], cells[sheet.columns.name]
        if self._sealed is None or name not in self._sealed.texts:
            return None
        self.met += 1
        if self._sealed.texts[name][0] != platform:
            raise NotScreenedError
        digest = self._sealed.digest_of(platform, name, sheet.header, line)
        if digest is None:
            self.lines[platform, name] = (sheet.header, line)
        return digest

    def _leaves_out(self, row: Row) -> bool:
        """The same for a row that was read as such."""
        key, heads = (row.platform, row.name), self.heads
        if key <= (self._last[0], self._last[1]):
            raise NotScreenedError
        self._last = [*key]
        self.met += self._sealed is not None and row.name in self._sealed.texts
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
        dialect = self._dialects.get(row.platform)
        if dialect is None or waiting or digest is None:
            return False
        identity = dialect.read_identity(row.fields, row.name)
        if isinstance(identity, Problem) or str(identity) != recorded:
            return False
        wanted, _ = self._digest_of(row, identity, self._matcher.covering(row.labels))
        if wanted != digest:
            return False
        if self._identities.remember is None:
            raise OutOfOrderError
        self._identities.remember(row.platform, recorded)
        return True
