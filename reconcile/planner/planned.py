"""All of a plan that concerns one device: its steps by name, and what is to be recorded with them."""

from __future__ import annotations

from reconcile.model.desired import OnRemoval
from reconcile.model.plan import PlannedDevice, Step
from reconcile.planner.delta import Delta
from reconcile.planner.form import Draft
from reconcile.planner.situation import Situation

_NO_RECORD = "none"


def planned_device(
    situation: Situation, work: Delta, drafts: tuple[Draft, ...], class_id: str, number: int
) -> PlannedDevice:
    """The device with its steps, numbered from `number` + 1, and what is recorded with them."""
    ref = situation.device.ref
    names = [f"s{number + position + 1}" for position in range(len(drafts))]
    steps = tuple(
        Step(
            names[i],
            ref,
            class_id,
            1,
            draft.action,
            tuple(names[earlier] for earlier in draft.after),
            otherwise=draft.otherwise,
            confirmed=draft.confirmed,
        )
        for i, draft in enumerate(drafts)
    )
    is_partial = bool(work.conflicts or work.waiting) or situation.in_scope is not None
    return PlannedDevice(
        ref=ref,
        identity=situation.device.identity,
        class_id=class_id,
        recorded=situation.stored or (_NO_RECORD if situation.recorded is None else situation.recorded.fingerprint()),
        registered=None if situation.observed is None else situation.observed.registered,
        settles=None if is_partial else situation.document.digest,
        steps=steps,
        adoptions=tuple(work.adoptions),
        releases=tuple(work.releases),
        withdrawn_runs=tuple(work.withdrawn_runs),
        owed_runs=tuple(sorted(work.owed_runs)),
        retries=_retries(work),
        delivery="" if work.choice is None or not steps else work.choice.reason,
        is_metered=situation.document.delivery.budget.is_limited,
        on_removal=_removals(situation),
    )


def _removals(situation: Situation) -> dict[str, OnRemoval]:
    """Rules other than release, and any rule of a resource that was leaving and is declared again."""
    known = {} if situation.recorded is None else situation.recorded.timeless
    return {
        r.path: r.on_removal
        for r in situation.document.resources
        if r.on_removal.kind != "release" or ((record := known.get(r.path)) is not None and record.is_leaving)
    }


def _retries(work: Delta) -> dict[str, int]:
    """The numbers of the retries that this plan sends."""
    sent = {write.path for write in work.writes} | {command.name for command, _ in work.runs}
    return {name: number for name, number in sorted(work.retries.items()) if name in sent}
