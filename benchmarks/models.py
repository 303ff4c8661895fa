"""Device models: loading a catalogue of LwM2M object definitions, and auditing documents with it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import Case, Table, measure_all, prepare, python

TEXT = (
    "A folder of {objects:,} object definitions with 14 resources each, as large as in OMA's registry; whole "
    "processes. The first line imports the platform and loads nothing: what a line takes beyond it is the loading. "
    "ElementTree reads the files into dicts, without limits, checks or places of mistakes. `kept` reads what the run "
    "before condensed, by content. The audit checks {documents:,} documents of 14 resources: one for each distinct "
    "configuration of a fleet, not one for each device."
)


def run(objects: int, documents: int, repeat: int) -> Table:
    """Each way of loading in a process of its own, and the audit."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "models"

        def argv(way: str, count: int = objects) -> list[str]:
            return python("-m", "benchmarks.definitions", way, str(folder), str(count))

        prepare(argv("write"))
        prepare(argv("kept"))
        rows = measure_all(
            [
                Case("nothing loaded", argv("interpreter")),
                Case(f"{objects:,} definitions, ElementTree into dicts", argv("elementtree"), count=objects),
                Case(f"{objects:,} definitions, parsed", argv("parsed"), count=objects),
                Case(f"{objects:,} definitions, kept from the run before", argv("kept"), count=objects),
                Case(f"the same, and an audit of {documents:,} documents", argv("audit", documents), count=documents),
            ],
            repeat,
        )
    return Table("Device models", TEXT.format(objects=objects, documents=documents), rows, is_cost=True)
