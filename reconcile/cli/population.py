"""A population for the emulator made from manifests: every declared device, asleep and awake as its labels say."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile.runs.listing_ask import listings_of
from reconcile.runs.listings import Freshness
from reconcile.runs.load import load
from reconcile.runs.session import InputRejectedError, Options
from reconcile.runs.source import FolderSource
from reconcile.runs.wiring import utc_now

if TYPE_CHECKING:
    from reconcile.manifest.document import Fleet
    from reconcile.model.fleet import DesiredDevice

Record = dict[str, Any]

_SLEEP: dict[str, Record] = {
    "psm": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20},
    "edrx": {"kind": "edrx", "cycle_s": 82},
}
_MODEL_BYTES = 4 * 1024 * 1024


def from_fleet(folder: Path) -> list[Record]:
    """One record a device. A label `network` of psm or edrx makes a sleeper; everything else is always on.

    Raises: InputRejectedError when the manifests have errors.
    """
    source = FolderSource(folder)
    # What clouds list is known here only if a plan kept it; an emulated fleet does without.
    fleet = load(source, now=utc_now(), listings=listings_of(Options(folder), Freshness.IF_KEPT))
    if any(diagnostic.is_error for diagnostic in fleet.diagnostics):
        raise InputRejectedError(fleet.diagnostics)
    models = _thing_models(folder)
    return [record for device in fleet.devices if (record := _record(fleet, device, models))]


def _record(fleet: Fleet, desired: DesiredDevice, models: dict[str, list[Record]]) -> Record | None:
    device = desired.device
    sleep = _SLEEP.get(device.labels.get("network", ""), {"kind": "none"})
    record: Record = {"cloud": fleet.platforms[device.ref.platform].type, "sleep": sleep, **device.identity.as_dict()}
    if record["cloud"] not in ("onenet", "aliyun"):
        return None
    if model := models.get(record.get("productKey", "")):
        record["thingModel"] = model
    if record["cloud"] == "aliyun" and "productKey" not in record:
        record |= {"productKey": "emulated", "deviceName": device.ref.name}
    return record


def _thing_models(folder: Path) -> dict[str, list[Record]]:
    """Thing models below the folder by product key, modules included; files that are none are passed over."""
    found: dict[str, list[Record]] = {}
    for path in _json_files(folder):
        try:
            document = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(document, dict) and isinstance(document.get("properties"), list):
            profile = document.get("profile")
            key = profile.get("productKey") if isinstance(profile, dict) else document.get("productKey")
            if isinstance(key, str):
                found.setdefault(key, []).append(document)
    return found


def _json_files(folder: Path) -> Iterable[Path]:
    return (
        path
        for path in sorted(folder.rglob("*.json"))
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MODEL_BYTES
    )
