"""When a write or command that was lost on its way is queued again: the queue of a cloud is a cache of our plan.

Premise: a command that expired, failed or vanished is still wanted, and a device that refuses a value, or is never
heard, must not be sent the same for ever.
Rule: the first retry at once; the second not before `backoff` after the loss, and each further one after twice as long;
after `requeue` retries it is given up, until the manifests say another value, a person asks, or a device whose commands
expired is heard again. Retries are counted for one value: another value is new, and so is one that failed together
with a value that the manifests have changed since: that one may have been to blame.
The obvious way, to queue again whenever it is lost, wakes the radio of a device that says no with every plan.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.model.desired import Delivery
from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedResource, RecordedRun
from reconcile.planner.situation import Situation

QUEUED_WRITE = "the queued write"
LAST_WRITE = "the last write"
"""What was lost, in words: a cached command, or an instant write that the device took in part or did not answer."""

_LONGEST = timedelta(days=30)
_WORDS = {DeliveryState.MISSING: "is missing"}


@dataclass(frozen=True, slots=True)
class Retry:
    """The next attempt: its number among retries, whether it may go now, and what a person reads of it."""

    number: int
    is_due: bool
    reason: str


def next_retry(situation: Situation, record: RecordedResource | RecordedRun, what: str) -> Retry:
    """What a lost delivery comes to now. `what` was lost: `the queued write`, `the queued command`."""
    policy = situation.document.delivery
    lost = situation.delivery_of(record)
    how = f"{what} {_WORDS.get(lost, lost.value)}"
    number = 1 if _is_in_new_company(situation, record, lost) else record.retries + 1
    if situation.retries_lost:
        return Retry(number, is_due=True, reason=f"retry {number}, asked for: {how}")
    lost_at = _lost_at(record, lost)
    if number > policy.requeue:
        if _is_heard_since(situation, lost, lost_at):
            return Retry(number, is_due=True, reason=f"retry {number}, the device was heard again: {how}")
        made = f"{min(record.retries, policy.requeue)} of {policy.requeue} retries made"
        return Retry(number, is_due=False, reason=f"given up, {made}: {how}; --retry-failed tries again")
    reason = f"retry {number} of {policy.requeue}: {how}"
    not_before = lost_at + pause(policy, number)
    if not_before <= situation.server_now or number == 1:
        return Retry(number, is_due=True, reason=reason)
    return Retry(number, is_due=False, reason=f"{reason}; not before {not_before:%Y-%m-%d %H:%M} UTC")


def is_partial(record: RecordedResource, lost: DeliveryState) -> bool:
    """Whether it was an instant write, of which the device may hold some: no cached command carried it."""
    return record.command_uuid is None and lost is DeliveryState.FAILED


def next_removal(situation: Situation, record: RecordedResource) -> Retry | None:
    """The retry of a value to be left behind (`onRemoval`) that was lost on its way; None when it was not.

    What we withdrew ourselves was not lost, and holds no uuid.
    """
    lost = situation.delivery_of(record)
    if not record.is_leaving or not lost.is_lost:
        return None
    if is_partial(record, lost):
        return next_retry(situation, record, LAST_WRITE)
    return None if record.command_uuid is None else next_retry(situation, record, QUEUED_WRITE)


def next_run(situation: Situation, last: RecordedRun | None, key: str) -> Retry | None:
    """The retry of a command that ended undelivered; None when its run for `key` is no retry.

    What we withdrew ourselves was not lost, and holds no uuid.
    """
    if last is None or last.key != key or last.is_owed or last.command_uuid is None:
        return None
    return next_retry(situation, last, "the queued command")


def pause(policy: Delivery, number: int) -> timedelta:
    """How long after the loss the retry of that number may go: none, `backoff`, then twice as long each time."""
    if number == 1:
        return timedelta()
    return min(timedelta(seconds=policy.backoff_s) * (1 << min(number - 2, 32)), _LONGEST)


def _is_in_new_company(situation: Situation, record: RecordedResource | RecordedRun, lost: DeliveryState) -> bool:
    """Whether it failed in one request with a value that the manifests no longer want."""
    device = situation.recorded
    if device is None or isinstance(record, RecordedRun) or lost is not DeliveryState.FAILED:
        return False
    declared = situation.declared()
    company = (
        other
        for other in device.resources.values()
        if (other.accepted_at, other.command_uuid) == (record.accepted_at, record.command_uuid) and other is not record
    )
    return any(
        (wanted := declared.get(other.path)) is None or not situation.same(other.path, wanted.value, other.value)
        for other in company
    )


def _lost_at(record: RecordedResource | RecordedRun, lost: DeliveryState) -> datetime:
    """When it was lost: at its expiry; of any other end we know that it came after the command was accepted."""
    if lost is DeliveryState.EXPIRED and record.expires_at is not None:
        return record.expires_at
    return record.accepted_at if isinstance(record, RecordedResource) else record.at


def _is_heard_since(situation: Situation, lost: DeliveryState, lost_at: datetime) -> bool:
    """Silence ended: only then is an expired command worth another try. A device that said no was heard all along."""
    if lost is not DeliveryState.EXPIRED:
        return False
    seen = None if situation.observed is None else situation.observed.last_uplink
    known = seen if isinstance(seen, datetime) else situation.recorded.last_uplink if situation.recorded else None
    return known is not None and known > lost_at
