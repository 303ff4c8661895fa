"""The status run: where every delivery stands; on request after asking the clouds, and until all are confirmed.

Asked is what became of the deliveries, and when the device was last heard: without it, silence could only be counted
from what was delivered. While a run waits, that is asked in its first round alone, since it changes no outcome.

A budget of calls is spent on the devices that were asked longest ago; who was asked is recorded only where somebody had
to be left out, so that the next run goes on with the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from reconcile.apply.follow import follow
from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.observed import Look
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.ports import Commit
from reconcile.report.standing import is_unconfirmed
from reconcile.runs.booking import Booking
from reconcile.runs.followed import Followed, is_waiting, tally
from reconcile.runs.lanes import leases
from reconcile.runs.look import Target, look_at, open_uuids, secrets_of
from reconcile.runs.recorded_device import recorded_devices
from reconcile.runs.session import Session

_POLL_S = (1.0, 30.0)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask: all devices, one, or those of a selection; with at most `budget` calls, None for all it takes.

    `wants_uplinks`: also when they were last heard.
    """

    owner: str
    ref: DeviceRef | None = None
    among: Container[DeviceRef] | None = None
    budget: int | None = None
    wants_uplinks: bool = True


async def refresh(session: Session, asking: Asking) -> Followed:
    """Asks the clouds about unconfirmed deliveries and records what they say. Raises: LeaseHeld while an apply runs."""
    with leases(session, asking.owner) as fences:
        everyone = list(recorded_devices(session, asking.ref, asking.among))
        waiting = [device for device in everyone if is_waiting(device)]
        known = session.fleet.platforms
        wanted = [(d, _target(session, d)) for d in waiting if d.ref.platform in known]
        chosen, calls = _within(session, wanted, asking)
        seen = await look_at(session, [target for _, target in chosen], lambda _done, _total: None)
        now = session.options.now()
        after: dict[DeviceRef, RecordedDevice] = {}
        for device, _ in chosen:
            same = session.same_for(device.ref.platform, device.identity)
            found = follow(device, seen[device.ref], same, now, server_now=session.server_now(device.ref.platform))
            after[device.ref] = replace(found, asked_at=now) if len(chosen) < len(wanted) else found
        changed = [after[device.ref] for device, _ in chosen if after[device.ref] != device]
        if changed:
            # Not handed to a thread: a run that is stopped here would close the store under it.
            session.store.commit(Commit(devices=changed), fences=fences.by_lane)
        still_open, lost = tally(after.get(device.ref, device) for device in everyone)
        return Followed(
            still_open=still_open,
            unreadable=sum(observed.problem is not None for observed in seen.values()),
            lost=lost,
            in_doubt=_in_doubt(session, asking),
            asked=len(chosen),
            unconfirmed=len(waiting),
            calls=calls,
        )


async def wait(session: Session, asking: Asking, seconds: float, tell: Callable[[Followed], None]) -> Followed:
    """Asks again and again until nothing waits any more, or the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    pause_s, longest_s = _POLL_S
    while True:
        followed = await refresh(session, asking)
        tell(followed)
        left_s = deadline - loop.time()
        if not followed.still_open or left_s <= 0:
            return followed
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 1.5, longest_s)
        asking = replace(asking, wants_uplinks=False)


def _in_doubt(session: Session, asking: Asking) -> int:
    """Attempts on those devices whose outcome is not known."""
    devices = [attempt.entry.device for attempt in session.store.open_attempts()]
    among = asking.among
    return sum(asking.ref in (None, device) and (among is None or device in among) for device in devices)


def _within(
    session: Session, wanted: Sequence[tuple[RecordedDevice, Target]], asking: Asking
) -> tuple[Sequence[tuple[RecordedDevice, Target]], int]:
    """Those that fit the budget, asked longest ago first, and the calls they cost at most.

    What became of deliveries comes first; of the rest of the budget it is asked when devices were last heard.
    """
    budget, booking = asking.budget, Booking(session)
    chosen, spent = [], 0
    for device, target in sorted(wanted, key=lambda pair: (pair[0].asked_at or _NEVER, _oldest(pair[0]), pair[0].ref)):
        cost = booking.book(target)
        if budget is not None and spent + cost > budget:
            break
        spent += cost
        chosen.append((device, target))
    asked = []
    for device, target in chosen:
        closer = replace(target, look=replace(target.look, wants_uplink=asking.wants_uplinks))
        more = booking.book(closer) - booking.book(target)
        if budget is not None and spent + more > budget:
            closer, more = target, 0
        spent += more
        asked.append((device, closer))
    return asked, spent


def _oldest(device: RecordedDevice) -> datetime:
    resources = [r.accepted_at for r in device.resources.values() if is_unconfirmed(r)]
    return min([*resources, *(run.at for run in device.runs.values() if is_unconfirmed(run))])


def _target(session: Session, device: RecordedDevice) -> Target:
    return Target(device.ref, device.identity, _look(session, device), secrets_of(None, device))


def _look(session: Session, device: RecordedDevice) -> Look:
    uuids = open_uuids(device)
    if not session.capabilities(device.ref.platform, device.identity).has_cloud_copy:
        return Look(wants_queue=bool(uuids), uuids=tuple(uuids))
    paths = tuple(path for path, r in sorted(device.resources.items()) if r.delivery is DeliveryState.ACCEPTED)
    return Look(paths=paths, wants_reported=bool(paths))
