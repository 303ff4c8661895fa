"""What an apply writes back, remembered before it is sent: so a fight is seen even when every round is cut short."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING

from reconcile.model.actions import touched
from reconcile.model.desired import DesiredResource, OnDrift, Ownership
from reconcile.model.device import DeviceRef
from reconcile.model.drift import DriftHistory, FlapRule, after_round
from reconcile.model.plan import Notice, Plan, PlannedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import Missing, same
from reconcile.runs.stored_records import StoredRecords

if TYPE_CHECKING:
    from reconcile.runs.session import Session


def with_rounds(
    session: Session, plan: Plan, recorded: Mapping[DeviceRef, RecordedDevice]
) -> Mapping[DeviceRef, RecordedDevice]:
    """The records a plan runs on, with its writes back in them. They are kept with the first step of their device."""
    drifted: dict[DeviceRef, list[Notice]] = {}
    for notice in plan.drift:
        drifted.setdefault(notice.device, []).append(notice)
    drifting = recorded.drifting if isinstance(recorded, StoredRecords) else _drifting(recorded)
    concerned = drifting | drifted.keys()
    if not concerned:
        return recorded
    wanted = _declared(session, drifting)
    known = recorded.of(concerned) if isinstance(recorded, StoredRecords) else recorded
    changed: dict[DeviceRef, RecordedDevice] = {}
    for device in plan.devices:
        if device.ref in concerned and device.ref in known:
            record = known[device.ref]
            kept = still_wanted(record.drifts, wanted.get(device.ref, {}))
            drifts = rounds_of(device, drifted.get(device.ref, []), kept, plan, session.fleet.flaps)
            changed[device.ref] = replace(record, drifts=drifts)
    return recorded.but(changed) if isinstance(recorded, StoredRecords) else {**recorded, **changed}


def _drifting(recorded: Mapping[DeviceRef, RecordedDevice]) -> AbstractSet[DeviceRef]:
    return {ref for ref, record in recorded.items() if record.drifts}


def rounds_of(
    device: PlannedDevice, notices: list[Notice], known: Mapping[str, DriftHistory], plan: Plan, rule: FlapRule
) -> dict[str, DriftHistory]:
    """Histories of a device after the plan: one round more of each resource that drifted and that a step writes."""
    written = {path for step in device.steps for path in touched(step.action)}
    histories = dict(known)
    for notice in notices:
        if notice.resource is not None and notice.resource in written and not isinstance(notice.desired, Missing):
            before = histories.get(notice.resource)
            histories[notice.resource] = after_round(before, notice.desired, notice.observed, plan.created, rule)
    return histories


def still_wanted(
    histories: Mapping[str, DriftHistory], declared: Mapping[str, DesiredResource]
) -> dict[str, DriftHistory]:
    """Without those of resources that git no longer enforces by writing back, or to which it gave another value."""
    return {
        path: history
        for path, history in histories.items()
        if (one := declared.get(path)) is not None
        and one.ownership is Ownership.ENFORCE
        and one.on_drift is OnDrift.REVERT
        and same(one.value, history.value)
    }


def _declared(session: Session, refs: AbstractSet[DeviceRef]) -> dict[DeviceRef, dict[str, DesiredResource]]:
    if not refs:
        return {}
    return {
        device.device.ref: {one.path: one for one in device.document.resources}
        for device in session.whole()
        if device.device.ref in refs
    }
