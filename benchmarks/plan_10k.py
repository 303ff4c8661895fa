"""Plan of a large fleet, settled and with 1 % changed, beside the script of an afternoon on the same folder.

The state is settled by the tool itself: `reconcile apply` against the emulator, once, untimed. The script's file of
last-written values is made by the script from the same folder.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.measure import Case, Failed, Table, log, measure_all, output_of, prepare, python, reconcile
from benchmarks.servers import KEYS, emulator, endpoints


def run(devices: int, repeat: int) -> Table:
    """Four plans by each side, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        base, changed = _folders(Path(folder), devices)
        state = f"sqlite:///{Path(folder) / 'state.db'}"
        last = Path(folder) / "last.json"
        _settle(base, state)
        prepare(_script(base, last, "--save"))
        _check_sides_agree(base, state, last)
        _check_sides_agree(changed, state, last)
        rows = measure_all(
            [
                Case("afternoon script, unchanged", _script(base, last)),
                Case("afternoon script, 1 % changed", _script(changed, last)),
                Case("the script tuned, unchanged", _script(base, last, "--tuned"), note=TUNED),
                Case("the script tuned, 1 % changed", _script(changed, last, "--tuned")),
                Case("`reconcile plan`, unchanged", _plan(base, state), KEYS),
                Case("`reconcile plan`, 1 % changed", _plan(changed, state), KEYS),
            ],
            repeat,
        )
    text = (
        f"{devices:,} devices in one inventory CSV, half on OneNET and half on Aliyun, 10 profiles with overlapping "
        "selectors, 10 resources each; `plan --refresh none`. The script (`benchmarks/afternoon_script.py`) uses "
        "PyYAML `safe_load`, `jsonschema.validate` and `DeepDiff` per device; it checks no device model and knows "
        "neither deliveries nor versions. Ratios are to the script, unchanged."
    )
    return Table(f"Plan of {devices:,} devices", text, rows)


TUNED = "libyaml, one validator for all devices, `==` before `DeepDiff`"


def _folders(parent: Path, devices: int) -> tuple[Path, Path]:
    base, changed = parent / "base", parent / "changed"
    log(f"  writing {devices:,} devices")
    prepare(python("-m", "benchmarks.fleet_generator", str(base), "--devices", str(devices)))
    prepare(python("-m", "benchmarks.fleet_generator", str(changed), "--devices", str(devices), "--changed"))
    return base, changed


def _settle(base: Path, state: str) -> None:
    log("  settling the state: apply against the emulator")
    with emulator(base.with_suffix(".ndjson")) as port:
        prepare(reconcile("--manifests", str(base), "--state", state, *endpoints(port), "apply", "--yes"), KEYS)


def _check_sides_agree(folder: Path, state: str, last: Path) -> None:
    """Both sides must find the same number of devices to change, or the comparison means nothing. Raises Failed."""
    report = json.loads(output_of([*_plan(folder, state), "--format", "json"], KEYS))
    ours = f"{report['summary']['devices']} devices, {report['summary']['changing']} to change"
    theirs = output_of(_script(folder, last)).splitlines()[-1]
    if ours != theirs:
        raise Failed(f"the sides disagree about {folder.name}: reconcile found {ours}, the script {theirs}")


def _plan(folder: Path, state: str) -> list[str]:
    return reconcile("--manifests", str(folder), "--state", state, "plan", "--refresh", "none")


def _script(folder: Path, last: Path, *options: str) -> list[str]:
    return python("-m", "benchmarks.afternoon_script", str(folder), str(last), *options)
