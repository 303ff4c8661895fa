"""Inventories on their way past recorded devices: read whole, or only where blocks of them are not known to be settled.

The blocks of this run are kept for the next one where records tell everything about them: every identity is there once,
and every device that is recorded stands in its place under the identity on record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import itemgetter

from reconcile.manifest.compile_register import Register
from reconcile.manifest.inventory import read_inventory
from reconcile.manifest.inventory_csv import rows_of
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import Tally
from reconcile.manifest.settled.cells import blocks_of, header_of, is_csv, line_before
from reconcile.manifest.settled.half import Half, halves_of, lines_of
from reconcile.manifest.settled.layout import Sheet
from reconcile.manifest.settled.regions import Region, Standing, regions_of
from reconcile.manifest.settled.rows import Record, SettledRows
from reconcile.manifest.settled.screened import NotScreenedError, OutOfOrderError, UnsortedError
from reconcile.manifest.settled.sought import SoughtRows
from reconcile.manifest.settled.unsorted import SortedLines, begins_in_order
from reconcile.model.device import DeviceRef
from reconcile.model.recorded import RecordedHead
from reconcile.model.settled import LOWEST, Key, SettledBlock
from reconcile.ports import NamedBytes, NamedContent, RecordedFleet

_SORTED = "\nput in order"


class Inventories:
    """Passes by the inventories of a fleet. `blocks`: those of this run, complete after `close`; None where they tell
    too little. With `known` blocks only the rest is read. `progress` hears how many bytes of a file are done.
    """

    def __init__(
        self, rows: SettledRows, recorded: RecordedFleet, known: Sequence[SettledBlock], sought: SoughtRows
    ) -> None:
        self._rows, self._recorded, self._sought = rows, recorded, sought
        self._looked_at: list[Key] = []
        self._known: dict[str, list[SettledBlock]] = {}
        for block in known:
            self._known.setdefault(block.file, []).append(block)
        self._firsts = [blocks[0].first for blocks in self._known.values()]
        self.is_partial = bool(known)
        self.progress: Callable[[int], None] | None = None
        self.blocks: list[SettledBlock] | None = []
        self.may_halve = False
        self._is_sorted = True
        if not known:
            rows.begin(recorded.head_rows(), LOWEST)

    def check(self, files: Sequence[NamedContent], *, is_sorted: bool = True) -> None:
        """Raises: NotScreenedError when blocks are known of other files than these, or in another order; or for more
        than one file that is to be sorted.
        """
        known = list(self._known)
        self._is_sorted = is_sorted and not (known and known[0].endswith(_SORTED))
        if not self._is_sorted and (len(files) > 1 or not all(is_csv(file.name) for file in files)):
            raise NotScreenedError
        self.may_halve = len(files) == 1 and self._rows.identities.remember is None
        if self.is_partial and known != [self._title(file) for file in files]:
            raise NotScreenedError

    def rows(self, file: NamedContent, tally: Tally) -> Iterator[Row]:
        """The rows that are to be compiled. Raises: NotScreenedError, OutOfOrderError."""
        if not is_csv(file.name):
            self.blocks = None
            for row in read_inventory(file, tally):
                if not self._rows.leaves_out(row):
                    yield row
            return
        header, start = header_of(file.content)
        if self._is_sorted:
            records: Iterable[Record] = self._records(file, header, start)
        else:
            records = self._put_in_order(file, header, start)
        yield from rows_of(file.name, self._rows.sheet(file.name, header).columns, records, tally)

    def _put_in_order(self, file: NamedContent, header: str, start: int) -> list[Record]:
        """The same for a file whose rows come in no order: as if they had been written in order."""
        lines = SortedLines(file.content, start, self._rows.sheet(file.name, header))
        found = self._records(NamedBytes(file.name, lines.content), header, 0)
        return sorted(((lines.number_at(number), cells) for number, cells in found), key=itemgetter(0))

    def _records(self, file: NamedContent, header: str, start: int) -> Iterator[Record]:
        title = self._title(file, header)
        if not self.is_partial:
            yield from self._whole(file, title, self._rows.sheet(file.name, header), start)
            return
        self._firsts.pop(0)
        passed = self._rows.sheet(file.name, header)
        known = self._known.get(title, [])
        for part in regions_of(file.content, start, known, self._firsts[0] if self._firsts else None):
            if isinstance(part, Standing):
                yield from self._pass(part, passed)
                continue
            sheet = self._rows.sheet(file.name, header)
            last = sheet.key_of_line(line_before(file.content, part.start)) if part.start > start else self._rows.last
            heads = iter(()) if part.first is None else self._recorded.head_rows(part.first, part.until)
            self._rows.begin(heads, last)
            yield from self._region(file, title, sheet, part)
            self._rows.heads.close()
            if part.opening and self._rows.last >= sheet.key_of_line(part.opening.decode("utf-8", "replace")):
                raise NotScreenedError

    def close(self, registers: Mapping[str, Register]) -> None:
        """Takes in what is left of the heads. Raises: NotScreenedError when two devices may have one identity."""
        self._rows.heads.close()
        if self._looked_at:
            self._take_heads()
        self._rows.identities.check(registers)
        recorded = {head.ref: head.identity for head in self._rows.others}
        for ref, identity in recorded.items():
            register = registers.get(ref.platform)
            device = None if register is None else register.devices.get(ref.name)
            if device is None or str(device.identity) != identity:
                self.blocks = None
        if self.is_partial:
            self._check_new(registers, recorded)

    def _check_new(self, registers: Mapping[str, Register], recorded: Mapping[DeviceRef, str]) -> None:
        """Identities that are not on record for their device must be nobody else's."""
        new: dict[tuple[str, str], str] = {}
        for platform, register in registers.items():
            for name, device in register.devices.items():
                if recorded.get(device.ref) != str(device.identity):
                    new[platform, str(device.identity)] = name
        if new and self._recorded.holders(list(new)):
            raise NotScreenedError

    def _pass(self, part: Standing, sheet: Sheet) -> list[Record]:
        """A block that is settled; the rows of it that are sought."""
        block, kept = part.block, list[Record]()
        covered = int(block.covered, 16)
        if self._sought.may_be_in(covered):
            for number, line in self._sought.rows(part.content, part.number, sheet):
                kept.append((number, line.split(",")))
                self._looked_at.append(self._rows.look_at(sheet, line))
        self._rows.left_out += block.rows - len(kept)
        self._rows.met += block.met
        self._rows.covered |= covered
        if self.blocks is not None:
            if self.blocks and block.first == LOWEST:  # there are rows before it now, which begin at the lowest
                block = replace(block, first=sheet.key_of_line(block.opening.decode("utf-8", "replace")))
            self.blocks.append(replace(block, digest=b"") if kept else block)
        return kept

    def _take_heads(self) -> None:
        """Takes in the heads of devices whose rows were looked at in settled blocks. Raises: NotScreenedError."""
        others = self._rows.others
        heads = self._recorded.heads_at(self._looked_at)
        if len(heads) != len(self._looked_at):
            raise NotScreenedError
        others += [RecordedHead(DeviceRef(row[0], row[1]), row[2], row[3], bool(row[4])) for row in heads]
        others.sort(key=lambda head: (head.ref.platform, head.ref.name))

    def _whole(self, file: NamedContent, title: str, sheet: Sheet, start: int) -> Iterator[Record]:
        """All of a file; a large one, which is the only one, in two halves at once."""
        if not begins_in_order(file.content, start, sheet):
            raise UnsortedError
        halves = halves_of(file.content, start, sheet) if self.may_halve else None
        second = None if halves is None else self._recorded.beside(partial(self._second, file, title, sheet, halves[1]))
        if halves is None or second is None:
            yield from self._region(file, title, sheet, Region(start, len(file.content), 2))
            return
        self._rows.begin(self._recorded.head_rows(LOWEST, halves[0].until), LOWEST)
        yield from self._region(file, title, sheet, halves[0])
        self._rows.heads.close()
        half = second()
        if half is None or halves[1].first is None or self._rows.last >= halves[1].first:
            raise UnsortedError
        half.join(self._rows)
        if self.blocks is not None:
            self.blocks += half.blocks
        yield from half.records()

    def _second(self, file: NamedContent, title: str, sheet: Sheet, region: Region) -> Half | None:
        """The second half of a file, in a process of its own; None where it cannot be screened so."""
        assert region.first is not None
        try:
            self._rows.begin(self._recorded.head_rows(region.first), LOWEST)
            kept = lines_of(self._screened(file, title, sheet, region))
            self._rows.heads.close()
        except (NotScreenedError, OutOfOrderError):
            return None
        return Half.of(self._rows, kept, self.blocks or ())

    def _region(self, file: NamedContent, title: str, sheet: Sheet, region: Region) -> Iterator[Record]:
        for kept in self._screened(file, title, sheet, region):
            yield from kept

    def _screened(self, file: NamedContent, title: str, sheet: Sheet, region: Region) -> Iterator[list[Record]]:
        """The records of each block that are not left out; the block itself is noted."""
        rows, first = self._rows, region.first
        lines = blocks_of(file.content, region.start, region.end, region.number)
        met, passed, covered, rows.covered = rows.met, len(rows.others), rows.covered, 0
        for block, kept in rows.screen_all(lines, sheet):
            is_settled = not kept and len(rows.others) == passed
            if self.blocks is not None:
                content = file.content[block.start : block.end]
                digest = hashlib.sha256(content).digest() if is_settled else b""
                opening = content.partition(b"\n")[0]
                written = [line for line in block.lines if line]
                if first is None or self.blocks:
                    if not written:
                        raise NotScreenedError
                    first = sheet.key_of_line(written[0]) if self.blocks else LOWEST
                counts = (len(block.lines), len(written), rows.met - met, f"{rows.covered:x}")
                self.blocks.append(SettledBlock(title, first, opening, len(content), digest, *counts))
            met, passed, covered, rows.covered = rows.met, len(rows.others), covered | rows.covered, 0
            first = None
            if self.progress is not None:
                self.progress(block.end)
            yield kept
        rows.covered |= covered

    def _title(self, file: NamedContent, header: str | None = None) -> str:
        """Name and header, for under another header the same lines say something else; and how its rows come."""
        if not is_csv(file.name):
            return file.name
        header = header_of(file.content)[0] if header is None else header
        return f"{file.name}\n{header}{'' if self._is_sorted else _SORTED}"
