"""Blocks of inventories whose devices are all settled as recorded: what a plan need not read again."""

from __future__ import annotations

from typing import TypeAlias

from reconcile.model.late import dataclass

Key: TypeAlias = "tuple[str, str]"
"""Platform and name of a device; heads, rows and blocks are in this order."""
LOWEST: Key = ("", "")


@dataclass(frozen=True, slots=True)
class SettledBlock:
    """Some lines of an inventory, from the row of `first` (the first block from LOWEST on) to that of the next block.

    `file`: name and header of the inventory. `opening`: the first line. `size` in bytes; `digest` (SHA-256) is empty
    where not every device is settled. `rows`: devices; `met`: those that have a document of their own; `covered`: the
    profiles that cover any of them, as bits in hexadecimal.
    """

    file: str
    first: Key
    opening: bytes
    size: int
    digest: bytes
    lines: int
    rows: int
    met: int
    covered: str
