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
| auto  | it sleeps, and did not answer of late (`sleep.py`)             | queued, where it can be       |
| auto  | last uplink not told, online, lifetime within the window       | now                           |
| auto  | last uplink unknown, or longer ago than `reachableWithin`      | queued                        |
| auto  | last uplink longer ago than its lifetime                       | queued                        |
| auto  | last uplink within `reachableWithin`                           | now                           |
| now   | any other                                                      | now                           |

So a device gets one instant attempt for each time it was heard of, and a change that could not be delivered now waits
for the next uplink instead.
Source: OneNET FAQ: the network reclaims the path a minute or two after the last uplink, `online` or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime

from reconcile.model.actions import Action, WriteNow, touched
from reconcile.model.desired import DeliveryMode, DesiredDocument, Urgency
from reconcile.model.late import dataclass
from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import Missing
from reconcile.planner import sleep
from reconcile.planner.situation import Situation


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether writes are sent now, and the sentence that says why; it holds ages, so no digest covers it.

    `way` says the same without ages, so that devices can be counted together.
    """

    is_now: bool
    reason: str
    way: str = field(default="", compare=False)

    @property
    def why(self) -> str:
        """The sentence without ages."""
        return self.way or self.reason


def choose(situation: Situation) -> Choice:
    """The choice for one device with a queue."""
    delivery = situation.document.delivery
    if delivery.mode is DeliveryMode.QUEUE:
        return Choice(False, "queued: delivery mode queue")
    missed = _missed_at(situation)
    may_queue = situation.may_queue and situation.capabilities.has_queue
    if missed is not None and (may_queue or delivery.mode is DeliveryMode.AUTO):
        said = f"queued: it did not answer {sleep.ago(situation, missed)}, and was not heard of since"
        return Choice(False, said, "queued: it did not answer, and was not heard of since")
    if delivery.urgency is Urgency.WHENEVER and may_queue:
        return Choice(False, "queued: urgency whenever")
    if delivery.mode is DeliveryMode.NOW:
        return Choice(True, "sent now: delivery mode now")
    if situation.observed is not None and situation.observed.is_online is False:
        return Choice(False, "queued: the platform says that it is offline")
    return _by_evidence(situation, may_queue=may_queue)


def _by_evidence(situation: Situation, *, may_queue: bool) -> Choice:
    """The choice of mode auto, from when the device last spoke and how it sleeps (`sleep.py`)."""
    window_s, window = situation.document.delivery.reachable_within_s, _window(situation)
    last, lifetime_s = last_uplink(situation), sleep.lifetime_s(situation)
    missed = sleep.missed_awake(situation)
    if missed is not None and may_queue:
        said = f"it sleeps, and did not answer {sleep.ago(situation, missed)}"
        return Choice(
            False, f"queued: {said}{sleep.rhythm(situation)}", "queued: it sleeps, and did not answer of late"
        )
    if _is_shown_online(situation) and lifetime_s is not None and lifetime_s + sleep.SHOWN_LATE_S <= window_s:
        said = f"sent now: online, lifetime {sleep.age(lifetime_s)}, {window}"
        return Choice(True, said, "sent now: online, lifetime within the window")
    if last is None:
        return Choice(False, f"queued: no uplink known, {window}{sleep.rhythm(situation)}", "queued: no uplink known")
    said = f"last uplink {sleep.ago(situation, last)}"
    age_s = (situation.server_now - last).total_seconds()
    if age_s > window_s:
        way = "queued: last uplink longer ago than the window"
        return Choice(False, f"queued: {said}, {window}{sleep.rhythm(situation)}", way)
    if lifetime_s is not None and age_s > lifetime_s:
        way = "queued: last uplink longer ago than the lifetime"
        return Choice(False, f"queued: {said}, lifetime {sleep.age(lifetime_s)}", way)
    return Choice(True, f"sent now: {said}, {window}", "sent now: last uplink within the window")


def _is_shown_online(situation: Situation) -> bool:
    """Online, while nobody tells when it spoke."""
    observed = situation.observed
    return observed is not None and observed.is_online is True and isinstance(observed.last_uplink, Missing)


def _window(situation: Situation) -> str:
    return f"window {situation.document.delivery.reachable_within_s}s"


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
