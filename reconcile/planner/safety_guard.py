"""Protected resources: a plan sends to one only where a manifest allows it, and says so at the top.

Premise: a value that strands a device cannot be taken back by a later one.
Rule: when something that would be sent to a device is protected and no line of `allow:` covers it, nothing is sent to
that device: what was reviewed together goes together or not at all. The rest of the fleet goes on; nothing of it
depends on that device. Recording a value that is there already, withdrawing a command and letting go send nothing.
The obvious way, to block the whole plan, would let one line of one profile keep every other device from its changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime

from reconcile.model.actions import Action, CancelQueued, QueueWrite, WriteNow, touched
from reconcile.model.desired import WriteMode
from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import NOWHERE, Diagnostic, Severity, Span
from reconcile.model.fleet import Safety
from reconcile.model.late import dataclass
from reconcile.model.plan import Notice
from reconcile.model.protection import REPLACE, RESOURCE, Allowance, AllowedWrite
from reconcile.model.values import ABSENT, UNKNOWN, Known, Missing
from reconcile.planner.delta import Delta
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect, KnowsDangers

_SAMPLES = 3
_REPLACES = "it replaces the whole object instance (writeMode replace): the device may delete its other values"
_BLOCKED = {RESOURCE: ("RCL704", "protected resource"), REPLACE: ("RCL705", "replacing write")}
_SUMMARIES = {
    RESOURCE: "change of a protected resource is not allowed",
    REPLACE: "replacing write is not allowed",
}


@dataclass(frozen=True, slots=True)
class _Danger:
    """Something protected that a device would be sent."""

    kind: str
    resource: str
    why: str


@dataclass(slots=True)
class _Sent:
    devices: int = 0
    sample: list[DeviceRef] = field(default_factory=list)

    def add(self, ref: DeviceRef) -> None:
        self.devices += 1
        if len(self.sample) < _SAMPLES:
            self.sample.append(ref)


@dataclass(slots=True)
class Guard:
    """What one plan would do to protected resources, device by device."""

    safety: Safety
    dialects: Mapping[str, Dialect]
    _blocked: dict[_Danger, tuple[_Sent, Span]] = field(default_factory=dict)
    _allowed: dict[tuple[_Danger, Allowance], _Sent] = field(default_factory=dict)
    _knowing: dict[str, tuple[Dialect, KnowsDangers] | None] = field(default_factory=dict)

    def blocks(self, situation: Situation, work: Delta) -> list[Notice]:
        """What keeps the device from being sent anything; nothing when all of it may go."""
        device, found = situation.device, []
        for danger in self._dangers(situation, work):
            if self._line(self.safety.allowances, danger, device) is not None:
                continue
            resource = situation.declared().get(danger.resource)
            place = NOWHERE if resource is None else resource.span
            self._blocked.setdefault(danger, (_Sent(), place))[0].add(device.ref)
            found.append(self._notice(situation, work, danger))
        return found

    def forbidden(self, device: Device, actions: Iterable[Action]) -> str | None:
        """What of a device's requests is protected and allowed by no line; None when all of it may go."""
        dangers = (each for action in actions for each in self._in_action(device, action))
        found = next((one for one in dangers if self._line(self.safety.allowances, one, device) is None), None)
        return None if found is None else found.resource

    def sends(self, device: Device, actions: Iterable[Action]) -> None:
        """Takes note of the lines of `allow:` that the requests of a device need."""
        for danger in dict.fromkeys(each for action in actions for each in self._in_action(device, action)):
            line = self._line(self.safety.allowances, danger, device)
            if line is not None:
                self._allowed.setdefault((danger, line), _Sent()).add(device.ref)

    def allowed(self) -> tuple[AllowedWrite, ...]:
        """What is sent to protected resources all the same, and why it may be."""
        return tuple(
            AllowedWrite(
                danger.resource, danger.why, sent.devices, tuple(sent.sample), line.reason, line.until, str(line.span)
            )
            for (danger, line), sent in sorted(
                self._allowed.items(), key=lambda item: (item[0][0].resource, str(item[0][1].span))
            )
        )

    def expires(self, at: datetime) -> datetime:
        """When the plan ends: at that time, or before with the first line of `allow:` that it needs."""
        return min([at, *(line.until for _, line in self._allowed)])

    def diagnostics(self) -> Iterator[Diagnostic]:
        """RCL704 and RCL705 for what is blocked, RCL707 for lines that nothing needs; all are warnings."""
        for danger, (sent, place) in sorted(self._blocked.items(), key=lambda item: item[0].resource):
            code, what = _BLOCKED[danger.kind]
            devices = f"{sent.devices} devices ({sent.sample[0]}, …)" if sent.devices > 1 else str(sent.sample[0])
            detail = (
                f"{what} {danger.resource} on {devices}: {danger.why}. Nothing is sent there. If it is meant, add to "
                f"`safety:` of the Fleet, the Profile or the Device `allow: [{{{danger.kind}: {danger.resource}, "
                "reason: WHY, until: LAST-DAY}]`"
            )
            yield Diagnostic(code, _SUMMARIES[danger.kind], f"{detail}.", place, Severity.WARNING)
        used = {line for _, line in self._allowed}
        limits = [line for one in self.safety.profiles for line in one.allowances]
        for line in (*self.safety.allowances, *limits):
            if not line.is_declared and line not in used:
                detail = f"`{line.what}`: nothing that the manifests declare needs it. Delete it, or correct it."
                yield Diagnostic("RCL707", "allowance is not needed", detail, line.span, Severity.WARNING)

    def _dangers(self, situation: Situation, work: Delta) -> Iterator[_Danger]:
        """Of all that the device is to be sent, now or when its turn comes."""
        writes = [write.path for write in work.writes]
        if not situation.capabilities.has_cloud_copy and situation.document.delivery.write_mode is WriteMode.REPLACE:
            yield from (
                _Danger(REPLACE, each, _REPLACES) for each in dict.fromkeys(p.rpartition("/")[0] for p in writes)
            )
        for path in dict.fromkeys([*writes, *(command.execute for command, _ in work.runs)]):
            why = self._why(situation.device, path)
            if why is not None:
                yield _Danger(RESOURCE, path, why)

    def _in_action(self, device: Device, action: Action) -> Iterator[_Danger]:
        if isinstance(action, CancelQueued):
            return
        if isinstance(action, WriteNow | QueueWrite) and action.write_mode is WriteMode.REPLACE:
            yield _Danger(REPLACE, action.instance, _REPLACES)
        for path in touched(action):
            why = self._why(device, path)
            if why is not None:
                yield _Danger(RESOURCE, path, why)

    def _why(self, device: Device, path: str) -> str | None:
        platform = device.ref.platform
        if platform not in self._knowing:  # to ask a class whether it has the method is slow
            dialect = self.dialects[platform]
            self._knowing[platform] = (dialect, dialect) if isinstance(dialect, KnowsDangers) else None
        knowing = self._knowing[platform]
        known = None if knowing is None else knowing[1].danger(knowing[0].model_key(device.identity), path)
        if known is not None:
            return known
        return next((p.why for p in self.safety.protected if p.pattern.matches(path) and p.covers(device)), None)

    @staticmethod
    def _line(lines: Iterable[Allowance], danger: _Danger, device: Device) -> Allowance | None:
        return next(
            (
                line
                for line in lines
                if line.kind == danger.kind and line.pattern.matches(danger.resource) and line.covers(device)
            ),
            None,
        )

    def _notice(self, situation: Situation, work: Delta, danger: _Danger) -> Notice:
        ended = self._line(self.safety.ended, danger, situation.device)
        reason = f"protected: {danger.why}; no manifest allows it"
        if ended is not None:
            reason = f"protected: {danger.why}; what allowed it ended at {ended.until.astimezone(UTC).isoformat()}"
        if danger.kind == REPLACE:
            return Notice(situation.device.ref, reason, danger.resource)
        change = next((c for c in work.changes if c.resource == danger.resource), None)
        record = situation.recorded_resource(danger.resource)
        has_value = change is not None and not (change.action == "run" and change.after is None)
        wanted: Known = change.after if change is not None and has_value else ABSENT
        known: Known = ABSENT if record is None else record.value
        seen = situation.cloud_value(danger.resource, None if isinstance(wanted, Missing) else wanted)
        return Notice(situation.device.ref, reason, danger.resource, wanted, known, ABSENT if seen is UNKNOWN else seen)
