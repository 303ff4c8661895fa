"""Whole fleets, good and bad: every device's digest and values with their places, every diagnostic."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconcile.runs.load import load
from reconcile.runs.source import FolderSource

FLEETS = Path(__file__).parent
CASES = sorted(path.parent.name for path in FLEETS.glob("*/fleet"))
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES)
def test_fleet_is_compiled_as_before(case, update_golden):
    fleet = load(FolderSource(FLEETS / case / "fleet"), now=NOW)
    found = {
        "diagnostics": [line(diagnostic) for diagnostic in fleet.diagnostics],
        "devices": {str(desired.device.ref): shown(desired) for desired in fleet.devices},
        "holds": [[hold.name, sorted(map(str, hold.devices)), hold.until.isoformat()] for hold in fleet.holds],
    }
    golden = FLEETS / case / "expected.json"
    if update_golden:
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


def line(diagnostic):
    return f"{diagnostic.code} {diagnostic.severity} {diagnostic.span} {diagnostic.summary} | {diagnostic.detail}"


def shown(desired):
    document = desired.document
    return {
        "identity": str(desired.device.identity),
        "digest": document.digest,
        "resources": {resource.path: [resource.value, str(resource.span)] for resource in document.resources},
        "commands": [command.to_json() for command in document.commands],
    }
