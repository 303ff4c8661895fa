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

_PIECE_BYTES = 256 << 10
"""What is looked through at a time stays in a core's cache while it is asked for several things."""
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
    if not file.name.lower().endswith(".csv"):
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
    """Every line with these bytes in it, and its number; all is looked at once. Raises: NotScreenedError."""
    found: list[tuple[int, str]] = []
    number, counted, has_returns = 1, 0, False
    for at in range(0, len(content), _PIECE_BYTES):
        piece = content[at : at + _PIECE_BYTES + len(needle) - 1]
        if b'"' in piece or b"\0" in piece:
            raise NotScreenedError
        has_returns = has_returns or b"\r" in piece
        while (place := piece.find(needle, max(0, start - at))) >= 0:
            start = content.find(b"\n", at + place) + 1 or len(content)
            number += content.count(b"\n", counted, start - 1)
            counted = start - 1
            found.append((number, line_before(content, start)))
            if len(found) > _MOST_PLACES:
                raise NotScreenedError
    if has_returns and content.count(b"\r") != content.count(b"\r\n"):
        raise NotScreenedError
    return found
