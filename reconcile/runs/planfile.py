"""Plan files: JSON Lines, compressed, written and read as a stream; one line a class, a device, a notice.

Written beside its place and moved there, so a file is whole or absent. A flipped byte is found: gzip carries a
checksum, the last line another, and the digest is computed again from what was read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from reconcile.model.conflict import ConflictNote
from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic, Severity, Span
from reconcile.model.drift import DriftNote
from reconcile.model.energy import NO_ENERGY, Energy
from reconcile.model.errors import PlanRefused
from reconcile.model.fleet import NotedModel, TakenListing
from reconcile.model.forecast import Forecast
from reconcile.model.plan import Base, Change, ChangeClass, Notice, Plan, Summary
from reconcile.model.plan_json import (
    FORMAT,
    class_json,
    device_from_json,
    device_json,
    diagnostic_json,
    header_json,
    plan_digest,
)
from reconcile.model.protection import AllowedWrite, RaisedLimit
from reconcile.model.refresh import Coverage
from reconcile.model.rollout_note import RolloutNote
from reconcile.model.values import ABSENT, UNKNOWN, Json, JsonObject, Known, canonical
from reconcile.runs.whole_file import replacing

_NOTICES = ("held", "unknown", "conflicts", "drift", "waiting", "blocked")
UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""What reading raises of bytes that are no plan."""

_MAX_LINE_BYTES = 16 * 1024 * 1024


def write_plan(plan: Plan, path: Path) -> None:
    """Saves a plan. Raises: OSError."""
    with (
        replacing(path, is_private=True) as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file,
    ):
        content = hashlib.sha256()
        for line in _lines(plan):
            text = canonical(line) + b"\n"
            content.update(text)
            file.write(text)
        file.write(canonical(_end(plan, content.hexdigest())) + b"\n")


def _lines(plan: Plan) -> Iterator[JsonObject]:
    yield {"plan": header_json(plan)}
    for group in plan.classes:
        yield {"class": class_json(group)}
    for device in plan.devices:
        yield {"device": device_json(device, with_delivery=True)}
    for name in _NOTICES:
        for notice in getattr(plan, name):
            yield {name: notice.to_json()}
    for diagnostic in plan.diagnostics:
        yield {"diagnostic": diagnostic_json(diagnostic)}


def _end(plan: Plan, content: str) -> JsonObject:
    """The last line. `content` covers what the digest leaves out: dates, and what people are shown."""
    return {"end": plan.digest, "content": content}


def read_plan(path: Path) -> Plan:
    """The plan in a file. Raises: PlanRefused when it is no plan, or not the one that was written."""
    try:
        lines, content, last = _read_lines(path)
        plan = assemble(lines)
        is_whole = plan_digest(plan) == plan.digest and last == canonical(_end(plan, content)) + b"\n"
    except FileNotFoundError as exc:
        raise PlanRefused(f"no such plan file: {path}. Make one with `reconcile plan -o {path}`.") from exc
    except UNREADABLE as exc:
        raise PlanRefused(f"{path} is not a whole plan file of this version ({FORMAT}). Plan again.") from exc
    if not is_whole:
        raise PlanRefused(f"{path} was changed after it was written: its digest does not match. Plan again.")
    return plan


def _read_lines(path: Path) -> tuple[list[JsonObject], str, bytes]:
    """All lines, the checksum of those before the last, and the last one as it stands."""
    lines: list[JsonObject] = []
    content = hashlib.sha256()
    last = b""
    with gzip.open(path, "rb") as file:
        while line := file.readline(_MAX_LINE_BYTES):
            content.update(last)
            last = line
            lines.append(_object(json.loads(line)))
    return lines, content.hexdigest(), last


def assemble(lines: list[JsonObject]) -> Plan:
    """The plan of a file's lines; the last one is not looked at. Raises: one of `UNREADABLE`."""
    header = _object(lines[0]["plan"])
    if header["format"] != FORMAT:
        raise ValueError(header["format"])
    parts: dict[str, list[JsonObject]] = {}
    for line in lines[1:-1]:
        ((name, body),) = line.items()
        parts.setdefault(name, []).append(_object(body))
    notices = {name: tuple(_notice(body) for body in parts.get(name, [])) for name in _NOTICES}
    plan = Plan(
        digest=str(header["digest"]),
        created=datetime.fromisoformat(str(header["created"])),
        expires=datetime.fromisoformat(str(header["expires"])),
        base=_base(_object(header["base"])),
        summary=_summary(_object(header["summary"])),
        classes=tuple(_class(body, _object(header.get("names", {}))) for body in parts.get("class", [])),
        devices=tuple(device_from_json(body) for body in parts.get("device", [])),
        diagnostics=tuple(_diagnostic(body) for body in parts.get("diagnostic", [])),
        coverage=Coverage.from_json(_object(header["coverage"])) if "coverage" in header else None,
        rollouts=tuple(RolloutNote.from_json(_object(one)) for one in _items(header.get("rollouts", []))),
        raised=tuple(RaisedLimit.from_json(_object(one)) for one in _items(header.get("raised", []))),
        protected=tuple(AllowedWrite.from_json(_object(one)) for one in _items(header.get("protected", []))),
    )
    return replace(plan, **notices)  # type: ignore[arg-type]  # the notice fields, by name


def _object(value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError(type(value).__name__)
    return value


def _base(body: JsonObject) -> Base:
    commit = body["commit"]
    serial = body["serial"]
    if not isinstance(serial, int):
        raise TypeError(type(serial).__name__)
    return Base(
        str(body["manifests"]),
        None if commit is None else str(commit),
        str(body["lineage"]),
        serial,
        str(body["refresh"]),
        tuple(TakenListing.from_json(_object(one)) for one in _items(body.get("listings", []))),
        tuple(NotedModel.from_json(_object(one)) for one in _items(body.get("models", []))),
        str(body.get("tool", "")),
    )


def _items(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError(type(value).__name__)
    return value


def _summary(body: JsonObject) -> Summary:
    counts = {
        name: int(str(body[name]))
        for name in ("devices", "settled", "changing", "waiting", "held", "unknown", "conflicts")
    }
    requests = {name: int(str(count)) for name, count in _object(body["requests"]).items()}
    foreseen = _object(body["forecast"])
    confirmed = foreseen.get("confirmed")
    return Summary(
        **counts,
        requests=requests,
        accepted_s=float(str(foreseen["accepted_s"])),
        forecast=None if confirmed is None else Forecast.from_json(_object(confirmed)),
        energy=_energy(body),
    )


def _energy(body: JsonObject) -> Energy:
    return Energy.from_json(_object(body["energy"])) if "energy" in body else NO_ENERGY


def _class(body: JsonObject, names: JsonObject) -> ChangeClass:
    sample, changes = _items(body["sample"]), _items(body["changes"])
    return ChangeClass(
        str(body["id"]),
        int(str(body["devices"])),
        tuple(DeviceRef.parse(str(name)) for name in sample),
        tuple(_change(_object(change), names) for change in changes),
        _energy(body),
        {why: int(str(devices)) for why, devices in _object(body.get("ways", {})).items()},
    )


def _change(body: JsonObject, names: JsonObject) -> Change:
    missing = _object(body.get("missing", {}))
    before, after = (_known(body, missing, name) for name in ("before", "after"))
    resource = str(body["resource"])
    return Change(resource, str(body["action"]), before, after, str(body["reason"]), str(names.get(resource, "")))


def _known(body: JsonObject, missing: JsonObject, name: str) -> Known:
    if name in missing:
        return UNKNOWN if missing[name] == UNKNOWN.value else ABSENT
    return body[name]


def _notice(body: JsonObject) -> Notice:
    resource = body.get("resource")
    return Notice(
        DeviceRef.parse(str(body["device"])),
        str(body["reason"]),
        None if resource is None else str(resource),
        body.get("desired", ABSENT),
        body.get("recorded", ABSENT),
        body.get("observed", ABSENT),
        drift=DriftNote.from_json(body),
        conflict=ConflictNote.from_json(body),
    )


def _diagnostic(body: JsonObject) -> Diagnostic:
    span = Span(str(body["file"]), int(str(body["line"])), int(str(body["column"])))
    return Diagnostic(
        str(body["code"]), str(body["summary"]), str(body["detail"]), span, Severity(str(body["severity"]))
    )
