"""Hold documents: which devices are left alone, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from itertools import islice

from reconcile.manifest.document import DesiredDevice, Document, Hold
from reconcile.manifest.layer_codes import BAD_UNTIL, HOLD_EMPTY, HOLD_EXPIRED, UNKNOWN_DEVICE
from reconcile.manifest.select import read_selector
from reconcile.manifest.suggest import did_you_mean
from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.values import JsonObject

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one time zone without summer time, so no time zone database is needed."""


def read_holds(
    documents: Sequence[Document], devices: Sequence[DesiredDevice], now: datetime
) -> tuple[list[Hold], list[Diagnostic]]:
    """The holds that still run, and what is wrong with them; an expired one is a warning and holds nothing."""
    holds: list[Hold] = []
    diagnostics: list[Diagnostic] = []
    names = _names(devices) if documents else {}
    for document in documents:
        spec = document.body.get("spec")
        if isinstance(spec, dict):
            hold = _hold(document, spec, _covered(document, spec, devices, names, diagnostics), diagnostics)
            if hold is not None and not _is_over(hold, now, diagnostics):
                holds.append(hold)
    return holds, diagnostics


def until(text: str) -> datetime | None:
    """The moment a hold ends: a bare date holds to the end of that day in China; None for anything else."""
    try:
        if len(text) <= len("2026-12-31"):
            day = date.fromisoformat(text)
            return datetime.combine(day, time(), BEIJING) + timedelta(days=1)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def _names(devices: Iterable[DesiredDevice]) -> dict[str, list[DeviceRef]]:
    """Every way to name a device: `platform/name`, and the bare name, which may mean several."""
    names: dict[str, list[DeviceRef]] = {}
    for desired in devices:
        ref = desired.device.ref
        names.setdefault(ref.name, []).append(ref)
        names.setdefault(str(ref), []).append(ref)
    return names


def _covered(
    document: Document,
    spec: JsonObject,
    devices: Sequence[DesiredDevice],
    names: Mapping[str, Sequence[DeviceRef]],
    diagnostics: list[Diagnostic],
) -> frozenset[DeviceRef]:
    covered: set[DeviceRef] = set()
    written = spec.get("devices")
    for index, name in enumerate(written if isinstance(written, list) else ()):
        refs = names.get(str(name))
        if refs is None:
            meant = did_you_mean(str(name), _alike(str(name), names))
            detail = f"hold {document.name}: found {name!r}. {meant}Write a device's name, or platform/name"
            diagnostics.append(UNKNOWN_DEVICE.at(document.span("spec", "devices", index), detail))
        else:
            covered.update(refs)
    if "selector" in spec:
        selector = read_selector(spec["selector"])
        covered.update(desired.device.ref for desired in devices if selector.matches(desired.device.labels))
    return frozenset(covered)


def _alike(wrong: str, names: Iterable[str]) -> list[str]:
    """Names worth comparing letter by letter, which is slow: those of about that length and beginning."""
    near = (name for name in names if name[:2] == wrong[:2] and abs(len(name) - len(wrong)) <= 2)
    return list(islice(near, 500))


def _hold(
    document: Document, spec: JsonObject, covered: frozenset[DeviceRef], diagnostics: list[Diagnostic]
) -> Hold | None:
    text = str(spec.get("until"))
    moment = until(text)
    if moment is None:
        detail = f"hold {document.name}: found {text!r}, expected a date (2026-12-31) or a time with its zone"
        diagnostics.append(BAD_UNTIL.at(document.span("spec", "until"), f"{detail} (2026-12-31T18:00:00+08:00)"))
        return None
    hold = Hold(document.name, covered, moment, str(spec.get("reason", "")), document.span("metadata", "name"))
    if not covered and not spec.get("devices"):
        detail = f"hold {document.name}: no device matches its selector. Correct it, or delete the hold"
        diagnostics.append(HOLD_EMPTY.at(document.span("spec", "selector"), detail))
    return hold


def _is_over(hold: Hold, now: datetime, diagnostics: list[Diagnostic]) -> bool:
    if hold.until > now:
        return False
    detail = f"hold {hold.name} ended at {hold.until.isoformat()} and holds nothing. Delete it, or extend `until`"
    diagnostics.append(HOLD_EXPIRED.at(hold.span, detail))
    return True
