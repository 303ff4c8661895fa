"""The floor under a plan: every row of the inventory and every recorded digest once, in plain Python, and compared.

It compiles nothing and knows no profile; it counts the devices that stand in both, in the order of both.
Run: `python -m benchmarks.scale_floor INVENTORY.csv STATE.db`.
"""

from __future__ import annotations

import csv
import sqlite3
import sys
from pathlib import Path

if __name__ == "__main__":
    inventory, state = sys.argv[1:]
    heads = sqlite3.connect(state).execute("SELECT platform, name, digest FROM device ORDER BY platform, name")
    found = 0
    with Path(inventory).open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        for row, (platform, name, digest) in zip(rows, heads, strict=True):
            found += row[1] == platform and row[0] == name and digest is not None
    print(found)
