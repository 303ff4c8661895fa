"""Now or queued: how the writes of one device travel, decided from evidence, with the reason in words.

Premise: a platform says "online" long after a device can no longer be reached, and an instant call to a sleeper costs
up to 40 s and may be lost. What counts is when the device last spoke, and whether it answered when it was asked.
Rule, the first that applies:

| mode  | evidence                                                       | choice                        |
| ----- | -------------------------------------------------------------- | ----------------------------- |
| queue | any                                                            | queued                        |
| auto  | urgency `whenever`                                             | queued, where it can be       |
| any   | it did not answer an instant call, and was not heard of since  | queued, where it can be       |
| auto  | the platform says that it is offline                           | queued                        |
| auto  | last uplink unknown, or longer ago than `reachableWithin`      | queued                        |
| auto  | last uplink within `reachableWithin`                           | now                           |
| now   | any other                                                      | now                           |

So a device gets one instant attempt for each time it was heard of, and a change that could not be delivered now waits
for the next uplink instead.
Source: OneNET FAQ: the network reclaims the path a minute or two after the last uplink, `online` or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from reconcile.model.actions import Action, WriteNow, touched
from reconcile.model.desired import DeliveryMode, DesiredDocument, Urgency
from reconcile.model.recorded import RecordedDevice
from reconcile.planner.situation import Situation


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether writes are sent now, and the sentence that says why; it holds ages, so no digest covers it."""

    is_now: bool
    reason: str


def choose(situation: Situation) -> Choice:
    """The choice for one device with a queue."""
    delivery = situation.document.delivery
    if delivery.mode is DeliveryMode.QUEUE:
        return Choice(False, "queued: delivery mode queue")
    missed = _missed_at(situation)
    may_queue = situation.may_queue and situation.capabilities.has_queue
    if missed is not None and (may_queue or delivery.mode is DeliveryMode.AUTO):
        return Choice(False, f"queued: it did not answer {_ago(situation, missed)}, and was not heard of since")
    if delivery.urgency is Urgency.WHENEVER and may_queue:
        return Choice(False, "queued: urgency whenever")
    if delivery.mode is DeliveryMode.NOW:
        return Choice(True, "sent now: delivery mode now")
    if situation.observed is not None and situation.observed.is_online is False:
        return Choice(False, "queued: the platform says that it is offline")
    last, window = last_uplink(situation), f"window {delivery.reachable_within_s}s"
    if last is None:
        return Choice(False, f"queued: no uplink known, {window}{_rhythm(situation)}")
    is_near = (situation.server_now - last).total_seconds() <= delivery.reachable_within_s
    verb = "sent now" if is_near else "queued"
    rhythm = "" if is_near else _rhythm(situation)
    return Choice(is_near, f"{verb}: last uplink {_ago(situation, last)}, {window}{rhythm}")


def wants_uplink(document: DesiredDocument, record: RecordedDevice | None) -> bool:
    """Whether the choice needs to know when a device last spoke: it costs a call."""
    mode = document.delivery.mode
    has_missed = record is not None and record.unreachable_at is not None
    return mode is DeliveryMode.AUTO or (mode is DeliveryMode.NOW and has_missed)


def last_uplink(situation: Situation) -> datetime | None:
    """When the device last spoke, as the cloud says now, or else as recorded."""
    seen = None if situation.observed is None else situation.observed.last_uplink
    if isinstance(seen, datetime):
        return seen
    return None if situation.recorded is None else situation.recorded.last_uplink


def otherwise(situation: Situation, now: Sequence[Action], queued: Sequence[Action]) -> list[Action | None]:
    """For each instant write the cached one that may take its place when the device proves unreachable.

    None where nothing can be queued, and where the queue might not have room: who else queued is not known here.
    """
    limit = situation.capabilities.queue_limit
    ours = 0 if situation.recorded is None else len(situation.recorded.open_commands())
    is_roomy = limit is None or 2 * (ours + len(queued)) <= limit
    if not (situation.may_queue and situation.capabilities.has_queue and is_roomy and len(now) == len(queued)):
        return [None] * len(now)
    pairs = zip(now, queued, strict=True)
    return [
        later if isinstance(first, WriteNow) and touched(first) == touched(later) else None for first, later in pairs
    ]


def _missed_at(situation: Situation) -> datetime | None:
    """When the device last failed to answer, unless it spoke since or took a command of ours."""
    record = situation.recorded
    if record is None or record.unreachable_at is None:
        return None
    heard = [resource.confirmed_at for resource in record.resources.values()] + [last_uplink(situation)]
    is_heard_since = any(at is not None and at > record.unreachable_at for at in heard)
    return None if is_heard_since else record.unreachable_at


def _rhythm(situation: Situation) -> str:
    """How often the device usually speaks, learned from the uplinks that were told of."""
    silences = () if situation.recorded is None else situation.recorded.silences_s
    return f"; it speaks about every {_age(int(median(silences)))}" if silences else ""


def _ago(situation: Situation, at: datetime) -> str:
    return f"{_age(max(0, int((situation.server_now - at).total_seconds())))} ago"


def _age(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
