"""CSV inventories: `name,platform,imei|productKey,deviceName,iotId,...`; every other column is a label."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from reconcile.manifest.inventory_row import IDENTITY_FIELDS, Row, name_fault
from reconcile.manifest.layer_codes import BAD_COLUMN, BAD_HEADER, BAD_QUOTES, CELL_COUNT, NO_NAME, Tally
from reconcile.model.diagnostic import Span
from reconcile.model.late import dataclass

Cells: TypeAlias = "tuple[str, ...]"


def csv_rows(file: str, text: str, tally: Tally) -> Iterator[Row]:
    """The rows of a CSV text. Empty cells are absent labels; blank lines are passed over."""
    # StringIO splits at \n, \r and \r\n only; str.splitlines would also cut cells at U+2028 and its like.
    records = _records(file, csv.reader(io.StringIO(text, newline=""), strict=True), tally)
    header = next(records, None)
    columns = columns_of(file, header, tally)
    if columns is not None:
        yield from rows_of(file, columns, records, tally)


Record: TypeAlias = "tuple[int, list[str]]"


def _records(file: str, reader: Any, tally: Tally) -> Iterator[Record]:
    """Line number and cells of every record; the reader is asked again after a broken one."""
    line = 1
    while True:
        try:
            for cells in reader:
                if cells:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as exc:
            detail = (
                f'Found broken quoting ({exc}). Write a cell that holds a comma or a quote as "...", quotes doubled'
            )
            tally.add(BAD_QUOTES.at(Span(file, line, 1), detail))
            line = reader.line_num + 1
        else:
            return


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand in a record: indexes of cells. `label_cells` picks the cells of all labels."""

    width: int
    name: int
    platform: int | None
    identity: tuple[tuple[str, int], ...]
    labels: tuple[str, ...]
    label_cells: Callable[[Sequence[str]], Cells]
    label_columns: tuple[tuple[str, int], ...]


_SEPARATORS = (
    (";", "semicolons, expected commas. Excel writes them where the comma is the decimal sign"),
    ("\t", "tabs, expected commas. Spreadsheets write them into 'Unicode Text' and into the clipboard"),
)


def columns_of(file: str, header: Record | None, tally: Tally) -> Columns | None:
    """What a first line says of all others; None when it cannot be used, which is told."""
    if header is None:
        if not tally.diagnostics:
            tally.add(BAD_HEADER.at(Span(file, 1, 1), "Found an empty file, expected a first line `name,platform,...`"))
        return None
    line, cells = header
    names = [cell.strip() for cell in cells]
    problem = _separator_fault(names) or _name_column_fault(names)
    if problem:
        tally.add(BAD_HEADER.at(Span(file, line, 1), problem))
        return None
    return _indexes(names) if _are_usable(file, line, names, tally) else None


def _separator_fault(names: Sequence[str]) -> str | None:
    if len(names) > 1:
        return None
    for separator, called in _SEPARATORS:
        if separator in names[0]:
            return f"Found columns separated by {called}; export as 'CSV UTF-8 (comma delimited)'"
    return None


def _name_column_fault(names: Sequence[str]) -> str | None:
    if "name" in names:
        return None
    shown = ",".join(names[:8])
    meant = next((name for name in names if name.lower() == "name"), None)
    advice = f"Write {meant!r} in small letters" if meant else "Write the header line `name,platform,...` first"
    return f"Found the columns {shown!r}, expected one called 'name'. {advice}"


def _are_usable(file: str, line: int, names: Sequence[str], tally: Tally) -> bool:
    seen: dict[str, int] = {}
    faults = []
    for number, name in enumerate(names, 1):
        if not name:
            faults.append(f"Column {number} has an empty name. Name it, or delete the column")
        elif name in seen:
            faults.append(f"Columns {seen[name]} and {number} are both called {name!r}. Rename or delete one")
        seen.setdefault(name, number)
    for fault in faults:
        tally.add(BAD_COLUMN.at(Span(file, line, 1), fault))
    return not faults


def _indexes(names: Sequence[str]) -> Columns:
    at = {name: index for index, name in enumerate(names)}
    identity = tuple((name, at[name]) for name in IDENTITY_FIELDS if name in at)
    labels = tuple(name for name in names if name not in {"name", "platform", *IDENTITY_FIELDS})
    indexes = tuple((name, at[name]) for name in labels)
    pick = _picker([at[name] for name in labels])
    return Columns(len(names), at["name"], at.get("platform"), identity, labels, pick, indexes)


def _picker(indexes: Sequence[int]) -> Callable[[Sequence[str]], Cells]:
    if not indexes:
        return lambda _: ()
    if len(indexes) == 1:
        only = indexes[0]
        return lambda cells: (cells[only],)
    return itemgetter(*indexes)


def rows_of(file: str, columns: Columns, records: Iterable[Record], tally: Tally) -> Iterator[Row]:
    """The rows of records; what is wrong with the others goes to `tally`."""
    width, name_at, platform_at = columns.width, columns.name, columns.platform
    identity, names, pick = columns.identity, columns.labels, columns.label_cells
    shared: dict[Cells, Mapping[str, str]] = {}
    for line, cells in records:
        if len(cells) != width:
            detail = f"Found {len(cells)} cells, expected {width} as in the header"
            tally.add(CELL_COUNT.at(Span(file, line, 1), detail))
            continue
        name = cells[name_at]
        fault = name_fault(name)
        if fault:
            tally.add(NO_NAME.at(Span(file, line, 1), f"{fault}. Give the device a name of its own"))
            continue
        key = pick(cells)
        labels = shared.get(key)
        if labels is None:
            labels = shared[key] = {label: cell for label, cell in zip(names, key, strict=True) if cell}
        fields = {field: cells[index] for field, index in identity if cells[index]}
        yield Row(name, cells[platform_at] if platform_at is not None else "", fields, labels, line)
