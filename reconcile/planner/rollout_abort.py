"""An aborted rollout: nothing more of it is sent, and what its devices did not take yet is taken back.

A cached command that waits is withdrawn. A desired value that no device reported goes back to the value reported last,
under the version that our own set was given: who wrote since is not overwritten. Where none was ever reported it is
cleared. docs/decisions/0021 says why. Only what this plan looked at goes back: a device that took the value keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TypeAlias

from reconcile.model.actions import CancelQueued, Write
from reconcile.model.device import DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.plan import Change, Notice
from reconcile.model.recorded import DeliveryState, RecordedResource, RecordedRun
from reconcile.model.rollout import Rollout, RolloutMark
from reconcile.model.values import ABSENT, UNKNOWN, Missing, is_secret
from reconcile.planner.delta import Delta
from reconcile.planner.form import Draft
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect

Work: TypeAlias = "tuple[Situation, Delta, tuple[Draft, ...]]"

WITHDRAWN = "its rollout was aborted: what was not delivered is withdrawn"
SET_BACK = "its rollout was aborted: the device did not report it yet, so it goes back"
HELD = "the rollout of profile {} was aborted"


def nobody(_desired: DesiredDevice) -> Situation | None:
    """Knows no device."""
    return None


def nothing(_situation: Situation, _work: Delta) -> Sequence[Notice]:
    """Blocks nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan knows when it spreads work over waves. `alone` are devices that are held or could not be read;
    `blocks` says what protected would be sent without a line; `situate` gives the situation of a device that is settled
    as recorded, and None of one that the plan must not touch.
    """

    situations: Sequence[Situation]
    dialects: Mapping[str, Dialect]
    now: datetime
    alone: Collection[DeviceRef] = ()
    blocks: Callable[[Situation, Delta], Sequence[Notice]] = nothing
    situate: Callable[[DesiredDevice], Situation | None] = nobody


@dataclass(slots=True)
class Halt:
    """What is taken back, by device, and what is left alone. Counts: by how much those of the plan move."""

    taken_back: dict[DeviceRef, Work] = field(default_factory=dict)
    held: list[Notice] = field(default_factory=list)
    blocked: list[Notice] = field(default_factory=list)
    changing: int = 0
    waiting: int = 0
    settled: int = 0


def halt(rollout: Rollout, governed: Sequence[Work], ground: Ground, others: Iterable[DesiredDevice]) -> Halt:
    """What an abort makes of the work of a rollout, and of `others`: its devices that nothing else is planned for."""
    result = Halt()
    begun = {situation.device.ref: work for situation, work, _ in governed}
    mine = [one for one in ground.situations if one.document.rollout == rollout.profile]
    known = {one.device.ref for one in mine}
    more = (ground.situate(one) for one in others if one.device.ref not in known)
    for situation in (*mine, *(one for one in more if one is not None)):
        ref = situation.device.ref
        if ref in ground.alone:
            continue
        back, notices = _allowed(rollout, situation, ground)
        result.blocked.extend(notices)
        if back is not None:
            result.taken_back[ref] = back
            result.changing += ref not in begun
        elif ref in begun:
            result.held.extend([] if notices else [Notice(ref, HELD.format(rollout.profile))])
            result.changing -= not begun[ref].conflicts
        if ref not in begun and (back is not None or notices):
            is_waiting = _is_waiting(situation)
            result.waiting -= is_waiting
            result.settled -= not is_waiting
    return result


def _is_waiting(situation: Situation) -> bool:
    record = situation.recorded
    if record is None:
        return False
    found: list[RecordedResource | RecordedRun] = [*record.resources.values(), *record.runs.values()]
    return any(situation.delivery_of(one).is_open for one in found)


def _allowed(rollout: Rollout, situation: Situation, ground: Ground) -> tuple[Work | None, Sequence[Notice]]:
    """What is taken back of a device; where a value may not go back, the commands all the same."""
    work = _taken_back(rollout, situation, goes_back=True)
    notices = () if work is None else ground.blocks(situation, work)
    if notices:
        work = _taken_back(rollout, situation, goes_back=False)
    if work is None:
        return None, notices
    drafts = [Draft(CancelQueued(uuid, paths)) for uuid, paths in sorted(work.withdrawals.items())]
    if work.writes:
        versions = {write.path: situation.expected_version(write.path) for write in work.writes}
        dialect = ground.dialects[situation.device.ref.platform]
        sets = dialect.write_actions(work.writes, versions, situation.document.delivery, is_now=False)
        drafts += [Draft(action) for action in sets]
    return (situation, work, tuple(drafts)), notices


def _taken_back(rollout: Rollout, situation: Situation, *, goes_back: bool) -> Delta | None:
    record = situation.recorded
    mark = None if record is None else record.rollout
    if record is None or mark is None or not _is_told(rollout, situation, mark):
        return None
    back = Delta()
    for path, resource in sorted(record.resources.items()):
        if resource.accepted_at < mark.at:
            continue
        if situation.delivery_of(resource) is DeliveryState.QUEUED:
            uuid = resource.command_uuid or ""
            back.withdrawals[uuid] = (*back.withdrawals.get(uuid, ()), path)
            held = UNKNOWN if isinstance(resource.confirmed, Missing) else resource.confirmed
            back.changes.append(Change(path, "update", resource.value, held, WITHDRAWN))
        elif goes_back and _may_go_back(situation, resource):
            _set_back(back, resource)
    _withdraw_runs(situation, mark, back)
    if not (back.withdrawals or back.writes):
        return None
    back.waiting.append(Notice(situation.device.ref, WITHDRAWN))  # so that the device is not taken to be settled
    return back


def _is_told(rollout: Rollout, situation: Situation, mark: RolloutMark) -> bool:
    """Whether the device was sent this change: in this rollout, or in one that differs by its words alone."""
    is_same = mark.profile == rollout.profile and mark.document == situation.document.digest
    return mark.id == rollout.id or is_same


def _may_go_back(situation: Situation, resource: RecordedResource) -> bool:
    """Ours still, seen by this plan, not reported by the device, and not what it reported last.

    An earlier secret is known by its fingerprint alone, and cannot be sent again.
    """
    path = resource.path
    if resource.delivery is not DeliveryState.ACCEPTED or resource.value is None or not situation.covers(path):
        return False
    seen = situation.observed_resource(path)
    if seen.version is None or seen.version != resource.version or isinstance(seen.cloud, Missing):
        return False
    is_held = any(situation.same(path, resource.value, value) for value in (seen.reported, resource.confirmed))
    return not (is_held or is_secret(resource.value) or is_secret(resource.confirmed))


def _set_back(back: Delta, resource: RecordedResource) -> None:
    path, before = resource.path, resource.confirmed
    if isinstance(before, Missing):
        back.writes.append(Write(path, None, resource.value_type))
        back.releases.append(path)
        back.changes.append(Change(path, "clear", resource.value, ABSENT, SET_BACK))
    else:
        back.writes.append(Write(path, before, resource.value_type))
        back.changes.append(Change(path, "update", resource.value, before, SET_BACK))


def _withdraw_runs(situation: Situation, mark: RolloutMark, back: Delta) -> None:
    assert situation.recorded is not None
    commands = {command.name: command for command in situation.document.commands}
    for name, run in sorted(situation.recorded.runs.items()):
        command = commands.get(name)
        if command is None or run.at < mark.at or run.command_uuid is None:
            continue
        if situation.delivery_of(run) is DeliveryState.QUEUED:
            back.withdrawals[run.command_uuid] = (command.execute,)
            back.withdrawn_runs.append(name)
            back.changes.append(Change(command.execute, "run", command.args, UNKNOWN, f"{name}: {WITHDRAWN}"))
