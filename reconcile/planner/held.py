"""Whether a device is known to hold what the manifests say: confirmed, reported, or found in place."""

from __future__ import annotations

from reconcile.model.desired import DesiredResource, Ownership
from reconcile.model.recorded import DeliveryState, RecordedResource
from reconcile.model.values import ABSENT, UNKNOWN
from reconcile.planner.delta import Delta
from reconcile.planner.situation import Situation, in_form_of


def is_held(situation: Situation, work: Delta, path: str) -> bool:
    """Whether the device is known to hold what the manifests say, or will be once this plan's withdrawals are done."""
    desired = situation.declared().get(path)
    if desired is None:
        return True
    adopted = next((adoption for adoption in work.adoptions if adoption.path == path), None)
    if adopted is not None:
        return adopted.version is None or _is_reported(situation, desired, None)
    record = situation.recorded_resource(path)
    if record is None or any(notice.resource == path for notice in (*work.conflicts, *work.drift)):
        return False
    delivery = situation.delivery_of(record)
    if record.command_uuid in work.withdrawals and delivery.is_open:
        return situation.same(path, desired.value, record.confirmed)
    if desired.ownership is Ownership.SEED and record.confirmed is not ABSENT:
        return True
    if not _is_wanted(situation, desired, record):
        return False
    if delivery is DeliveryState.ACCEPTED:
        return desired.value is None or _is_reported(situation, desired, record)
    return delivery is DeliveryState.CONFIRMED


def _is_wanted(situation: Situation, desired: DesiredResource, record: RecordedResource) -> bool:
    if desired.ownership is Ownership.SEED or (desired.value is None and record.value is None):
        return True
    return situation.same(desired.path, desired.value, record.value)


def _is_reported(situation: Situation, desired: DesiredResource, record: RecordedResource | None) -> bool:
    """The device says that it holds it; of a seed, that it spoke since it was given it."""
    seen = situation.observed_resource(desired.path)
    if seen.reported in (UNKNOWN, ABSENT):
        return False
    told = in_form_of(seen.reported, desired.value, desired.value_type)
    if situation.same(desired.path, desired.value, told):
        return True
    is_seed = desired.ownership is Ownership.SEED and record is not None
    return is_seed and record is not None and seen.reported_at is not None and seen.reported_at > record.accepted_at
