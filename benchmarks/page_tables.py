"""The tables of `docs/performance.md`, read back from the page."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def wall_times(page: str) -> Mapping[str, Mapping[str, float]]:
    """Seconds of wall clock by case, without what is said of a case in brackets, by title of the table.

    Tables that do not begin with wall clock are left out.
    """
    _, *parts = _SECTION.split(page)
    tables = {title: _rows(body) for title, body in zip(parts[::2], parts[1::2], strict=True)}
    return {title: rows for title, rows in tables.items() if rows}


def _rows(body: str) -> dict[str, float]:
    lines = [line.strip("| ").split(" | ") for line in body.splitlines() if line.startswith("| ")]
    if len(lines) < 2 or lines[0][0] != "wall":
        return {}
    return {cells[0].partition(" (")[0]: float(cells[1].removesuffix(" s")) for cells in lines[2:]}
