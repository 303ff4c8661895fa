"""Rollouts in a plan: steps get their waves; an aborted rollout sends nothing more, and withdraws what still waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from reconcile.model.actions import CancelQueued
from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.fleet import DesiredDevice
from reconcile.model.plan import Change, Notice, PlannedDevice
from reconcile.model.recorded import DeliveryState
from reconcile.model.rollout import Rollout, RolloutMark, Ticket
from reconcile.model.rollout_note import RolloutNote
from reconcile.model.values import UNKNOWN, Missing
from reconcile.planner.delta import Delta
from reconcile.planner.forecast import Outlook
from reconcile.planner.form import Draft
from reconcile.planner.rollout_gate import Standing
from reconcile.planner.rollout_stage import Member, Stage, placed, rhythm_s, stage
from reconcile.planner.rollout_waves import Candidate, TooManyCanariesError, assign
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect

Work: TypeAlias = "tuple[Situation, Delta, tuple[Draft, ...]]"

WITHDRAWN = "its rollout was aborted: what was not delivered is withdrawn"
HELD = "the rollout of profile {} was aborted"


@dataclass(frozen=True, slots=True)
class Rollouts:
    """The rollouts of the fleet by profile, and the devices of those that have anything to do, with their records."""

    rules: Mapping[str, Rollout] = field(default_factory=dict)
    members: Sequence[Member] = ()


@dataclass(slots=True)
class Spread:
    """Work, spread over waves. `changing` and `waiting`: by how much these counts move because of an abort."""

    works: list[Work]
    held: list[Notice] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    tickets: dict[DeviceRef, Ticket] = field(default_factory=dict)
    outlooks: dict[tuple[str, int], Outlook] = field(default_factory=dict)
    changing: int = 0
    waiting: int = 0

    def place(self, device: PlannedDevice) -> PlannedDevice:
        """The device with its wave."""
        ticket = self.tickets.get(device.ref)
        if ticket is None:
            return device
        steps = tuple(replace(step, wave=ticket.wave) for step in device.steps)
        return replace(device, steps=steps, rollout=ticket)

    def notes(self, devices: Sequence[PlannedDevice], rates: Mapping[str, float]) -> tuple[RolloutNote, ...]:
        """What the plan tells of its rollouts."""
        calls: dict[tuple[str, int, str], int] = defaultdict(int)
        for device in devices:
            if device.rollout is not None:
                calls[device.rollout.profile, device.rollout.wave, device.ref.platform] += device.calls
        return tuple(self._forecast(one.note(), calls, rates) for one in self.stages)

    def _forecast(
        self, note: RolloutNote, calls: Mapping[tuple[str, int, str], int], rates: Mapping[str, float]
    ) -> RolloutNote:
        waves = []
        for wave in note.waves:
            outlook = self.outlooks.get((note.profile, wave.number))
            seconds = [calls.get((note.profile, wave.number, name), 0) / rate for name, rate in rates.items()]
            forecast = outlook.forecast() if outlook is not None and outlook.devices else None
            waves.append(replace(wave, accepted_s=round(max(seconds, default=0.0), 2), forecast=forecast))
        return replace(note, waves=tuple(waves))


def spread(
    rollouts: Rollouts,
    works: Sequence[Work],
    situations: Sequence[Situation],
    dialects: Mapping[str, Dialect],
    now: datetime,
) -> Spread:
    """The work by waves; without rollouts, as it was."""
    result = Spread(list(works))
    if not rollouts.rules:
        return result
    governed: dict[str, list[Work]] = defaultdict(list)
    for each in works:
        if each[2]:
            governed[each[0].document.rollout or ""].append(each)
    members: dict[str, list[Member]] = defaultdict(list)
    for member in rollouts.members:
        members[member.desired.document.rollout or ""].append(member)
    for name, rollout in sorted(rollouts.rules.items()):
        try:
            waves = _waves(rollout, governed[name], members[name], dialects, now)
        except TooManyCanariesError as exc:
            result.diagnostics.append(_too_many(rollout, *exc.args))
            continue
        sent = {each.ref: each.wave for each in placed(rollout, members[name], now)}
        found = stage(rollout, waves, members[name], now)
        if not (governed[name] or sent):
            continue
        result.stages.append(found)
        if found.standing is Standing.ABORTED:
            _stop(result, rollout, governed[name], [one for one in situations if one.document.rollout == name])
            continue
        for each in governed[name]:
            ref = each[0].device.ref
            _place(result, rollout, each, sent.get(ref) or waves[ref])
    result.works.sort(key=lambda each: each[0].device.ref)
    return result


def _place(result: Spread, rollout: Rollout, work: Work, wave: int) -> None:
    situation, needs, drafts = work
    result.tickets[situation.device.ref] = Ticket(rollout.profile, rollout.id, wave, situation.document.digest)
    outlook = result.outlooks.setdefault((rollout.profile, wave), Outlook())
    outlook.add(situation, [draft.action for draft in drafts], needs.turns)


def _waves(
    rollout: Rollout,
    governed: Sequence[Work],
    members: Sequence[Member],
    dialects: Mapping[str, Dialect],
    now: datetime,
) -> dict[DeviceRef, int]:
    """The waves of devices that were not sent yet."""
    sent = placed(rollout, members, now)
    known = {each.ref for each in sent}
    waiting = [
        Candidate(
            situation.device.ref,
            situation.device.labels,
            dialects[situation.device.ref.platform].model_key(situation.device.identity),
            rhythm_s(DesiredDevice(situation.device, situation.document), situation.recorded),
        )
        for situation, _, _ in governed
        if situation.device.ref not in known
    ]
    return assign(rollout, waiting, sent)


def _too_many(rollout: Rollout, needed: int, allowed: int) -> Diagnostic:
    return Diagnostic(
        "RCL713",
        "rollout needs more canaries than it allows",
        f"profile {rollout.profile}: {needed} combinations of {', '.join(rollout.waves[0].cover)} are touched, "
        f"canaries.atMost is {allowed}. Cover fewer labels, or raise it.",
        rollout.span,
    )


def _stop(result: Spread, rollout: Rollout, governed: Sequence[Work], situations: Sequence[Situation]) -> None:
    """Nothing more is sent; what still waits in a queue since the rollout began is withdrawn."""
    begun = {situation.device.ref: work for situation, work, _ in governed}
    withdrawals = {one.device.ref: back for one in situations if (back := _withdrawal(one, rollout)) is not None}
    result.works = [each for each in result.works if each[0].device.ref not in begun]
    for situation in situations:
        ref = situation.device.ref
        if ref in withdrawals:
            result.works = [each for each in result.works if each[0].device.ref != ref]
            result.works.append(withdrawals[ref])
            result.changing += ref not in begun
            result.waiting -= ref not in begun
        elif ref in begun:
            result.held.append(Notice(ref, HELD.format(rollout.profile)))
            result.changing -= not begun[ref].conflicts


def _withdrawal(situation: Situation, rollout: Rollout) -> Work | None:
    record = situation.recorded
    mark = None if record is None else record.rollout
    if record is None or mark is None or mark.id != rollout.id:
        return None
    back = Delta()
    for path, resource in sorted(record.resources.items()):
        if resource.accepted_at >= mark.at and situation.delivery_of(resource) is DeliveryState.QUEUED:
            uuid = resource.command_uuid or ""
            back.withdrawals[uuid] = (*back.withdrawals.get(uuid, ()), path)
            held = UNKNOWN if isinstance(resource.confirmed, Missing) else resource.confirmed
            back.changes.append(Change(path, "update", resource.value, held, WITHDRAWN))
    _withdraw_runs(situation, mark, back)
    if not back.withdrawals:
        return None
    back.waiting.append(Notice(situation.device.ref, WITHDRAWN))  # so that the device is not taken to be settled
    return situation, back, tuple(Draft(CancelQueued(uuid, paths)) for uuid, paths in sorted(back.withdrawals.items()))


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
