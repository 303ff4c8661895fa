"""Whole plans from values: screen, situate and build as the plan run does, without state, clouds or a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime

from reconcile.model.device import DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice, Hold, Safety
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedDevice
from reconcile.model.plan import Base, Plan
from reconcile.model.recorded import RecordedDevice, RecordedHead
from reconcile.model.values import Known
from reconcile.planner.build import Inputs, build
from reconcile.planner.screen import screen
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""The moment all plans here are made, on our clock and on the clouds'."""


@dataclass(frozen=True, slots=True)
class Truths:
    """The three truths of a fleet at one moment, and what limits the plan. Dialects by platform name; no models."""

    desired: Sequence[DesiredDevice]
    dialects: Mapping[str, Dialect]
    recorded: Sequence[RecordedDevice] = ()
    observed: Mapping[DeviceRef, ObservedDevice] = field(default_factory=dict)
    holds: Sequence[Hold] = ()
    safety: Safety = field(default_factory=Safety)
    now: datetime = NOON
    sees_all: bool = False
    has_device: Callable[[DeviceRef], bool] | None = None
    has_resource: Callable[[str], bool] | None = None
    retries_lost: bool = False


def plan_of(known: Truths) -> Plan:
    """The plan that the plan run would make of it. The order of `desired` and `recorded` does not matter."""
    in_scope = known.has_device or (lambda _ref: True)
    devices = sorted((d for d in known.desired if in_scope(d.device.ref)), key=lambda d: d.device.ref)
    records = {record.ref: record for record in known.recorded}
    heads = [head_of(records[ref]) for ref in sorted(records) if in_scope(ref)]
    groups = [limits.covers for limits in known.safety.profiles]
    screened = screen(devices, heads, keeps_settled=known.sees_all, groups=groups)
    is_whole = known.has_device is None and known.has_resource is None
    return build(
        Inputs(
            situations=[_situation(known, device, records) for device in screened.to_examine()],
            dialects=known.dialects,
            rates=dict.fromkeys(known.dialects, 10.0),
            base=Base("sha256:manifests", None, "lineage", 1, "all" if known.sees_all else "changed"),
            created=known.now,
            settled=screened.settled,
            managed=screened.managed,
            managed_in=screened.managed_in,
            gone=[records[ref] for ref in screened.gone] if is_whole else [],
            holds=known.holds,
            safety=known.safety,
        )
    )


def head_of(record: RecordedDevice) -> RecordedHead:
    """The line that a state store lists for a record."""
    return RecordedHead(record.ref, str(record.identity), record.digest, record.is_waiting)


def same_for(dialect: Dialect, identity: Identity) -> Callable[[str, Known, Known], bool]:
    """A dialect's equality on one device, without device models."""
    models = dialect.load_models(())
    key = dialect.model_key(identity)
    return lambda path, left, right: dialect.same(models, key, path, left, right)


def by_ref(records: Iterable[RecordedDevice]) -> dict[DeviceRef, RecordedDevice]:
    """Records by device."""
    return {record.ref: record for record in records}


def _situation(known: Truths, desired: DesiredDevice, records: Mapping[DeviceRef, RecordedDevice]) -> Situation:
    device = desired.device
    dialect = known.dialects[device.ref.platform]
    record = records.get(device.ref)
    is_swapped = record is not None and record.identity != device.identity
    return Situation(
        device=device,
        document=desired.document,
        recorded=None if is_swapped else record,
        observed=known.observed.get(device.ref),
        capabilities=dialect.capabilities(dialect.model_key(device.identity)),
        same=same_for(dialect, device.identity),
        server_now=known.now,
        is_swapped=is_swapped,
        in_scope=known.has_resource,
        retries_lost=known.retries_lost,
    )
