"""`validate` of a folder of many manifest files: nothing known, all known from the run before, one file changed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import manifest_files
from benchmarks.measure import Case, Table, measure_all, prepare, python, reconcile

FLOOR = """
import sys
from pathlib import Path
import yaml
for path in Path(sys.argv[1]).rglob("*.yaml"):
    list(yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader))
"""


def run(files: int, repeat: int) -> Table:
    """Ratios are to PyYAML's C loader over the same files, which checks nothing."""
    with tempfile.TemporaryDirectory() as parent:
        folder, cache = Path(parent) / "fleet", Path(parent) / "cache"
        manifest_files.write(folder, files)
        argv, env = reconcile("--manifests", str(folder), "validate"), {"XDG_CACHE_HOME": str(cache)}
        edited = folder / "devices" / "00000.yaml"

        def forget() -> None:
            for path in cache.rglob("*.json"):
                path.unlink()

        def edit() -> None:
            edited.write_text(edited.read_text() + "# edited\n")

        prepare(argv, env)
        rows = measure_all(
            [
                Case("PyYAML's C loader alone", python("-c", FLOOR, str(folder)), count=files),
                Case("`validate`, cold", argv, env, before=forget, count=files),
                Case("`validate`, nothing changed", argv, env, count=files),
                Case("`validate`, one file changed", argv, env, before=edit, count=files),
            ],
            repeat,
        )
    text = f"{files:,} files, one device with ten values of its own in each, ten profiles; whole processes."
    return Table("Many manifest files", text, rows, is_cost=True)
