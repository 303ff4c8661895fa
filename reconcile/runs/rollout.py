"""Rollouts in a plan run: whose records and looks a gate needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reconcile.apply.follow import follow
from reconcile.model.device import DeviceRef
from reconcile.model.epoch import is_over
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.planner.rollout import Rollouts
from reconcile.planner.rollout_stage import Member, stage
from reconcile.runs.look import Target, targets_of
from reconcile.runs.request import Refresh
from reconcile.runs.session import Session


def followers(session: Session, examined: Sequence[DesiredDevice]) -> list[DesiredDevice]:
    """Devices that nothing is planned for, and whose records the gates of this plan look at."""
    active = {one.document.rollout for one in examined} - {None}
    if not active:
        return []
    known = {one.device.ref for one in examined}
    return [one for one in session.devices() if one.document.rollout in active and one.device.ref not in known]


def proofs(
    session: Session,
    devices: Sequence[DesiredDevice],
    recorded: Mapping[DeviceRef, RecordedDevice],
    refresh: Refresh,
) -> list[Target]:
    """What to look at on those of them that were sent a change and did not confirm it yet, as far as is known."""
    now = session.options.now()
    unproven = []
    for member in members_of(session, devices, recorded):
        mark = member.mark(now)
        if mark is None or not _has_cloud_copy(session, member):
            continue
        seen = stage(session.fleet.rollouts[mark.profile], {}, [member], now)
        if not sum(wave.confirmed for wave in seen.evidence):
            unproven.append(member.desired)
    targets = targets_of(session, unproven, recorded, refresh)
    return [replace(target, look=replace(target.look, wants_reported=True)) for target in targets]


def _has_cloud_copy(session: Session, member: Member) -> bool:
    device = member.desired.device
    return session.capabilities(device.ref.platform, device.identity).has_cloud_copy


def rollouts_of(
    session: Session,
    devices: Iterable[DesiredDevice],
    recorded: Mapping[DeviceRef, RecordedDevice],
    observed: Mapping[DeviceRef, ObservedDevice],
) -> Rollouts:
    """The rollouts of the fleet with the records of their devices, as last seen."""
    if not session.fleet.rollouts:
        return Rollouts()
    seen = []
    for member in members_of(session, devices, recorded):
        record, look = member.record, observed.get(member.record.ref)
        if look is not None and look.problem is None:
            same = session.same_for(record.ref.platform, record.identity)
            record = follow(record, look, same, session.options.now())
        seen.append(replace(member, record=record))
    return Rollouts(session.fleet.rollouts, seen)


def members_of(
    session: Session, devices: Iterable[DesiredDevice], recorded: Mapping[DeviceRef, RecordedDevice]
) -> list[Member]:
    """Those of the devices that a rollout governs and that have a record of their own."""
    found = []
    for one in devices:
        record = recorded.get(one.device.ref)
        if one.document.rollout is None or record is None or is_over(record, one.device.identity):
            continue
        model = session.dialect(record.ref.platform).model_key(one.device.identity)
        found.append(Member(one, record, model))
    return found
