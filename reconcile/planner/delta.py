"""What one device needs: verdicts of its resources and commands, gathered and made consistent.

A cached command lives or dies whole: when one of the resources it carries must change, all of it is withdrawn, and what
is still wanted of the rest is written again.
"""

from __future__ import annotations

from dataclasses import field, replace

from reconcile.model.actions import Write
from reconcile.model.desired import Command, DesiredResource, OnRemoval, Ownership
from reconcile.model.late import dataclass
from reconcile.model.plan import Adoption, Change, Notice
from reconcile.model.recorded import DeliveryState, RecordedResource
from reconcile.model.values import ABSENT, UNKNOWN, Json, Known, Missing
from reconcile.planner.anew import anew
from reconcile.planner.commands import judge_run
from reconcile.planner.conflict import ADOPTED, conflict_notice, must_record, settle_conflict, undone
from reconcile.planner.drift import by_policy, drift_notice
from reconcile.planner.on_air import awaited, is_on_air, removal_notice, run_notice
from reconcile.planner.reach import Choice
from reconcile.planner.retry import next_removal
from reconcile.planner.situation import Situation
from reconcile.planner.verdict import SETTLED, Action, Verdict, judge, rests


@dataclass(slots=True)
class Delta:
    """The work on one device. `withdrawals` maps the uuid of a cached command to the paths it carries, `retries` the
    resources and commands that are queued again to the number of the retry.

    `waiting` is what goes later, `owed_runs` what the queue has no room for; `run_changes` is the change of each run.
    `unfinished` says by command why what it goes before has to wait; `turns` is how many uplinks more it all takes.
    """

    changes: list[Change] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    withdrawals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    withdrawn_runs: list[str] = field(default_factory=list)
    runs: list[tuple[Command, str]] = field(default_factory=list)
    adoptions: list[Adoption] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    conflicts: list[Notice] = field(default_factory=list)
    drift: list[Notice] = field(default_factory=list)
    run_changes: dict[str, Change] = field(default_factory=dict)
    waiting: list[Notice] = field(default_factory=list)
    owed_runs: list[tuple[str, str]] = field(default_factory=list)
    retries: dict[str, int] = field(default_factory=dict)
    unfinished: dict[str, str] = field(default_factory=dict)
    turns: int = 0
    choice: Choice | None = None

    @property
    def is_empty(self) -> bool:
        """True when nothing is sent and nothing recorded."""
        return not (self.changes or self.withdrawals)


def delta(situation: Situation) -> Delta:
    """All a device needs, in declared order; no request is formed yet."""
    work = Delta()
    declared = situation.declared()
    verdicts = {
        path: SETTLED if rests(situation, resource) or not situation.covers(path) else _judged(situation, resource)
        for path, resource in declared.items()
    }
    leaving = _leaving(situation, declared)
    doomed = _doomed_commands(situation, verdicts, leaving)
    work.withdrawals.update(doomed)
    for path, resource in declared.items():
        _apply_verdict(situation, work, resource, _with_siblings(situation, resource, verdicts[path], doomed))
    for record in leaving:
        _release(situation, work, record)
    for command in situation.document.commands:
        if situation.covers(command.execute):
            _consider_run(situation, work, command)
        elif command.before:  # it does not run in this plan, and what it goes before waits for it all the same
            unfinished = judge_run(situation, command, {write.path for write in work.writes}).unfinished
            work.unfinished |= {command.name: unfinished} if unfinished else {}
    _forget_runs(situation, work)
    return work


def _leaving(situation: Situation, declared: dict[str, DesiredResource]) -> list[RecordedResource]:
    if situation.recorded is None:
        return []
    records = situation.recorded.resources
    return [records[path] for path in sorted(records) if path not in declared and situation.covers(path)]


def _doomed_commands(
    situation: Situation, verdicts: dict[str, Verdict], leaving: list[RecordedResource]
) -> dict[str, tuple[str, ...]]:
    """Open cached commands of which at least one resource must change, with all the paths they carry."""
    if situation.recorded is None:
        return {}
    gone = {record.path for record in leaving if not record.is_leaving}
    carried: dict[str, list[str]] = {}
    doomed: set[str] = set()
    for path, record in sorted(situation.recorded.resources.items()):
        if record.command_uuid is None or situation.delivery_of(record) is not DeliveryState.QUEUED:
            continue
        carried.setdefault(record.command_uuid, []).append(path)
        if path in gone or verdicts.get(path, SETTLED).action in (Action.WRITE, Action.WITHDRAW):
            doomed.add(record.command_uuid)
    return {uuid: tuple(paths) for uuid, paths in carried.items() if uuid in doomed}


def _with_siblings(
    situation: Situation, resource: DesiredResource, verdict: Verdict, doomed: dict[str, tuple[str, ...]]
) -> Verdict:
    record = situation.recorded_resource(resource.path)
    if verdict.action is not Action.NONE or record is None or record.command_uuid not in doomed:
        return verdict
    if not situation.delivery_of(record).is_open or resource.ownership not in (Ownership.ENFORCE, Ownership.SEED):
        return verdict
    is_kept = resource.ownership is Ownership.SEED or not situation.covers(resource.path)
    value = record.value if is_kept else resource.value
    is_held = situation.same(resource.path, value, record.confirmed)
    action = Action.WITHDRAW if is_held else Action.WRITE
    return Verdict(action, record.value, "shares a queued command that is withdrawn", value=value)


def _judged(situation: Situation, resource: DesiredResource) -> Verdict:
    """The three-way verdict under the resource's policies."""
    verdict = settle_conflict(situation, resource, by_policy(situation, resource, judge(situation, resource)))
    return awaited(situation, resource, anew(situation, resource, verdict))


def _apply_verdict(situation: Situation, work: Delta, resource: DesiredResource, verdict: Verdict) -> None:
    path = resource.path
    if verdict.is_drift:
        work.drift.append(drift_notice(situation, resource, verdict))
    value = resource.value if verdict.value is None else verdict.value
    match verdict.action:
        case Action.NONE:
            return
        case Action.WAIT:
            work.waiting.append(_notice(situation, resource, verdict.before, verdict.reason))
        case Action.WRITE:
            _write(situation, work, resource, replace(verdict, value=value))
        case Action.WITHDRAW if verdict.is_let_go:
            work.changes.append(Change(path, "release", verdict.before, ABSENT, verdict.reason))
        case Action.WITHDRAW:
            work.changes.append(Change(path, "update", verdict.before, value, verdict.reason))
        case Action.ADOPT:
            version = situation.observed_resource(path).version
            work.adoptions.append(Adoption(path, resource.value, resource.value_type, version))
            work.changes.append(Change(path, "adopt", verdict.before, resource.value, verdict.reason))
        case Action.CONFLICT:
            work.conflicts.append(conflict_notice(situation, resource, verdict))
            if must_record(situation, resource, verdict):
                _adopt_foreign(situation, work, resource, verdict.before)


def _write(situation: Situation, work: Delta, resource: DesiredResource, verdict: Verdict) -> None:
    path, value = resource.path, verdict.value
    if verdict.retry:
        work.retries[path] = verdict.retry
    notice = undone(situation, resource, verdict)
    work.drift.extend([] if notice is None else [notice])
    work.writes.append(Write(path, value, resource.value_type))
    verb = _verb(situation, path, verdict.before, value)
    work.changes.append(Change(path, verb, verdict.before, value, verdict.reason))


def _adopt_foreign(situation: Situation, work: Delta, resource: DesiredResource, seen: Known) -> None:
    """Records what somebody else set, as `onConflict: adopt` says."""
    assert not isinstance(seen, Missing)
    path, version = resource.path, situation.observed_resource(resource.path).version
    work.adoptions.append(Adoption(path, seen, resource.value_type, version, over=resource.value))
    record = situation.recorded_resource(path)
    work.changes.append(Change(path, "adopt", ABSENT if record is None else record.value, seen, ADOPTED))


def _verb(situation: Situation, path: str, before: Known, value: Json) -> str:
    if value is None:
        return "clear"
    is_first = before is UNKNOWN and situation.recorded_resource(path) is None
    return "create" if before is ABSENT or is_first else "update"


def _notice(situation: Situation, resource: DesiredResource, seen: Known, reason: str) -> Notice:
    record = situation.recorded_resource(resource.path)
    known = ABSENT if record is None else record.value
    return Notice(situation.device.ref, reason, resource.path, resource.value, known, seen)


def _release(situation: Situation, work: Delta, record: RecordedResource) -> None:
    """A resource that left the manifests: forget it, or first clear it or set it once."""
    delivery = situation.delivery_of(record)
    is_withdrawn = record.command_uuid in work.withdrawals
    if record.is_leaving and delivery.is_open and not is_withdrawn:
        return
    if is_on_air(situation, record):
        work.waiting.append(removal_notice(situation, record))
        return
    retry = next_removal(situation, record)
    if retry is not None and not retry.is_due:
        work.waiting.append(Notice(situation.device.ref, retry.reason, record.path, record.value, record.value))
        return
    removal = OnRemoval("set", record.value, record.value_type) if record.is_leaving else record.on_removal
    work.releases.append(record.path)
    value = None if removal.kind == "clear" else removal.value
    is_gone = is_withdrawn or delivery.is_lost
    held = record.confirmed if is_gone else ABSENT if record.value is None else record.value
    wanted: Known = ABSENT if value is None else value
    if removal.kind == "release" or situation.same(record.path, wanted, held):
        work.changes.append(Change(record.path, "release", record.value, ABSENT, "left the manifests"))
        return
    work.writes.append(Write(record.path, value, removal.value_type))
    seen = situation.cloud_value(record.path, record.value, record.value_type)
    before = (UNKNOWN if held is ABSENT else held) if is_gone else record.value if isinstance(seen, Missing) else seen
    verb = "clear" if value is None else "update"
    reason = "left the manifests (onRemoval)"
    if retry is not None:
        work.retries[record.path], reason = retry.number, f"{reason}: {retry.reason}"
    work.changes.append(Change(record.path, verb, before, value, reason))


def _consider_run(situation: Situation, work: Delta, command: Command) -> None:
    verdict = judge_run(situation, command, {write.path for write in work.writes})
    if verdict.unfinished:
        work.unfinished[command.name] = verdict.unfinished
    retry, last = verdict.retry, situation.recorded_run(command.name)
    if retry is not None and not retry.is_due:
        args = ABSENT if command.args is None else command.args
        work.waiting.append(Notice(situation.device.ref, f"{command.name}: {retry.reason}", command.execute, args))
        return
    if verdict.is_withdrawn and is_on_air(situation, last):
        work.waiting.extend([run_notice(situation, command)] if verdict.is_due else [])
        work.owed_runs.extend([(command.name, verdict.key)] if verdict.is_due and command.trigger is None else [])
        return
    if verdict.is_withdrawn and last is not None and last.command_uuid is not None:
        work.withdrawals[last.command_uuid] = (command.execute,)
        work.withdrawn_runs.append(command.name)
        if not verdict.is_due:
            change = Change(command.execute, "run", command.args, ABSENT, f"{command.name}: withdrawn with its change")
            work.changes.append(change)
    if verdict.is_due:
        work.runs.append((command, verdict.key))
        reason = f"{command.name}: {_occasion(command)}"
        if retry is not None:
            work.retries[command.name] = retry.number
            reason = f"{command.name}: {retry.reason}"
        work.run_changes[command.name] = Change(command.execute, "run", ABSENT, command.args, reason)
        work.changes.append(work.run_changes[command.name])


def _occasion(command: Command) -> str:
    if command.trigger is not None:
        return "new trigger"
    return "after its resources change" if command.after else "before its resources change"


def _forget_runs(situation: Situation, work: Delta) -> None:
    """A command that left the manifests is withdrawn while it still waits; the record of its run stays."""
    if situation.recorded is None or situation.in_scope is not None:
        return
    declared = {command.name for command in situation.document.commands}
    for name, last in sorted(situation.recorded.runs.items()):
        if name in declared or last.command_uuid is None:
            continue
        if situation.delivery_of(last) is not DeliveryState.QUEUED:
            continue
        work.withdrawals[last.command_uuid] = ()
        work.withdrawn_runs.append(name)
        work.changes.append(Change(name, "release", last.key, ABSENT, "command left the manifests"))
