"""The floor under a plan: every row of the inventory and every recorded digest once, in plain Python, and compared.

It compiles nothing and knows no profile; it counts the devices that stand in both, in the order of both.
Run: `python -m benchmarks.scale_floor INVENTORY.csv STATE`, a file of SQLite or an address of PostgreSQL.
"""

from __future__ import annotations

import csv
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_HEADS = "SELECT platform, name, digest FROM device ORDER BY platform, name"


def _on_a_server(url: str) -> Iterator[Any]:
    import psycopg  # the floor under a file does not pay for it

    with psycopg.connect(url) as server, server.cursor("heads") as cursor:
        cursor.itersize = 2_000
        cursor.execute(_HEADS.replace("device", "reconcile.device"))
        yield from cursor


if __name__ == "__main__":
    inventory, state = sys.argv[1:]
    heads = _on_a_server(state) if state.startswith("postgresql:") else sqlite3.connect(state).execute(_HEADS)
    found = 0
    with Path(inventory).open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        for row, (platform, name, digest) in zip(rows, heads, strict=True):
            found += row[1] == platform and row[0] == name and digest is not None
    print(found)
