"""Which commands of a device are due: once for each change they follow or go before, or for each new trigger.

Premise: an Execute is not repeated unless somebody asked for it again, and no cloud says whether it ran twice.
Rule, by what makes it run: a command with `after` is due with a write of what it follows, and is owed from then on
until it was accepted; one with `trigger` for each new value of that text; one with neither, by `before`, as soon as
something it goes before is to be written and it did not run for that change yet. A run counts for a change until the
device holds what was written after it, so a write that is lost and goes again needs no second run. A run that expired
goes again with back-off (`retry.py`); one that failed does not, and what comes after it waits for a person.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from reconcile.model.desired import Command
from reconcile.model.epoch import is_from_before
from reconcile.model.late import dataclass
from reconcile.model.recorded import TRIGGERED, DeliveryState, RecordedRun
from reconcile.model.values import Json, canonical, short_digest
from reconcile.planner.anew import must_run_anew
from reconcile.planner.owed import still_owed
from reconcile.planner.retry import Retry, next_run
from reconcile.planner.situation import Situation

_GONE = (DeliveryState.EXPIRED, DeliveryState.CANCELLED)


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """What becomes of one command: `is_due` runs it, unless `retry` says not yet; `is_withdrawn` its earlier run goes.

    `unfinished` says why what it goes before has to wait; "" when nothing has to.
    """

    key: str
    is_due: bool
    is_withdrawn: bool
    retry: Retry | None = None
    unfinished: str = ""


def run_key(situation: Situation, command: Command) -> str:
    """What a run answers to: its trigger, or the wanted values of the resources it follows or goes before."""
    if command.trigger is not None:
        return TRIGGERED + command.trigger
    declared = situation.declared()
    paths = command.after or command.before
    values: list[Json] = [[path, declared[path].value if path in declared else None] for path in paths]
    return short_digest(canonical(values))


def judge_run(situation: Situation, command: Command, written: AbstractSet[str]) -> RunVerdict:
    """The verdict on one command, given the resources that are to be written."""
    key = run_key(situation, command)
    last = situation.recorded_run(command.name)
    delivery = None if last is None else situation.delivery_of(last)
    has_expired = delivery in _GONE
    is_follow_up = command.trigger is None and not written.isdisjoint(command.after)
    is_due = is_follow_up or _is_due(situation, command, last, key, written) or must_run_anew(situation, last, key)
    may_retry = is_due and not is_follow_up and (has_expired or delivery is DeliveryState.FAILED)
    retry = next_run(situation, last, key) if may_retry else None
    is_open = last is not None and last.command_uuid is not None and delivery is not None and delivery.is_open
    is_withdrawn = is_open and last is not None and (is_due or last.key != key)
    return RunVerdict(key, is_due, is_withdrawn, retry, _unfinished(situation, command, last, key, is_due=is_due))


def _is_due(
    situation: Situation, command: Command, last: RecordedRun | None, key: str, written: AbstractSet[str]
) -> bool:
    if command.trigger is None and not command.after:
        return _is_due_before(situation, command, last, key, written)
    if last is None:
        return command.trigger is not None
    has_expired = situation.delivery_of(last) in _GONE
    if command.trigger is not None:
        return (last.key != key and key not in last.past) or last.is_owed or has_expired
    return (last.key == key and (last.is_owed or has_expired)) or still_owed(situation, command, last)


def _is_due_before(
    situation: Situation, command: Command, last: RecordedRun | None, key: str, written: AbstractSet[str]
) -> bool:
    """Whether something it goes before is to be written, and no run counts for that change."""
    ahead = [path for path in command.before if path in written]
    if not ahead:
        return False
    if last is None or last.key != key or last.is_owed:
        return True
    delivery = situation.delivery_of(last)
    if delivery is DeliveryState.FAILED:
        return situation.retries_lost and last.command_uuid is not None
    if delivery is DeliveryState.CONFIRMED:
        return not all(_counts_for(situation, last, path) for path in ahead)
    return not delivery.is_open


def _counts_for(situation: Situation, last: RecordedRun, path: str) -> bool:
    """Whether a run still stands for the write of that resource.

    Written since, it does until the device holds that; not written since, until the device was brought to a document
    without it: then the change that it ran for was taken back.
    """
    device, record = situation.recorded, situation.recorded_resource(path)
    if device is None or is_from_before(device, last):
        return False
    if record is None or record.accepted_at <= last.at:
        return device.digest is None
    is_held = situation.delivery_of(record) is DeliveryState.CONFIRMED
    return not (is_held and record.confirmed_at is not None and record.confirmed_at > last.at)


def _unfinished(situation: Situation, command: Command, last: RecordedRun | None, key: str, *, is_due: bool) -> str:
    """Why what the command goes before has to wait."""
    if not command.before:
        return ""
    waits = f"after command {command.name} ran"
    delivery = None if last is None else situation.delivery_of(last)
    if last is None or delivery is None or is_due or delivery.is_open:
        return waits if is_due or last is not None else ""
    if last.key != key or delivery is not DeliveryState.FAILED:
        return ""
    if last.command_uuid is None:
        return f"{waits}: nobody can tell, see `reconcile state settle`"
    may_again = command.trigger is None and not command.after
    return f"{waits}: it failed; --retry-failed runs it again" if may_again else f"{waits}: it failed"
