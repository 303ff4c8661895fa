"""What a reviewer is shown of a large plan: comment, summary and page, made from the saved plan or from its JSON."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import Case, Table, log, measure_all, prepare, python, reconcile
from benchmarks.servers import KEYS

READ = (
    "import sys; from pathlib import Path; from reconcile.runs.planfile import read_plan; read_plan(Path(sys.argv[1]))"
)


def run(devices: int, repeat: int) -> Table:
    """Every device changes: nothing is recorded yet. Ratios are to reading the plan alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log(f"  planning {devices:,} devices")
        saved, document = _planned(folder, devices)
        shown = {
            "`ci comment --plan`": (["ci", "comment", "--plan", str(saved), "--out"], folder / "comment.md"),
            "`ci comment --from-json`": (["ci", "comment", "--from-json", str(document), "--out"], folder / "json.md"),
            "`ci summary --plan`": (["ci", "summary", "--plan", str(saved), "--out"], folder / "summary.md"),
            "`show --format html`": (["show", str(saved), "--format"], folder / "report.html"),
        }
        cases = [Case("reading the plan alone", python("-c", READ, str(saved)), note=_size("the plan file", saved))]
        for title, (words, out) in shown.items():
            argv = reconcile(*words, f"html={out}" if words[0] == "show" else str(out))
            prepare(argv)
            cases.append(Case(title, argv, note=_size("written", out)))
        rows = measure_all(cases, repeat)
        text = (
            f"A plan that changes all of {devices:,} devices, half on each platform, 10 resources each; "
            f"{_size('its JSON', document)}. A comment keeps to GitHub's 65,536 UTF-16 units, a summary to 900 KiB; "
            "the page holds every device. From JSON, the document is judged by the schema first."
        )
    return Table(f"Preview of a plan of {devices:,} devices", text, rows, is_cost=True)


def _planned(folder: Path, devices: int) -> tuple[Path, Path]:
    fleet, saved, document = folder / "fleet", folder / "a.plan", folder / "plan.json"
    prepare(python("-m", "benchmarks.fleet_generator", str(fleet), "--devices", str(devices)))
    common = ("--manifests", str(fleet), "--state", f"sqlite:///{folder / 'state.db'}")
    prepare(reconcile(*common, "plan", "--refresh", "none", "-o", str(saved), "--format", f"json={document}"), KEYS)
    return saved, document


def _size(what: str, path: Path) -> str:
    return f"{what}: {path.stat().st_size:,} bytes"
