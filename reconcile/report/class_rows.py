"""The changes of a class as aligned rows: what, from what to what, why, and how the device's model calls it.

Premise: a reader compares values down a column, and knows a path by the name of its resource. Rule: one line for each
change wherever that can be; so the reason of most changes, `manifest`, is left to the legend, a reason of all stands
once below, and a name takes the room that is left. The obvious way (the name beside the path) pushes half of the values
to other columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from reconcile.model.plan import Change
from reconcile.report.change_row import Row
from reconcile.report.change_row import row as row_of
from reconcile.report.style import columns_of, pad, table
from reconcile.report.view import View

_INDENT, _DEEPER, _GAP = 4, 10, 2
_SHORTER = (40, 32, 24, 16)


def change_lines(changes: Sequence[Change], view: View) -> Iterator[str]:
    """Each change on a line where it fits, what differs inside a structured value below it."""
    rows = [_row(change, view) for change in changes]
    shared = _shared(rows)
    if shared:
        rows = [replace(row, is_usual=row.is_usual or row.reason == shared) for row in rows]
    widths = _widths(rows, view)
    cells = [each for change, row in zip(changes, rows, strict=True) for each in _cells(change, row, widths, view)]
    yield from table(cells, view.width, indent=" " * _INDENT)
    if shared:
        yield from view.wrap(view.paint("dim", view.texts("plan.because", reason=shared)), " " * _INDENT)


def _shared(rows: Sequence[Row]) -> str:
    """The reason of all rows where they have one, are several, and it is not the usual one; else ""."""
    reasons = {row.reason for row in rows}
    return rows[0].reason if len(rows) > 1 and len(reasons) == 1 and not rows[0].is_usual else ""


def _row(change: Change, view: View) -> Row:
    """With values as long as fit a line of their own."""
    rows = [row_of(change, view.texts)]
    for limit in _SHORTER:
        if columns_of(rows[-1].values) + _DEEPER <= view.width:
            break
        rows.append(row_of(change, view.texts, limit))
    return rows[-1]


def _widths(rows: Sequence[Row], view: View) -> tuple[int, int]:
    """Columns of paths and of values. One that is much wider than the others takes no part."""
    most = max(8, view.width // 2)
    columns = ([columns_of(_lead(row)) for row in rows], [columns_of(row.values) for row in rows])
    lead, values = (max((size for size in column if size <= most), default=0) for column in columns)
    return lead, values


def _cells(change: Change, row: Row, widths: tuple[int, int], view: View) -> Iterator[list[str]]:
    lead, why = view.paint(change.action, _lead(row)), "" if row.is_usual else view.paint("dim", row.reason)
    if not row.values and not row.inside:
        # An Execute: it has no values, and its reason, which begins with its name, takes their place.
        parts = [f"{pad(lead, widths[0])}  {why}", view.paint("dim", row.name)]
        yield from _beside_or_below([part for part in parts if part], view)
        return
    used = _INDENT + sum(max(columns_of(cell), width) for cell, width in zip((lead, row.values), widths, strict=True))
    room = view.width - used - 2 * _GAP
    if not row.name:
        yield [lead, row.values, why]
    elif (name := _fit(row.name, room)) is None:
        yield [lead, row.values]
        yield from ([f"    {part}"] for part in (view.paint("dim", row.name), why) if part)
    else:
        is_beside = columns_of(name) + _GAP + columns_of(why) <= room
        yield [lead, row.values, view.paint("dim", name), *([why] if is_beside else [])]
        if why and not is_beside:
            yield [f"    {why}"]
    for line in row.inside:
        yield [f"    {line}"]


def _beside_or_below(parts: Sequence[str], view: View) -> Iterator[list[str]]:
    line = "  ".join(parts)
    fits = columns_of(line) <= view.width - _INDENT
    yield from ([[line]] if fits else [[parts[0]], *([f"    {part}"] for part in parts[1:])])


def _lead(row: Row) -> str:
    return f"{row.symbol} {row.path}"


def _fit(name: str, room: int) -> str | None:
    """The name in the room it has, if need be without its object; None where it needs a line of its own."""
    return next((fit for fit in (name, re.sub(r"^.*?/[0-9]+/", "…/", name)) if columns_of(fit) <= room), None)
