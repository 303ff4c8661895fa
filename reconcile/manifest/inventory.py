"""Inventory bytes -> rows: CSV and NDJSON.

Premise: a fleet has millions of rows and few distinct sets of labels.
Rule: rows come one at a time, and rows with equal label cells share one labels mapping. A row keeps its line number,
not a span: spans are made for the devices that need one.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.manifest.inventory_csv import csv_rows
from reconcile.manifest.inventory_ndjson import ndjson_rows
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import NOT_TEXT, UNKNOWN_FORMAT, Tally
from reconcile.model.diagnostic import Span
from reconcile.ports import NamedBytes

__all__ = ["Row", "read_inventory"]

_READERS = {"csv": csv_rows, "ndjson": ndjson_rows, "jsonl": ndjson_rows}


def read_inventory(file: NamedBytes, tally: Tally) -> Iterator[Row]:
    """The rows of an inventory, in order; what is wrong with the others goes to `tally`.

    The format follows the name: `.csv`, or `.ndjson` / `.jsonl`.
    """
    reader = _READERS.get(file.name.rpartition(".")[2].lower())
    if reader is None:
        advice = "Expected a name that ends in .csv or .ndjson. Rename the file, or convert it"
        tally.add(UNKNOWN_FORMAT.at(Span(file.name), advice))
        return iter(())
    text = _text(file, tally)
    return iter(()) if text is None else reader(file.name, text, tally)


def _text(file: NamedBytes, tally: Tally) -> str | None:
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = file.content.count(b"\n", 0, exc.start) + 1
        found = f"Found byte 0x{file.content[exc.start]:02X}, expected UTF-8."
        tally.add(NOT_TEXT.at(Span(file.name, line, 1), f"{found} Save the file as UTF-8 (in Excel: 'CSV UTF-8')"))
        return None
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        tally.add(NOT_TEXT.at(Span(file.name, line, 1), "Found a NUL character. Save the file as UTF-8 text"))
        return None
    return text
