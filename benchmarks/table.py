"""The tables of a run as markdown, and their place in `docs/performance.md`."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Counts, Row, Table

BEGIN = "<!-- benchmarks:begin -->"
END = "<!-- benchmarks:end -->"
HEADING = """\
# Performance

What the program costs, beside what it replaces. `python -m benchmarks` measures all of it again and rewrites the tables
below; ratios travel from machine to machine, absolute figures do not.

"""


def render(tables: Sequence[Table | Counts], repeat: int) -> str:
    """All tables of a run, with the conditions they were measured under."""
    conditions = (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores. Wall "
        "is from start to exit, CPU is user and system time, memory is the peak of the process; servers run in "
        "processes of their own and are not counted. The cases of one table are measured in turn, in one run."
    )
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    sections = [
        counts_table(one, when=f"Counted on {when}.")
        if isinstance(one, Counts)
        else _table(one, f"Medians of {repeat}, {when}.")
        for one in tables
    ]
    return "\n\n".join([conditions, *sections])


def replace_sections(path: Path, text: str) -> None:
    """Puts the tables of the text in the place of those of the same title; the others stay, new ones come last."""
    page = path.read_text(encoding="utf-8")
    _, *kept = _sections(page.partition(BEGIN)[2].partition(END)[0])
    conditions, *new = _sections(text)
    by_title = {section.partition("\n")[0]: section for section in (*kept, *new)}
    replace_between_markers(path, "\n\n".join([conditions, *by_title.values()]))


def _sections(text: str) -> list[str]:
    """What stands before the first heading, and each section with its heading."""
    return [part.strip() for part in re.split(r"^(?=## )", text, flags=re.MULTILINE)]


def replace_between_markers(path: Path, text: str) -> None:
    """Puts the text between the markers of a file; makes the file, or the markers, where missing."""
    page = path.read_text(encoding="utf-8") if path.exists() else HEADING
    if BEGIN not in page or END not in page:
        page = f"{page.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _table(table: Table, when: str) -> str:
    has_rate = any(row.count for row in table.rows)
    pace = "wall ratio" if table.is_cost else "speed"
    rates = ["per second", "CPU each", *(["while sending"] if any(row.cost.sending_s for row in table.rows) else [])]
    head = ["", "wall", "CPU", "memory", pace, "memory ratio", *(rates if has_rate else [])]
    lines = [
        f"## {table.title}",
        "",
        f"{table.text} {when}",
        "",
        _cells(head),
        _cells(["---", *["---:"] * (len(head) - 1)]),
    ]
    lines += [_cells([*_row(row, table), *_rates(row)][: len(head)]) for row in table.rows]
    return "\n".join(lines)


def counts_table(table: Counts, *, level: int = 2, when: str = "") -> str:
    """A table of things counted, under a heading of that level."""
    lines = [f"{'#' * level} {table.title}", "", f"{table.text} {when}".strip(), "", _cells(table.head)]
    lines += [_cells(["---", *["---:"] * (len(table.head) - 1)]), *map(_cells, table.rows)]
    return "\n".join(lines)


def _row(row: Row, table: Table) -> list[str]:
    cost, base = row.cost, table.rows[0].cost
    pace = cost.wall_s / base.wall_s if table.is_cost else base.wall_s / cost.wall_s
    return [
        f"{row.name} ({row.note})" if row.note else row.name,
        _seconds(cost.wall_s),
        _seconds(cost.cpu_s),
        f"{cost.peak_mb:.0f} MB",
        f"{pace:.3g} ×",
        f"{cost.peak_mb / base.peak_mb:.2g} ×",
    ]


def _rates(row: Row) -> list[str]:
    count, cost = row.count, row.cost
    if not count:
        return ["", "", ""]
    sending = f"{count / cost.sending_s:,.0f}" if cost.sending_s else ""
    return [f"{count / cost.wall_s:,.0f}", f"{cost.cpu_s / count * 1e6:,.0f} µs", sending]


def _seconds(value: float) -> str:
    return f"{value:.3f} s" if value < 10 else f"{value:.1f} s"


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
