"""The status run: where every delivery stands; on request after asking the clouds, and until all are delivered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reconcile.apply.follow import follow
from reconcile.model.device import DeviceRef
from reconcile.model.observed import Look
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.ports import Commit
from reconcile.runs.lanes import leases
from reconcile.runs.look import Target, look_at, open_uuids, secrets_of
from reconcile.runs.session import Session

_POLL_S = (1.0, 30.0)


@dataclass(frozen=True, slots=True)
class Followed:
    """One round of asking: how many deliveries are still open, and how many devices could not be read."""

    still_open: int
    unreadable: int


def recorded_devices(session: Session, ref: DeviceRef | None = None) -> Iterator[RecordedDevice]:
    """Recorded devices in order, or just one."""
    refs: Iterable[DeviceRef] = (head.ref for head in session.store.heads()) if ref is None else [ref]
    return session.store.devices(refs)


async def refresh(session: Session, ref: DeviceRef | None, owner: str) -> Followed:
    """Asks the clouds about open deliveries and records what they say. Raises: LeaseHeld while an apply runs."""
    with leases(session, owner) as fences:
        devices = [d for d in recorded_devices(session, ref) if _is_unconfirmed(d)]
        targets = [
            Target(d.ref, d.identity, _look(session, d), secrets_of(None, d))
            for d in devices
            if _is_declared(session, d)
        ]
        seen = await look_at(session, targets, lambda _done, _total: None)
        changed = []
        still_open = 0
        for device in devices:
            observed = seen.get(device.ref)
            after = device
            if observed is not None:
                same = session.same_for(device.ref.platform, device.identity)
                after = follow(device, observed, same, session.options.now())
            still_open += after.is_waiting
            if after != device:
                changed.append(after)
        if changed:
            await asyncio.to_thread(session.store.commit, Commit(devices=changed), fences=fences.by_lane)
        return Followed(still_open, sum(observed.problem is not None for observed in seen.values()))


async def wait(
    session: Session, ref: DeviceRef | None, owner: str, seconds: float, tell: Callable[[Followed], None]
) -> Followed:
    """Asks again and again until nothing is open, or the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    pause_s, longest_s = _POLL_S
    while True:
        followed = await refresh(session, ref, owner)
        tell(followed)
        left_s = deadline - loop.time()
        if not followed.still_open or left_s <= 0:
            return followed
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 1.5, longest_s)


def _is_declared(session: Session, device: RecordedDevice) -> bool:
    return device.ref.platform in session.fleet.platforms


def _is_unconfirmed(device: RecordedDevice) -> bool:
    states = (DeliveryState.ACCEPTED, DeliveryState.QUEUED, DeliveryState.SENT)
    return any(r.delivery in states for r in device.resources.values()) or device.is_waiting


def _look(session: Session, device: RecordedDevice) -> Look:
    uuids = open_uuids(device)
    if not session.capabilities(device.ref.platform, device.identity).has_cloud_copy:
        return Look(wants_queue=bool(uuids), uuids=tuple(uuids))
    paths = tuple(path for path, r in sorted(device.resources.items()) if r.delivery is DeliveryState.ACCEPTED)
    return Look(paths=paths, wants_reported=bool(paths))
