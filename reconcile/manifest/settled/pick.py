"""The rows of one device, found in inventories by the bytes of its name: what is shown of one needs no other.

Whatever is not a plain CSV, or a fleet with words about other devices, is compiled whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconcile.manifest.compile_register import Register
from reconcile.manifest.document import Document
from reconcile.manifest.inventory_csv import columns_of, rows_of
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import Tally
from reconcile.manifest.sealed import Sealed
from reconcile.manifest.settled.cells import header_of, line_before
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.model.late import dataclass
from reconcile.ports import Content, NamedContent

_MOST_PLACES = 1_000
"""A name that stands in more places is part of too many others."""


@dataclass(frozen=True, slots=True)
class Picked:
    """The rows of one device by inventory, with what was told about them, and its documents."""

    kept: Sequence[tuple[str, Sequence[Row], Tally]]
    opened: Sequence[Document]

    def close(self, registers: Mapping[str, Register]) -> None:
        """Nothing is said of other devices."""


def pick(files: Sequence[NamedContent], documents: Sequence[Document], sealed: Sealed | None, wanted: str) -> Picked:
    """The device of that name, on every platform; with an empty name none. Raises: NotScreenedError, also when there
    is no such device.
    """
    name = wanted.rpartition("/")[2]
    if not name:
        return Picked((), ())
    kept: list[tuple[str, Sequence[Row], Tally]] = []
    for file in files:
        tally = Tally()
        kept.append((file.name, _rows(file, name, tally), tally))
    own = [document for document in documents if document.name == name]
    if sealed is not None and name in sealed.texts:
        own += sealed.opens({name})
    if not own and not any(rows for _, rows, _ in kept):
        raise NotScreenedError
    return Picked(kept, own)


def _rows(file: NamedContent, name: str, tally: Tally) -> list[Row]:
    content = file.content
    if not file.name.lower().endswith(".csv") or content.find(b'"') >= 0 or content.find(b"\0") >= 0:
        raise NotScreenedError
    if content.find(b"\r") >= 0 and content.count(b"\r") != content.count(b"\r\n"):
        raise NotScreenedError
    header, start = header_of(content)
    columns = columns_of(file.name, (1, header.split(",")), tally)
    if columns is None:
        raise NotScreenedError
    records = []
    for number, line in _lines(content, start, name.encode()):
        cells = line.split(",")
        if len(cells) != columns.width:
            raise NotScreenedError
        if cells[columns.name] == name:
            records.append((number, cells))
    return list(rows_of(file.name, columns, records, tally))


def _lines(content: Content, start: int, needle: bytes) -> list[tuple[int, str]]:
    """Every line with these bytes in it, and its number."""
    found: list[tuple[int, str]] = []
    at = content.find(needle, start)
    while at >= 0:
        end = content.find(b"\n", at) + 1 or len(content)
        line = line_before(content, end)
        found.append((1 + content.count(b"\n", 0, end - 1), line))
        if len(found) > _MOST_PLACES:
            raise NotScreenedError
        at = content.find(needle, end)
    return found
