"""The proof of an import: what was written is compiled, compared with what was read, and planned against it.

Nothing of the writing side is trusted: the files go through the same reader, layers and planner as anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from reconcile.manifest.document import Fleet
from reconcile.model.desired import DesiredDocument, Ownership
from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import has_errors
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.plan import Base, Plan
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import ABSENT, Known, canonical
from reconcile.planner.build import Inputs, build
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect
from reconcile.runs.adoption.subject import Origin, Reading, Stated, Subject


@dataclass(frozen=True, slots=True)
class Proof:
    """What is wrong with the files, in sentences (empty: they say just what was read), and the plan after them."""

    faults: Sequence[str]
    plan: Plan
    records: Sequence[RecordedDevice]


def prove(
    fleet: Fleet,
    dialects: Mapping[str, Dialect],
    stated: Sequence[tuple[Subject, Mapping[str, Stated]]],
    now: datetime,
    *,
    is_recorded: bool,
) -> Proof:
    """Compares and plans. With `is_recorded` as if the records that go with it were in the state."""
    devices = {one.device.ref: one for one in fleet.devices}
    faults = [f"{d.code} {d.span}: {d.summary} {d.detail}" for d in fleet.diagnostics if d.is_error]
    faults += [fault for subject, wanted in stated if (fault := _differs(subject, wanted, devices))]
    if len(devices) != len(stated):
        faults.append(f"the files declare {len(devices)} devices, {len(stated)} were read")
    known = {subject.chosen.ref: subject for subject, _ in stated}
    records = [_record(one, known[ref], now) for ref, one in sorted(devices.items()) if ref in known]
    recorded = {record.ref: record for record in records} if is_recorded else {}
    situations = [
        _situation(fleet, dialects, one, known[ref], recorded.get(ref), now)
        for ref, one in sorted(devices.items())
        if ref in known
    ]
    plan = build(
        Inputs(
            situations=situations,
            dialects=dialects,
            rates={name: config.requests_per_second for name, config in fleet.platforms.items()},
            base=Base(fleet.digest, None, "import", 0, "all"),
            created=now,
            managed=len(recorded),
        )
    )
    assert has_errors(fleet.diagnostics) <= bool(faults), "an error is a fault"
    return Proof(tuple(faults), plan, records)


def _differs(subject: Subject, wanted: Mapping[str, Stated], devices: Mapping[DeviceRef, DesiredDevice]) -> str | None:
    """How a device as compiled differs from what was read, or None. No value is named: it may be long."""
    ref = subject.chosen.ref
    found = devices.get(ref)
    if found is None:
        return f"{ref} is missing"
    if found.device.identity != subject.chosen.identity:
        return f"{ref} has another identity"
    said = {r.path: r for r in found.document.resources if r.ownership is not Ownership.IGNORE}
    for path in sorted(said.keys() | wanted.keys()):
        if path not in said or path not in wanted:
            return f"{ref} {path}: {'left out' if path not in said else 'declared, but it was not read'}"
        reading, one = wanted[path].reading, said[path]
        is_same = canonical(one.value) == canonical(reading.value) and one.value_type == reading.value_type
        if not is_same or one.ownership is not wanted[path].ownership:
            return f"{ref} {path}: declared otherwise than read"
    return None


def _situation(
    fleet: Fleet,
    dialects: Mapping[str, Dialect],
    desired: DesiredDevice,
    subject: Subject,
    record: RecordedDevice | None,
    now: datetime,
) -> Situation:
    platform = desired.device.ref.platform
    dialect, models = dialects[platform], fleet.models[fleet.platforms[platform].type]
    key = dialect.model_key(desired.device.identity)

    def alike(path: str, left: Known, right: Known) -> bool:
        return dialect.same(models, key, path, left, right)

    return Situation(
        device=desired.device,
        document=desired.document,
        recorded=record,
        observed=_observed(subject, has_cloud_copy=dialect.capabilities(key).has_cloud_copy),
        capabilities=dialect.capabilities(key),
        same=alike,
        server_now=now,
    )


def _observed(subject: Subject, *, has_cloud_copy: bool) -> ObservedDevice:
    """What was read, as a look would give it."""
    resources = {
        path: ObservedResource(cloud=reading.value, version=reading.version)
        if reading.origin is Origin.CLOUD
        else ObservedResource(cloud=ABSENT, version=0, reported=reading.value)
        if has_cloud_copy
        else ObservedResource(reported=reading.value)
        for path, reading in subject.readings.items()
    }
    return ObservedDevice(subject.chosen.ref, resources)


def _record(desired: DesiredDevice, subject: Subject, now: datetime) -> RecordedDevice:
    """What the state holds of a device that is found just as the manifests want it."""
    document: DesiredDocument = desired.document
    resources = {
        one.path: _recorded(one.path, subject.readings[one.path], now)
        for one in document.resources
        if one.ownership is Ownership.ENFORCE and one.path in subject.readings
    }
    return RecordedDevice(desired.device.ref, desired.device.identity, document.digest, resources)


def _recorded(path: str, reading: Reading, now: datetime) -> RecordedResource:
    is_cloud = reading.origin is Origin.CLOUD
    return RecordedResource(
        path=path,
        value=reading.value,
        value_type=reading.value_type,
        delivery=DeliveryState.ACCEPTED if is_cloud else DeliveryState.CONFIRMED,
        accepted_at=now,
        version=reading.version if is_cloud else None,
        confirmed=ABSENT if is_cloud else reading.value,
        confirmed_at=None if is_cloud else now,
    )
