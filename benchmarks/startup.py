"""Start-up: what every call pays before it does anything, beside the interpreter and the bare imports."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import ROOT, Case, Table, measure_all, prepare, python, reconcile
from benchmarks.servers import KEYS

IMPORTS = "import yaml, jsonschema, httpx, deepdiff, click"


def run(repeat: int) -> Table:
    """Help, version and a plan of the example fleet."""
    prepare(reconcile("--version"))  # byte code is compiled once, at installation
    with tempfile.TemporaryDirectory() as folder:
        state = f"sqlite:///{Path(folder) / 'state.db'}"
        plan = reconcile("--manifests", str(ROOT / "manifests"), "--state", state, "plan", "--refresh", "none")
        rows = measure_all(
            [
                Case("an empty Python program", python("-c", "pass")),
                Case("importing five packages", python("-c", IMPORTS), note=f"`{IMPORTS}`"),
                Case("`reconcile --version`", reconcile("--version")),
                Case("`reconcile --help`", reconcile("--help")),
                Case("`reconcile plan`", plan, KEYS, note="the example fleet of `manifests/`, nothing recorded yet"),
            ],
            repeat,
        )
    return Table("Start-up", "Small calls; ratios are to an empty Python program.", rows, is_cost=True)
