"""Where a rollout stands by recorded state alone, without a plan: its waves, the place of each device, what it did.

A plan knows more (drift, what a look tells); this is what `status` and `explain` show, and it sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reconcile.model.fleet import DesiredDevice
from reconcile.model.rollout import Rollout
from reconcile.model.rollout_course import Course, Place
from reconcile.planner.rollout_stage import Member, evidence_of, placed, rhythm_s, stage
from reconcile.planner.rollout_waves import Candidate, TooManyCanariesError, assign


def course(
    rollout: Rollout, governed: Sequence[tuple[DesiredDevice, str]], members: Sequence[Member], now: datetime
) -> Course | None:
    """Where it stands. governed: its declared devices, each with its platform's word for its model. None where nothing
    of it was begun or is left to do, or where its canaries are more than it allows.
    """
    known = {member.desired.device.ref: member for member in members}
    sent = {ref for ref, member in known.items() if member.mark(now) is not None}
    waiting = []
    for desired, model in governed:
        ref, member = desired.device.ref, known.get(desired.device.ref)
        record = None if member is None else member.record
        if ref not in sent and (record is None or record.digest != desired.document.digest):
            waiting.append(Candidate(ref, desired.device.labels, model, rhythm_s(desired, record)))
    if not (waiting or sent):
        return None
    try:
        unsent = assign(rollout, waiting, placed(rollout, members, now))
    except TooManyCanariesError:
        return None
    places = {ref: Place(wave) for ref, wave in unsent.items()}
    places |= {member.desired.device.ref: found for member in members if (found := _place(rollout, member, now))}
    return Course(rollout, stage(rollout, unsent, members, now).note(), places, now)


def _place(rollout: Rollout, member: Member, now: datetime) -> Place | None:
    mark = member.mark(now)
    if mark is None:
        return None
    seen = evidence_of(rollout, member, mark, now)
    did = next(name for name in ("confirmed", "failed", "parked", "silent") if getattr(seen, name))
    return Place(min(mark.wave, len(rollout.waves)), did, mark.at)
