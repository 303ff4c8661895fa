"""Read back before a step that depends on it: what the device answered to a write is compared with what it then holds.

Premise: a device answers that it changed a resource, and may keep another value all the same (it rounds, it limits, a
second write undid it). What follows was to be sent only to a device that holds the value. Rule: a device that tells
another value is sent nothing that depends on it, and the value counts as tried and failed. A device that tells nothing
(the resource cannot be read, the answer is lost) leaves its first answer standing: that was its word as well.
"""

from __future__ import annotations

from dataclasses import replace

from reconcile.apply import fold
from reconcile.apply.attempt import Run, Work
from reconcile.apply.lane import Lane
from reconcile.apply.stopping import unless_stopped
from reconcile.model.actions import WriteNow, touched
from reconcile.model.observed import Look
from reconcile.model.plan import Step
from reconcile.model.values import Missing
from reconcile.ports import Commit


async def holds(run: Run, lane: Lane, work: Work, step: Step) -> bool:
    """False when the device tells another value for something that the step follows. Records what it tells."""
    paths = tuple(path for path in step.read_back if _is_answered(work, path))
    if not paths:
        return True
    look = Look(paths=paths, wants_reported=True, is_awake=True)
    asking = lane.client.observe(step.device, work.planned.identity, look)
    observed = await unless_stopped(asking, run.stop, grace_s=0.0)
    if observed is None:
        return False
    same = lane.same_for(work.planned.identity)
    seen = {path: observed.resources[path].reported for path in paths if path in observed.resources}
    told = {path: value for path, value in seen.items() if not isinstance(value, Missing)}
    if not told:
        return True
    others = {path for path, value in told.items() if not same(path, work.record.resources[path].value, value)}
    agreed = {
        path: replace(work.record.resources[path], confirmed_at=run.now(), confirmed_by="read-back")
        for path in told.keys() - others
    }
    work.record = replace(work.record, resources={**work.record.resources, **agreed})
    for earlier in work.planned.steps:
        action = earlier.action
        if isinstance(action, WriteNow) and not others.isdisjoint(touched(action)):
            work.record = fold.doubt(work.record, work.planned, action, run.now())
    await run.writer.commit(Commit(devices=(work.record,)))
    return not others


def _is_answered(work: Work, path: str) -> bool:
    resource = work.record.resources.get(path)
    return resource is not None and resource.confirmed_by == "answer"
