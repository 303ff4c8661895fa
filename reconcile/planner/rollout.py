"""Rollouts in a plan: steps get their waves; an aborted rollout sends nothing more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.plan import Notice, PlannedDevice
from reconcile.model.rollout import Rollout, Ticket
from reconcile.model.rollout_note import RolloutNote
from reconcile.planner.forecast import Outlook
from reconcile.planner.rollout_abort import Ground, Work, halt, nobody
from reconcile.planner.rollout_gate import Standing
from reconcile.planner.rollout_stage import Member, Stage, placed, rhythm_s, stage
from reconcile.planner.rollout_waves import Candidate, TooManyCanariesError, assign
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect


@dataclass(frozen=True, slots=True)
class Rollouts:
    """The rollouts of the fleet by profile, and the devices of those that have anything to do, with their records.

    `situate`: see `Ground`.
    """

    rules: Mapping[str, Rollout] = field(default_factory=dict)
    members: Sequence[Member] = ()
    situate: Callable[[DesiredDevice], Situation | None] = nobody


@dataclass(slots=True)
class Spread:
    """Work, spread over waves. `changing`, `waiting`, `settled`: by how much these counts move because of an abort."""

    works: list[Work]
    held: list[Notice] = field(default_factory=list)
    blocked: list[Notice] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    tickets: dict[DeviceRef, Ticket] = field(default_factory=dict)
    outlooks: dict[tuple[str, int], Outlook] = field(default_factory=dict)
    changing: int = 0
    waiting: int = 0
    settled: int = 0

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


def spread(rollouts: Rollouts, works: Sequence[Work], ground: Ground) -> Spread:
    """The work by waves; without rollouts, as it was."""
    result, now = Spread(list(works)), ground.now
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
            waves = _waves(rollout, governed[name], members[name], ground.dialects, now)
        except TooManyCanariesError as exc:
            result.diagnostics.append(_too_many(rollout, *exc.args))
            continue
        sent = {each.ref: each.wave for each in placed(rollout, members[name], now)}
        found = stage(rollout, waves, members[name], now)
        if not (governed[name] or sent):
            continue
        result.stages.append(found)
        if found.standing is Standing.ABORTED:
            _stop(result, rollout, governed[name], (ground, members[name]))
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


def _stop(result: Spread, rollout: Rollout, governed: Sequence[Work], known: tuple[Ground, Sequence[Member]]) -> None:
    ground, members = known
    now = ground.now
    halted = halt(rollout, governed, ground, [member.desired for member in members if member.mark(now) is not None])
    # A device that was to be recorded alone (its value was found in place) goes back, and is in the plan once.
    dropped = {situation.device.ref for situation, _, _ in governed} | halted.taken_back.keys()
    result.works = [each for each in result.works if each[0].device.ref not in dropped]
    result.works += halted.taken_back.values()
    result.held += halted.held
    result.blocked += halted.blocked
    result.changing += halted.changing
    result.waiting += halted.waiting
    result.settled += halted.settled
