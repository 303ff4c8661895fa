"""What is done about a resource that git and somebody else both changed: by its policy `onConflict`.

Premise: neither side knows of the other, so a write would undo a decision that nobody has seen.
Rule: hold: nothing is sent, both values are shown. ours: git's value is written with the version that was just read as
its precondition, so a third write is a conflict again. adopt: the foreign value is recorded as what stands, git's value
gives way to it until git says another one, and the edit that brings git in line is named.
A version alone proves nothing: cleared and set again it may come back with another value (Aliyun: after a clear it may
restart at 0), or with the same value at another time. So value, version and time are compared together.
"""

from __future__ import annotations

from dataclasses import replace

from reconcile.model.conflict import ConflictNote
from reconcile.model.desired import DesiredResource, OnConflict, Ownership
from reconcile.model.plan import Notice
from reconcile.model.recorded import RecordedResource
from reconcile.model.values import ABSENT, UNKNOWN, Known, Missing, is_secret
from reconcile.planner.situation import Situation, in_form_of
from reconcile.planner.verdict import Action, Verdict

OURS = "conflict: changed outside as well; git wins (onConflict: ours)"
TO_ADOPT = "changed in the manifests and outside; kept as found until git says another value (onConflict: adopt)"
REWRITTEN = "manifest; set outside meanwhile, to the value it had"
OVERWRITES = "manifest; overwrites a newer value of the device"
SET_AT_DEVICE = "set at the device after the last write; will be overwritten"
ADOPTED = "found outside (onConflict: adopt)"


def settle_conflict(situation: Situation, resource: DesiredResource, verdict: Verdict) -> Verdict:
    """The verdict under the resource's `onConflict`, and with what it would undo said in its reason."""
    recorded = situation.recorded_resource(resource.path)
    if recorded is None:
        return verdict
    if verdict.action is Action.CONFLICT:
        return _by_policy(resource, verdict)
    if verdict.action is Action.NONE and _caught_up(situation, resource, recorded):
        return Verdict(Action.ADOPT, recorded.value, "already there")
    if verdict.action is not Action.WRITE or verdict.is_drift or verdict.reason != "manifest":
        return verdict
    if _gives_way(situation, resource, recorded):
        return Verdict(Action.CONFLICT, recorded.value, TO_ADOPT)
    if set_at_device(situation, resource, recorded) is not UNKNOWN:
        return replace(verdict, reason=OVERWRITES)
    return replace(verdict, reason=REWRITTEN) if was_rewritten(situation, recorded) else verdict


def _by_policy(resource: DesiredResource, verdict: Verdict) -> Verdict:
    match resource.on_conflict:
        case OnConflict.HOLD:
            return verdict
        case OnConflict.OURS:
            return replace(verdict, action=Action.WRITE, reason=OURS)
        case OnConflict.ADOPT:
            return replace(verdict, reason=TO_ADOPT)


def _gives_way(situation: Situation, resource: DesiredResource, recorded: RecordedResource) -> bool:
    """Whether this very value of git gave way to the one that is recorded."""
    is_adopt = resource.on_conflict is OnConflict.ADOPT
    return is_adopt and situation.same(resource.path, resource.value, recorded.gave_way)


def _caught_up(situation: Situation, resource: DesiredResource, recorded: RecordedResource) -> bool:
    """Whether git says now what its earlier value gave way to: then nothing gives way any more."""
    is_giving = recorded.gave_way is not ABSENT and resource.ownership is Ownership.ENFORCE
    return is_giving and situation.same(resource.path, resource.value, recorded.value)


def must_record(situation: Situation, resource: DesiredResource, verdict: Verdict) -> bool:
    """Whether an adopted foreign value is still to be recorded; one in the place of a secret never is."""
    if is_secret(resource.value):
        return False
    recorded = situation.recorded_resource(resource.path)
    is_new = recorded is not None and not situation.same(resource.path, verdict.before, recorded.value)
    return resource.on_conflict is OnConflict.ADOPT and is_new and not isinstance(verdict.before, Missing)


def was_rewritten(situation: Situation, recorded: RecordedResource) -> bool:
    """Whether the value that stands is not the one we wrote, although it may be equal: another version, or time.

    One that is gone was not written again: a device deletes what it obeyed.
    """
    seen = situation.observed_resource(recorded.path)
    if seen.version is None or recorded.version is None or isinstance(seen.cloud, Missing):
        return False
    is_retimed = recorded.cloud_at is not None and seen.cloud_at is not None and seen.cloud_at != recorded.cloud_at
    return seen.version != recorded.version or is_retimed


def set_at_device(situation: Situation, resource: DesiredResource, recorded: RecordedResource) -> Known:
    """What the device reported since we wrote and is neither our value nor git's; UNKNOWN when nothing is.

    Only where a cloud keeps a desired copy: elsewhere the reported value is what a verdict compares in the first place.
    """
    told = situation.observed_resource(resource.path)
    if not situation.capabilities.has_cloud_copy or told.reported_at is None or recorded.value is None:
        return UNKNOWN
    reported = in_form_of(told.reported, resource.value, resource.value_type)
    if isinstance(reported, Missing) or told.reported_at <= recorded.accepted_at:
        return UNKNOWN
    is_ours = situation.same(resource.path, reported, recorded.value)
    return UNKNOWN if is_ours or situation.same(resource.path, reported, resource.value) else reported


def conflict_notice(situation: Situation, resource: DesiredResource, verdict: Verdict) -> Notice:
    """A conflict for people: three values, two versions, and since when the foreign one stands."""
    recorded, seen = situation.recorded_resource(resource.path), situation.observed_resource(resource.path)
    note = ConflictNote(
        resource.on_conflict.value, None if recorded is None else recorded.version, seen.version, seen.cloud_at
    )
    return _notice(situation, resource, verdict.reason, verdict.before, note)


def undone(situation: Situation, resource: DesiredResource, verdict: Verdict) -> Notice | None:
    """What a write of this verdict undoes that somebody else decided; None for any other verdict."""
    if verdict.reason == OURS:
        return conflict_notice(situation, resource, verdict)
    recorded = situation.recorded_resource(resource.path)
    if verdict.reason != OVERWRITES or recorded is None:
        return None
    seen = situation.observed_resource(resource.path)
    note = ConflictNote("overwrites", recorded.version, seen.version, seen.reported_at)
    return _notice(situation, resource, SET_AT_DEVICE, set_at_device(situation, resource, recorded), note)


def _notice(situation: Situation, resource: DesiredResource, reason: str, seen: Known, note: ConflictNote) -> Notice:
    recorded = situation.recorded_resource(resource.path)
    known = ABSENT if recorded is None else recorded.value
    return Notice(situation.device.ref, reason, resource.path, resource.value, known, seen, conflict=note)
