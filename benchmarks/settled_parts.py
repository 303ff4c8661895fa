"""Recorded state of a fleet too large to be held at once: settled a part at a time, in the order of its inventory.

A part is the same fleet with some of the rows, and with the documents of their devices.
Run: `python -m benchmarks.settled_parts MANIFESTS STATE`, with the keys in the environment.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.measure import log, prepare, python
from benchmarks.scale_fleet import DOCUMENTS_A_FILE, own_documents
from benchmarks.servers import KEYS

ROWS_A_PART = 500_000
_SHARED = ("fleet.yaml", "profiles.yaml", "models")


def settle_in_parts(fleet: Path, state: str, rows_a_part: int = ROWS_A_PART) -> int:
    """Records all devices of a fleet that `scale_fleet` wrote as CSV; returns how many. Raises: Failed."""
    devices = 0
    for header, lines in _parts(fleet / "inventory" / "devices.csv", rows_a_part):
        with tempfile.TemporaryDirectory() as name:
            _lay(fleet, Path(name), header, lines)
            prepare(python("-m", "benchmarks.settled", name, state), KEYS)
        devices += len(lines)
        log(f"  {devices:,} devices are recorded")
    return devices


def _parts(inventory: Path, rows: int) -> Iterator[tuple[str, Sequence[str]]]:
    """The header, each time, and the next rows."""
    with inventory.open(encoding="utf-8") as file:
        header = next(file)
        while lines := list(islice(file, rows)):
            yield header, lines


def _lay(fleet: Path, folder: Path, header: str, lines: Sequence[str]) -> None:
    for name in _SHARED:
        if (fleet / name).is_dir():
            shutil.copytree(fleet / name, folder / name)
        else:
            shutil.copy(fleet / name, folder / name)
    (folder / "inventory").mkdir()
    (folder / "inventory" / "devices.csv").write_text("".join([header, *lines]), encoding="utf-8")
    documents = list(own_documents(line.partition(",")[0] for line in lines))
    for number in range(0, len(documents), DOCUMENTS_A_FILE):
        text = "---\n".join(documents[number : number + DOCUMENTS_A_FILE])
        (folder / f"overrides-{number}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    log(f"{settle_in_parts(Path(sys.argv[1]), sys.argv[2]):,}")
