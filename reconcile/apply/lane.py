"""A lane: the single ordered way to one cloud account, and how an attempt in doubt is settled on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from reconcile.apply.events import Event, Waiting
from reconcile.apply.stopping import unless_stopped
from reconcile.apply.verdict import Evidence, Same, Undecided, Verdict, judge
from reconcile.model.actions import (
    Action,
    CancelQueued,
    ClearDesired,
    ExecuteNow,
    QueueExecute,
    QueueWrite,
    SetDesired,
    WriteNow,
    touched,
)
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import CallFailed
from reconcile.model.late import dataclass
from reconcile.model.observed import Look
from reconcile.ports import Client

LOOK_BACK = timedelta(hours=1)
_UNREADABLE_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Lane:
    """One account: its client, the fence of our lease, and its dialect's equality for a device's model.

    `width` devices are in work at once; `width_instant` where instant calls are among what is planned, of which only so
    many as the `gate` admits may be begun and not yet sent.
    """

    name: str
    client: Client
    fence: int
    same_for: Callable[[Identity], Same]
    width: int = 64
    width_instant: int = 64
    gate: asyncio.Semaphore | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """An attempt whose outcome is not known."""

    ref: DeviceRef
    identity: Identity
    action: Action
    not_after: datetime | None
    marker: datetime | None


async def learns_time(
    lane: Lane, attempt: tuple[DeviceRef, Identity, str], emit: Callable[[Event], None], stop: asyncio.Event
) -> bool:
    """Whether the cloud told its time; it is asked again for as long as `settle` asks a cloud that cannot be read.

    `attempt`: the device to ask by, and the kind of step that waits for the answer.
    """
    ref, identity, kind = attempt
    pause_s = 0.5
    for number in range(_UNREADABLE_ROUNDS):
        if number:
            emit(Waiting(ref, kind, None))
            await _sleep(pause_s, stop)
            pause_s = min(pause_s * 1.5, 3.0)
        with suppress(CallFailed):
            await unless_stopped(lane.client.learn_clock(identity), stop)
            return not stop.is_set()
        if stop.is_set():
            return False
    return False


async def settle(lane: Lane, doubt: Doubt, emit: Callable[[Event], None], stop: asyncio.Event) -> Verdict:
    """Asks the cloud until the attempt is decided, or nothing can be read, or the run is stopped."""
    unreadable = 0
    pause_s = 0.5
    while True:
        seen = await unless_stopped(_look(lane, doubt), stop)
        if seen is None:
            return Undecided()
        verdict = judge(doubt.action, doubt.not_after, doubt.marker, seen, lane.same_for(doubt.identity))
        if not isinstance(verdict, Undecided):
            return verdict
        unreadable = unreadable + 1 if verdict.until is None else 0
        if stop.is_set() or unreadable >= _UNREADABLE_ROUNDS:
            return verdict
        emit(Waiting(doubt.ref, doubt.action.kind, verdict.until))
        await _sleep(pause_s, stop)
        pause_s = min(pause_s * 1.5, 3.0)


async def _look(lane: Lane, doubt: Doubt) -> Evidence:
    client, paths = lane.client, touched(doubt.action)
    # Of before the question: a slow answer tells what was so when it was asked, and a copy may have landed since.
    asked_at = client.server_now()
    match doubt.action:
        case QueueWrite() | QueueExecute():
            sent_at = (doubt.not_after or client.server_now()) - timedelta(seconds=doubt.action.queueing.valid_after_s)
            since = sent_at - LOOK_BACK
            try:
                commands = await client.list_commands(doubt.identity, since)
            except CallFailed:
                commands = None
            return Evidence(asked_at, commands=commands)
        case SetDesired() | ClearDesired():
            look = Look(paths=paths, wants_cloud=True)
        case WriteNow():
            look = Look(paths=paths, wants_reported=True)
        case CancelQueued():
            look = Look(wants_queue=True, uuids=(doubt.action.uuid,))
        case ExecuteNow():
            return Evidence(asked_at)
    observed = await client.observe(doubt.ref, doubt.identity, look)
    return Evidence(asked_at, observed=observed)


async def _sleep(pause_s: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), pause_s)
    except TimeoutError:
        return
