"""`safety:` of Fleet, Profile and Device documents: limits, what is protected, and what is allowed until when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from reconcile.manifest.document import DesiredDevice, Document
from reconcile.manifest.holds import until
from reconcile.manifest.layer_codes import ALLOWANCE_ENDED, BAD_UNTIL
from reconcile.manifest.safety_needed import mark_declared
from reconcile.manifest.select import read_selector
from reconcile.model.device import Device
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.fleet import Limits, Safety
from reconcile.model.late import dataclass
from reconcile.model.protection import LIMITS, REPLACE, RESOURCE, Allowance, Pattern, Protected, anything
from reconcile.model.values import Json, JsonObject
from reconcile.ports import Dialect, PlatformConfig

DECLARED = "the manifests declare it protected"


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    now: datetime
    profiles: list[Limits] = field(default_factory=list)
    protected: list[Protected] = field(default_factory=list)
    lines: list[Allowance] = field(default_factory=list)
    ended: list[Allowance] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def read_safety(
    by_kind: Mapping[str, Sequence[Document]],
    devices: Sequence[DesiredDevice],
    dialects: Mapping[str, Dialect],
    platforms: Mapping[str, PlatformConfig],
    now: datetime,
) -> tuple[Safety, list[Diagnostic]]:
    """Everything that limits a plan. A line of `allow:` whose last day is over counts no more and is a warning."""
    reading = _Reading(now)
    fleet = by_kind["Fleet"][0]
    body = _body(fleet)
    lines = _read(fleet, body, anything, reading)
    safety = Safety(
        max_changed_devices=_whole(body, "maxChangedDevices"),
        max_changed_percent=_number(body, "maxChangedPercent"),
        min_population=_population(body),
        max_inventory_shrink_percent=_number(body, "maxInventoryShrinkPercent"),
        span=fleet.span("spec", "safety"),
    )
    for kind in ("Profile", "Device"):
        for document in by_kind.get(kind, ()):
            if own := _body(document):
                covers = _of_profile(document) if kind == "Profile" else _of_device(document)
                found = _read(document, own, covers, reading)
                lines += [line for line in found if line.kind not in LIMITS]
                if kind == "Profile":
                    reading.profiles.append(_limits(document, own, covers, found))
    known = {name: dialects[config.type] for name, config in platforms.items() if config.type in dialects}
    safety = replace(
        safety,
        profiles=tuple(reading.profiles),
        protected=tuple(reading.protected),
        ended=tuple(reading.ended),
        allowances=tuple(lines),
    )
    return mark_declared(safety, devices, known), reading.diagnostics


def _body(document: Document) -> JsonObject:
    spec = document.body.get("spec")
    found = spec.get("safety") if isinstance(spec, dict) else None
    return found if isinstance(found, dict) else {}


def _read(document: Document, body: JsonObject, covers: Callable[[Device], bool], reading: _Reading) -> list[Allowance]:
    """Takes in what a document protects and allows; gives the lines that count now."""
    for index, entry in enumerate(_items(body, "protected")):
        span = document.span("spec", "safety", "protected", index)
        text, why = (entry.get("resource"), entry.get("reason")) if isinstance(entry, dict) else (entry, None)
        reading.protected.append(Protected(Pattern(str(text)), str(why) if why else DECLARED, covers, span))
    found = []
    for index, entry in enumerate(_items(body, "allow")):
        span = document.span("spec", "safety", "allow", index)
        if not isinstance(entry, dict):
            continue
        ends = until(str(entry.get("until")))
        if ends is None:
            detail = f"found {str(entry.get('until'))!r}, expected a date (2026-12-31) or a time with its zone"
            reading.diagnostics.append(BAD_UNTIL.at(span, detail))
            continue
        line = _line(entry, ends, covers, span)
        if ends > reading.now:
            found.append(line)
            continue
        reading.ended.append(line)
        detail = f"`{line.what}` ended at {ends.isoformat()} and allows nothing. Delete it, or extend `until`"
        reading.diagnostics.append(ALLOWANCE_ENDED.at(span, detail))
    return found


def _line(entry: JsonObject, ends: datetime, covers: Callable[[Device], bool], span: Span) -> Allowance:
    if "selector" in entry:
        covers = _both(covers, read_selector(entry["selector"]).matches)
    reason = str(entry.get("reason", ""))
    if "limit" in entry:
        up_to = _number(entry, "upTo") or 0.0
        return Allowance(str(entry["limit"]), reason, ends, up_to=up_to, covers=covers, span=span)
    kind = REPLACE if REPLACE in entry else RESOURCE
    return Allowance(kind, reason, ends, Pattern(str(entry.get(kind))), covers=covers, span=span)


def _limits(
    document: Document, body: JsonObject, covers: Callable[[Device], bool], lines: Sequence[Allowance]
) -> Limits:
    return Limits(
        profile=document.name,
        max_changed_devices=_whole(body, "maxChangedDevices"),
        max_changed_percent=_number(body, "maxChangedPercent"),
        min_population=_population(body),
        covers=covers,
        allowances=tuple(line for line in lines if line.kind in LIMITS),
        span=document.span("spec", "safety"),
    )


def _of_profile(document: Document) -> Callable[[Device], bool]:
    spec = document.body.get("spec")
    selector = read_selector(spec.get("selector") if isinstance(spec, dict) else None)
    return lambda device: selector.matches(device.labels)


def _of_device(document: Document) -> Callable[[Device], bool]:
    spec = document.body.get("spec")
    platform = spec.get("platform") if isinstance(spec, dict) else None
    return lambda device: device.ref.name == document.name and platform in (None, device.ref.platform)


def _both(covers: Callable[[Device], bool], matches: Callable[[Mapping[str, str]], bool]) -> Callable[[Device], bool]:
    return lambda device: covers(device) and matches(device.labels)


def _items(body: JsonObject, name: str) -> Iterator[Json]:
    found = body.get(name)
    return iter(found if isinstance(found, list) else ())


def _number(body: JsonObject, name: str) -> float | None:
    value = body.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(body: JsonObject, name: str) -> int | None:
    number = _number(body, name)
    return None if number is None else int(number)


def _population(body: JsonObject) -> int:
    population = _whole(body, "minPopulation")
    return Safety().min_population if population is None else population
