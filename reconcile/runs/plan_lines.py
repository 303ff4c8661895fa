"""A plan from its lines, read as a stream: what a line said is let go as soon as it is a part of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from reconcile.model.conflict import ConflictNote
from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic, Severity, Span
from reconcile.model.drift import DriftNote
from reconcile.model.energy import NO_ENERGY, Energy
from reconcile.model.fleet import NotedModel, TakenListing
from reconcile.model.forecast import Forecast
from reconcile.model.plan import Base, Change, ChangeClass, Notice, Plan, PlannedDevice, Summary
from reconcile.model.plan_json import FORMAT, Asked, Naming, device_from_json
from reconcile.model.policy import PolicyNote
from reconcile.model.protection import AllowedWrite, RaisedLimit
from reconcile.model.refresh import Coverage
from reconcile.model.rollout_note import RolloutNote
from reconcile.model.values import ABSENT, UNKNOWN, Json, JsonObject, Known
from reconcile.runs.kept_devices import Keeper

NOTICES = ("held", "unknown", "conflicts", "drift", "waiting", "blocked")


def assemble(lines: Iterable[Json], keeper: Keeper | None = None) -> tuple[Plan, str]:
    """The plan that the lines hold, and the digest of what they say that it would send and record.

    With a `keeper` its devices are kept packed.

    Raises: one of `planfile.UNREADABLE`.
    """
    rest = iter(lines)
    header = _object(_object(next(rest, None))["plan"])
    if header["format"] != FORMAT:
        raise ValueError(header["format"])
    named, asked = Naming(), Asked()
    devices: list[PlannedDevice] = []
    parts: dict[str, list[JsonObject]] = {}
    for name, body in _members(rest):
        if name == "device":
            text = named.add(body)
            if keeper is None:
                devices.append(device_from_json(body, asked))
            else:
                keeper.add(body, text)
        else:
            parts.setdefault(name, []).append(body)
    return _plan(header, tuple(devices) if keeper is None else keeper.all(), parts), named.digest()


def _members(lines: Iterator[Json]) -> Iterator[tuple[str, JsonObject]]:
    for line in lines:
        ((name, body),) = _object(line).items()
        yield name, _object(body)


def _plan(header: JsonObject, devices: Sequence[PlannedDevice], parts: dict[str, list[JsonObject]]) -> Plan:
    notices = {name: tuple(_notice(body) for body in parts.get(name, [])) for name in NOTICES}
    names = _object(header.get("names", {}))
    return Plan(
        digest=str(header["digest"]),
        created=datetime.fromisoformat(str(header["created"])),
        expires=datetime.fromisoformat(str(header["expires"])),
        base=_base(_object(header["base"])),
        summary=_summary(_object(header["summary"])),
        classes=tuple(_class(body, names) for body in parts.get("class", [])),
        devices=devices,
        held=notices["held"],
        unknown=notices["unknown"],
        conflicts=notices["conflicts"],
        drift=notices["drift"],
        waiting=notices["waiting"],
        blocked=notices["blocked"],
        diagnostics=tuple(_diagnostic(body) for body in parts.get("diagnostic", [])),
        coverage=Coverage.from_json(_object(header["coverage"])) if "coverage" in header else None,
        rollouts=tuple(RolloutNote.from_json(_object(one)) for one in _items(header.get("rollouts", []))),
        policy=PolicyNote.from_json(_object(header["policy"])) if "policy" in header else None,
        raised=tuple(RaisedLimit.from_json(_object(one)) for one in _items(header.get("raised", []))),
        protected=tuple(AllowedWrite.from_json(_object(one)) for one in _items(header.get("protected", []))),
    )


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
