"""What is done about a resource that somebody else changed: by its policy, and by how often it was written back.

A verdict of the three-way comparison goes in, one that may write less comes out; nothing here ever makes a write out of
something that was none, but for one case: a quarantined resource whose declared value changed since. The plan has shown
both values for as long as it was quarantined, so the new value is the decision that was asked for, no conflict.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconcile.model.desired import DesiredResource, OnDrift, Ownership
from reconcile.model.drift import DriftHistory, DriftNote, rests_until
from reconcile.model.plan import Notice
from reconcile.model.values import ABSENT
from reconcile.planner.situation import Situation
from reconcile.planner.verdict import Action, Verdict

REPORTED = "drift: changed outside; reported only (onDrift: report)"
TO_ADOPT = "drift: changed outside; not written back, git should take it over (onDrift: adopt)"
QUARANTINED = "drift: quarantined, not written back: it was changed again after each of {n} writes"
QUARANTINE = "quarantine"


def by_policy(situation: Situation, resource: DesiredResource, verdict: Verdict) -> Verdict:
    """The verdict under the resource's `onDrift`, and under the flap rule."""
    history = history_of(situation, resource.path)
    if verdict.action is Action.CONFLICT and history is not None and _is_decided(situation, history, verdict):
        return Verdict(Action.WRITE, verdict.before, "manifest: changed after the quarantine")
    if not (verdict.is_drift and verdict.action is Action.WRITE):
        return verdict
    match resource.on_drift:
        case OnDrift.REPORT:
            return replace(verdict, action=Action.NONE, reason=REPORTED)
        case OnDrift.ADOPT:
            return replace(verdict, action=Action.NONE, reason=TO_ADOPT)
        case OnDrift.REVERT if quarantined_until(situation, resource):
            assert history is not None
            return replace(verdict, action=Action.NONE, reason=QUARANTINED.format(n=history.streak))
        case OnDrift.REVERT:
            return verdict


def quarantined_until(situation: Situation, resource: DesiredResource) -> datetime | None:
    """Until when the resource is left alone because it was written back so often; None when it is not."""
    if resource.on_drift is not OnDrift.REVERT or resource.ownership is not Ownership.ENFORCE:
        return None
    history = history_of(situation, resource.path)
    return rests_until(history, resource.value, situation.server_now, situation.flaps)


def history_of(situation: Situation, path: str) -> DriftHistory | None:
    """What was written back of a resource."""
    return None if situation.recorded is None else situation.recorded.drifts.get(path)


def drift_notice(situation: Situation, resource: DesiredResource, verdict: Verdict) -> Notice:
    """Drift for people: the three values, what is done about it, where it is declared, and what was tried before."""
    record = situation.recorded_resource(resource.path)
    history = history_of(situation, resource.path)
    until = quarantined_until(situation, resource)
    is_watched = resource.ownership is Ownership.OBSERVE
    note = DriftNote(
        policy="observe" if is_watched else QUARANTINE if until else resource.on_drift.value,
        declared_at=str(resource.span) if resource.span.file else "",
        rounds=() if history is None else history.rounds,
        until=until,
    )
    return Notice(
        situation.device.ref,
        verdict.reason,
        resource.path,
        resource.value,
        ABSENT if record is None else record.value,
        verdict.before,
        drift=note,
    )


def _is_decided(situation: Situation, history: DriftHistory, verdict: Verdict) -> bool:
    """Whether the value found outside is one that the quarantine has shown."""
    until = rests_until(history, history.value, situation.server_now, situation.flaps)
    return until is not None and history.has_seen(verdict.before)
