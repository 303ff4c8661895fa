"""Whether a saved plan may run, on which of its devices, and over which records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconcile import __version__
from reconcile.model.device import DeviceRef
from reconcile.model.errors import PlanRefused
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan
from reconcile.model.plan_devices import platforms_of
from reconcile.model.recorded import RecordedDevice
from reconcile.runs.kept_devices import Keeper, PlannedHead, heads_of
from reconcile.runs.request import Planned
from reconcile.runs.saved_safety import check_allowed
from reconcile.runs.session import Session
from reconcile.runs.stored_records import StoredRecords, in_turn

_NO_LINEAGE = "none"


@dataclass(frozen=True, slots=True)
class Recalled:
    """A saved plan with the state it runs on. `left_out` are devices whose precondition no longer holds."""

    planned: Planned
    left_out: tuple[DeviceRef, ...] = ()


def recall(session: Session, plan: Plan, *, is_partial: bool = False) -> Recalled:
    """A saved plan that may run; with `is_partial` without the devices whose precondition no longer holds.

    Raises: PlanRefused when it may not run any more; then nothing was sent.
    """
    store = session.store
    is_resumed = store.begun_plan() == plan.occasion
    _check_whole(session, plan, is_resumed=is_resumed)
    begun = store.outcomes(plan.occasion) if is_resumed else {}
    moved: list[DeviceRef] = []
    drifting: set[DeviceRef] = set()
    for heads, known in in_turn(store, plan.devices):
        moved += (head.ref for head in heads if _has_moved(head, known, begun, is_resumed=is_resumed))
        drifting.update(ref for ref, record in known.items() if record.drifts)
    swapped = _swapped(session, plan)
    stale = set(moved) | set(swapped)
    if stale and (not is_partial or len(stale) == len(plan.devices)):
        if swapped:
            raise _stale(f"another device bears the name {swapped[0]} now")
        names = ", ".join(map(str, moved[:5])) + (f" and {len(moved) - 5} more" if len(moved) > 5 else "")
        raise _stale(f"recorded state moved for {names}")
    if stale:
        plan = replace(plan, devices=Keeper.kept(device for device in plan.devices if device.ref not in stale))
    recorded = StoredRecords(store, plan.devices, frozenset(drifting))
    if session.fleet.policies.rules:
        from reconcile.runs.policy_check import check_saved  # brings the planner, which few saved plans need

        check_saved(session, plan, recorded.held())
    return Recalled(Planned(plan, recorded, {}), tuple(sorted(stale)))


def _check_whole(session: Session, plan: Plan, *, is_resumed: bool) -> None:
    store = session.store
    if store.is_consumed(plan.occasion):
        raise PlanRefused("the plan was applied before; plans run once. Plan again.", code="RCL304")
    if plan.expires <= session.options.now():
        raise PlanRefused(f"the plan expired at {plan.expires.isoformat()}. Plan again.", code="RCL305")
    made_by, ours = _major(plan.base.tool), _major(__version__)
    if plan.base.tool and made_by != ours:
        raise PlanRefused(
            f"the plan was made by reconcile {plan.base.tool}, and this is {__version__}: another major version may "
            "mean something else by it. Plan again, or use the version that made it.",
            code="RCL308",
        )
    is_first = plan.base.lineage == _NO_LINEAGE and not any(True for _ in store.heads())
    if plan.base.lineage != store.lineage and not is_first and not is_resumed:
        raise PlanRefused("the plan was made from another state (its lineage differs). Plan again.", code="RCL306")
    unknown = sorted(set(platforms_of(plan.devices)) - set(session.fleet.platforms))
    if unknown:
        raise PlanRefused(f"the fleet has no platform {', '.join(unknown)} any more. Plan again.", code="RCL307")
    check_allowed(session, plan)


def _has_moved(
    device: PlannedHead,
    recorded: Mapping[DeviceRef, RecordedDevice],
    begun: Mapping[str, object],
    *,
    is_resumed: bool,
) -> bool:
    """Whether the record is no longer the one that the device was planned from.

    Where the plan itself was at work, it moved the record: one of its steps was begun, or it recorded without a step.
    """
    if is_resumed and (not device.steps or any(step in begun for step in device.steps)):
        return False
    return _fingerprint(recorded.get(device.ref), device) != device.recorded


def _swapped(session: Session, plan: Plan) -> list[DeviceRef]:
    """A plan made before a swap must not go to the device that was there before, over the record of the new one."""
    now = {one.device.ref: one.device.identity for one in session.devices()}
    planned = (head for head in heads_of(plan.devices) if not head.is_released)
    return sorted(head.ref for head in planned if now.get(head.ref, head.identity) != head.identity)


def _fingerprint(record: RecordedDevice | None, device: PlannedHead) -> str:
    if record is None or record.identity != device.identity or (record.ends is not None and not device.is_released):
        return "none"
    return record.fingerprint()


def _stale(why: str) -> PlanRefused:
    return PlanRefused(
        f"the plan is stale: {why}. Plan again, or apply the rest with --partial.",
        code="RCL302",
    )


def _major(version: str) -> str:
    return version.partition(".")[0]
