"""Did it land? The verdict on an attempt in doubt, from evidence that the cloud gives. Pure.

| operation        | landed when                               | provably not when                        | until then |
| ---------------- | ----------------------------------------- | ---------------------------------------- | ---------- |
| set_desired      | every item at version + 1 with our value  | every item still at its version          | -          |
| clear_desired    | no desired value is left                  | one is left                              | -          |
| write_now        | the device reports every value            | token expired (then nothing can land)    | wait       |
| queue_*          | one with our expiry, not withdrawn        | valid_time + 3 s passed and none listed  | wait       |
| cancel_queued    | the command is listed as cancelled        | it still waits                           | -          |
| execute_now      | never provable                            | never provable                           | a person   |

A set that is neither (versions moved, other values) means somebody else wrote: the device is planned anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from reconcile.model.actions import (
    Action,
    CancelQueued,
    ClearDesired,
    ExecuteNow,
    QueueExecute,
    QueueWrite,
    SetDesired,
    WriteNow,
)
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedCommand, ObservedDevice
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import ABSENT, UNKNOWN, Known
from reconcile.ports import Accepted

HISTORY_LAG = timedelta(seconds=3)

Same: TypeAlias = Callable[[str, Known, Known], bool]


@dataclass(frozen=True, slots=True)
class Landed:
    """It happened; `duplicates` are further copies to withdraw."""

    accepted: Accepted
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotLanded:
    """It did not happen, or can no longer. `is_partial`: the device may hold some of it, so its values are unknown.

    `is_silent`: the device could not be asked at all.
    """

    is_partial: bool = False
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """Ask again; at `until` (server clock) at the latest the answer is final. None: the cloud could not be read."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody else changed it meanwhile: neither ours nor untouched."""


@dataclass(frozen=True, slots=True)
class NeedsOperator:
    """Nobody but a person can tell."""

    evidence: str


Verdict: TypeAlias = Landed | NotLanded | Undecided | Moved | NeedsOperator


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read back. `commands` is None when the list could not be read."""

    server_now: datetime
    observed: ObservedDevice | None = None
    commands: Sequence[ObservedCommand] | None = None


def judge(action: Action, not_after: datetime | None, marker: datetime | None, seen: Evidence, same: Same) -> Verdict:
    """The verdict on one attempt. `not_after` and `marker` are those of its journal entry."""
    match action:
        case SetDesired():
            return _set(action, seen, same)
        case ClearDesired():
            return _clear(action, seen)
        case WriteNow():
            return _write_now(action, not_after, seen, same)
        case QueueWrite():
            return _queued("write", not_after, marker, seen)
        case QueueExecute():
            return _queued("execute", not_after, marker, seen)
        case CancelQueued():
            return _cancelled(action, seen)
        case ExecuteNow():
            return NeedsOperator("an instant Execute whose answer was lost: look at the device")


def _set(action: SetDesired, seen: Evidence, same: Same) -> Verdict:
    if seen.observed is None or seen.observed.problem is not None:
        return Undecided()
    expected = dict(action.versions)
    versions: dict[str, int] = {}
    landed = untouched = 0
    for write in action.items:
        resource = seen.observed.resources.get(write.path)
        if resource is None or resource.cloud is UNKNOWN:
            return Undecided()
        version = resource.version or 0
        # What a clear does to the version is documented nowhere (decision 0008): it is judged by the value alone.
        if write.value is None and resource.cloud is ABSENT:
            landed += 1
        elif version == expected[write.path]:
            untouched += 1
        elif write.value is not None and same(write.path, write.value, resource.cloud):
            landed += version == expected[write.path] + 1
        versions[write.path] = version
    if landed == len(action.items):
        return Landed(Accepted(versions=versions))
    return NotLanded() if untouched == len(action.items) else Moved()


def _clear(action: ClearDesired, seen: Evidence) -> Verdict:
    if seen.observed is None or seen.observed.problem is not None:
        return Undecided()
    values = [seen.observed.resources.get(path) for path in action.paths]
    if any(value is None or value.cloud is UNKNOWN for value in values):
        return Undecided()
    return Landed(Accepted()) if all(value and value.cloud is ABSENT for value in values) else NotLanded()


def _write_now(action: WriteNow, not_after: datetime | None, seen: Evidence, same: Same) -> Verdict:
    reported: list[Known] = [UNKNOWN]
    if seen.observed is not None:
        resources = seen.observed.resources
        reported = [resources[w.path].reported if w.path in resources else UNKNOWN for w in action.writes]
        if all(same(w.path, w.value, value) for w, value in zip(action.writes, reported, strict=True)):
            return Landed(Accepted(is_confirmed=True, is_read_back=True))
    if not_after is not None and seen.server_now <= not_after:
        return Undecided(not_after)
    return NotLanded(is_partial=True, is_silent=all(value is UNKNOWN for value in reported))


def _queued(operation: str, not_after: datetime | None, marker: datetime | None, seen: Evidence) -> Verdict:
    final = None if not_after is None else not_after + HISTORY_LAG
    if seen.commands is None:
        return Undecided(final if final is not None and seen.server_now <= final else None)
    ours = [c for c in seen.commands if c.operation == operation and c.marker is not None and c.marker == marker]
    # One that was withdrawn never reached the device, ours or not: an earlier run may have withdrawn a command with
    # this very expiry, and its record is gone since.
    alive = [command for command in ours if command.delivery is not DeliveryState.CANCELLED]
    if alive:
        return Landed(Accepted(command_uuid=alive[0].uuid), tuple(command.uuid for command in alive[1:]))
    if final is not None and seen.server_now <= final:
        return Undecided(final)
    return NotLanded()


def _cancelled(action: CancelQueued, seen: Evidence) -> Verdict:
    command = None if seen.observed is None else seen.observed.command(action.uuid)
    if command is None:
        return Undecided()
    match command.delivery:
        case DeliveryState.CANCELLED:
            return Landed(Accepted())
        case DeliveryState.QUEUED:
            return NotLanded()
        case _:
            return Moved()
