"""Order inside a device: what must be confirmed before something else is sent, and what therefore waits.

Premise: `after: [A]` on B says that no device may hold B's new value before A's. A cloud that took a write has not
delivered it, delivers in an order of its own, and may deliver again; only the device's word is confirmation.
Rule: B is written when everything that it follows, directly or not, is known to be held: its declared value is recorded
as confirmed, reported, or found in place. In one plan with A only when A is answered by the device at once, in a later
request; else B waits for the run after A's confirmation. A write of A that is withdrawn because the device holds what
git wants counts once the withdrawal succeeded. A command runs when all it follows is sent; with `waitFor: confirmed`
when all of that is confirmed, and no command declared before it is due or on its way. What a command goes before is
written when the command ran: in one plan with it only when the device answers both at once, else in a later one.
The obvious way, to queue B behind A, trusts the order of a queue that nobody promised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field

from reconcile.model.desired import Command, DeliveryMode, DesiredDocument, DesiredResource, Ownership
from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import same
from reconcile.planner import reach
from reconcile.planner.delta import Delta
from reconcile.planner.held import is_held
from reconcile.planner.later import put_off
from reconcile.planner.situation import Situation
from reconcile.planner.turns import Chains

_LATER = "withdrawn now, written in its turn"
_WRITTEN = (Ownership.ENFORCE, Ownership.SEED)


def followed_by(resources: Iterable[DesiredResource]) -> dict[str, frozenset[str]]:
    """For each resource with an `after` all that it follows, directly or not. A circle ends where it began."""
    direct = {resource.path: resource.after for resource in resources if resource.after}
    found: dict[str, frozenset[str]] = {}
    for path, after in direct.items():
        seen: set[str] = set()
        left = list(after)
        while left:
            earlier = left.pop()
            if earlier not in seen:
                seen.add(earlier)
                left += direct.get(earlier, ())
        found[path] = frozenset(seen)
    return found


def followed_by_command(document: DesiredDocument, command: Command) -> tuple[str, ...]:
    """What a command waits for: what it runs after; with a trigger, all that is written."""
    if command.trigger is None:
        return command.after
    return tuple(resource.path for resource in document.resources if resource.ownership in _WRITTEN)


def runs_first(situation: Situation, command: Command) -> bool:
    """Whether the command goes in one plan with what it is declared before: the device answers it at once, and it
    waits for nothing itself.
    """
    if not command.before or command.after or command.waits_for_confirmation:
        return False
    delivery = situation.document.delivery
    return delivery.mode is DeliveryMode.NOW and reach.choose(situation).is_now


def keep_order(situation: Situation, work: Delta) -> None:
    """Puts off the writes and runs whose turn has not come."""
    document = situation.document
    before = followed_by(document.resources)
    if not before and not work.unfinished and not any(each.waits_for_confirmation for each in document.commands):
        return
    turn = _Turn(situation, work, before)
    later = turn.of_writes()
    for reason, paths in _by_reason(later).items():
        put_off(situation, work, paths, (), reason=reason, then=_LATER)
    waiting = turn.of_runs(later)
    for name, reason in waiting.items():
        put_off(situation, work, (), (name,), reason=reason, then=_LATER)
    awaited = {command.name: followed_by_command(document, command) for command in document.commands}
    work.turns = Chains(document, before, awaited, later, waiting).longest()


def needs_report(document: DesiredDocument, record: RecordedDevice | None) -> bool:
    """Whether something not yet written follows a value that only the device's report can confirm."""
    if record is None or not any(resource.after for resource in document.resources):
        return False
    known = record.timeless
    before = followed_by(document.resources)
    return any(
        _is_accepted_only(known.get(earlier))
        for resource in document.resources
        if resource.after and not _is_recorded(resource, known.get(resource.path))
        for earlier in before[resource.path]
    )


def _is_recorded(desired: DesiredResource, record: RecordedResource | None) -> bool:
    return record is not None and same(desired.value, record.value)


def _is_accepted_only(record: RecordedResource | None) -> bool:
    return record is not None and record.delivery is DeliveryState.ACCEPTED


@dataclass(slots=True)
class _Turn:
    """Whose turn it is on one device. `going`: writes of this plan that the device answers at once."""

    situation: Situation
    work: Delta
    before: Mapping[str, frozenset[str]]
    going: set[str] = field(default_factory=set)

    def of_writes(self) -> dict[str, str]:
        """Writes that wait, and for what."""
        pending = {write.path for write in self.work.writes}
        is_answered = not self.situation.capabilities.has_cloud_copy and reach.choose(self.situation).is_now
        later: dict[str, str] = {}
        unrun = self._unrun()
        # What follows more is judged after what it follows.
        for path in sorted(pending, key=lambda each: (len(self.before.get(each, ())), each)):
            lacking = self._lacking(self.before.get(path, ()), pending)
            if lacking:
                later[path] = _awaiting(lacking)
            elif path in unrun:
                later[path] = unrun[path]
            elif is_answered:
                self.going.add(path)
        return later

    def of_runs(self, later: Mapping[str, str]) -> dict[str, str]:
        """Commands that wait, and for what; `later` are the writes that wait."""
        waiting: dict[str, str] = {}
        pending = {write.path for write in self.work.writes} | set(later)
        due = {command.name for command, _ in self.work.runs}
        for command, _ in self.work.runs:
            blocked = [later[path] for path in command.after if path in later]
            follows = followed_by_command(self.situation.document, command)
            lacking = self._lacking(follows, pending) if command.waits_for_confirmation else ()
            earlier = self._unfinished(command, due) if command.waits_for_confirmation else ()
            if blocked:
                waiting[command.name] = blocked[0]
            elif lacking:
                waiting[command.name] = _awaiting(lacking)
            elif earlier:
                waiting[command.name] = f"after command {earlier[0]} ran"
        return waiting

    def _unrun(self) -> dict[str, str]:
        """What waits for a command to run, and the reason; not where it runs first in this very plan."""
        due = {command.name for command, _ in self.work.runs}
        return {
            path: self.work.unfinished[command.name]
            for command in self.situation.document.commands
            if command.name in self.work.unfinished
            and not (command.name in due and runs_first(self.situation, command))
            for path in command.before
        }

    def _lacking(self, paths: Collection[str], pending: Collection[str]) -> tuple[str, ...]:
        return tuple(
            path
            for path in sorted(paths)
            if path not in self.going and (path in pending or not is_held(self.situation, self.work, path))
        )

    def _unfinished(self, command: Command, due: Collection[str]) -> Sequence[str]:
        """Commands declared before that one that are on their way, or are queued by this plan.

        An instant one is answered at once: the step of the later command follows its step.
        """
        names = [each.name for each in self.situation.document.commands]
        is_answered = reach.choose(self.situation).is_now and self.situation.document.delivery.mode is DeliveryMode.NOW
        return [
            name
            for name in names[: names.index(command.name)]
            if (name in due and not is_answered) or self._is_open(name)
        ]

    def _is_open(self, name: str) -> bool:
        run = self.situation.recorded_run(name)
        if run is None or run.command_uuid in self.work.withdrawals:
            return False
        return self.situation.delivery_of(run).is_open


def _awaiting(paths: Sequence[str]) -> str:
    return f"after {', '.join(paths)} is confirmed"


def _by_reason(later: Mapping[str, str]) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = {}
    for path, reason in sorted(later.items()):
        grouped.setdefault(reason, set()).add(path)
    return grouped
