"""Inventory bytes -> rows: CSV and NDJSON.

Premise: a fleet has millions of rows and few distinct sets of labels.
Rule: rows come one at a time, and rows with equal label cells share one labels mapping. A row keeps its line number,
not a span: spans are made for the devices that need one.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.manifest import codes
from reconcile.manifest.codes import problem
from reconcile.manifest.inventory_csv import csv_rows
from reconcile.manifest.inventory_ndjson import ndjson_rows
from reconcile.manifest.inventory_packed import PACKED, unpacked
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import NOT_TEXT, UNKNOWN_FORMAT, Tally
from reconcile.model.diagnostic import Span
from reconcile.ports import NamedBytes, NamedContent

__all__ = ["Row", "read_inventory"]

_MAX_LINE_BYTES = 1 << 20
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_READERS = {"csv": csv_rows, "ndjson": ndjson_rows, "jsonl": ndjson_rows}


def read_inventory(file: NamedContent, tally: Tally) -> Iterator[Row]:
    """The rows of an inventory, in order; what is wrong with the others goes to `tally`.

    The format follows the name: `.csv`, or `.ndjson` / `.jsonl`; with `.gz` after it, compressed.
    """
    name = file.name.lower()
    reader = _READERS.get(name.removesuffix(PACKED).rpartition(".")[2])
    if reader is None:
        advice = "Expected a name that ends in .csv, .ndjson, .csv.gz or .ndjson.gz. Rename the file, or convert it"
        tally.add(UNKNOWN_FORMAT.at(Span(file.name), advice))
        return iter(())
    whole = NamedBytes(file.name, file.content[0 : len(file.content)])
    content = unpacked(whole, tally) if name.endswith(PACKED) else whole.content
    text = None if content is None else _text(NamedBytes(file.name, content), tally)
    return iter(()) if text is None else reader(file.name, text, tally)


def _text(file: NamedBytes, tally: Tally) -> str | None:
    """The file as text. Garbage is found in its bytes: as text it would take up to four times the memory."""
    content = file.content
    nul = content.find(b"\0")
    if nul >= 0 and not content.startswith(_UTF_16):
        line = content.count(b"\n", 0, nul) + 1
        tally.add(NOT_TEXT.at(Span(file.name, line, 1), "Found a NUL character. Save the file as UTF-8 text"))
        return None
    endless = _line_beyond_limit(content)
    if endless is not None:
        detail = f"A line is longer than {_MAX_LINE_BYTES:,} bytes (1 MiB). Write one device a line."
        tally.add(problem(codes.LIMIT, detail, Span(file.name, endless, 1)))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        found = f"Found byte 0x{content[exc.start]:02X}, expected UTF-8."
        tally.add(NOT_TEXT.at(Span(file.name, line, 1), f"{found} Save the file as UTF-8 (in Excel: 'CSV UTF-8')"))
        return None


def _line_beyond_limit(content: bytes) -> int | None:
    """The number of a line that fills a whole block; None when every block holds the end of a line."""
    for start in range(0, len(content) - _MAX_LINE_BYTES + 1, _MAX_LINE_BYTES):
        end = start + _MAX_LINE_BYTES
        if content.find(b"\n", start, end) < 0 and content.find(b"\r", start, end) < 0:
            return content.count(b"\n", 0, start) + 1
    return None
