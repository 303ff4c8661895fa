"""Leases and lanes: the right to write on the accounts of a fleet, for as long as a run lasts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from reconcile.apply.admission import at_the_gate
from reconcile.apply.events import Event, Slowed, Watching
from reconcile.apply.lane import Lane
from reconcile.apply.recover import Recovery, recover
from reconcile.apply.side_by_side import side_by_side
from reconcile.apply.verdict import Same
from reconcile.model.device import Identity
from reconcile.model.errors import CallFailed, LeaseHeld, LeaseWatched, NotSent, Refused
from reconcile.model.late import dataclass
from reconcile.runs.open_files import open_connections
from reconcile.runs.session import Session

_A_MOMENT_S = 0.1
_LOOK_EVERY_S = 5.0
"""How often a lease of another machine is looked at while it is watched; its holder renews it every 20 s."""


@dataclass(frozen=True, slots=True)
class Fences:
    """Leases held, by platform."""

    by_lane: dict[str, int]

    def lane(self, session: Session, platform: str) -> Lane:
        """The lane of one platform; opens its client. Raises: InputRejectedError without its keys."""

        def same_for(identity: Identity) -> Same:
            return session.same_for(platform, identity)

        return Lane(
            platform,
            session.client(platform),
            self.by_lane[platform],
            same_for,
            width_instant=open_connections(),
            gate=asyncio.Semaphore(at_the_gate(session.paces[platform].rate)),
        )


@contextmanager
def leases(session: Session, owner: str) -> Iterator[Fences]:
    """Takes the lease of every platform of the fleet, in order, or fails at once. Raises: LeaseHeld."""
    with ExitStack() as stack:
        fences = {
            name: stack.enter_context(session.store.lease(name, owner, session.options.now()))
            for name in sorted(session.fleet.platforms)
        }
        yield Fences(fences)


async def take_leases(
    stack: ExitStack, session: Session, owner: str, emit: Callable[[Event], None], stop: asyncio.Event
) -> Fences:
    """As `leases`, held until the stack is closed.

    One held on another machine is watched until its holder is heard of, or was silent for the TTL.
    Raises: LeaseHeld when the holder lives, when the run is stopped meanwhile, and when a third run had the lane while
    this one waited: its manifests may be newer than those that were read before the wait.
    """
    fences: dict[str, int] = {}
    session.throttling.fences = fences
    for name in sorted(session.fleet.platforms):
        fences[name] = await _patiently(session, stack, name, owner, emit, stop)
        stack.callback(session.throttling.keep, name)  # before the lease is given back
    session.throttling.tell = lambda name, rate: emit(Slowed(name, rate))
    return Fences(fences)


async def _patiently(
    session: Session, stack: ExitStack, name: str, owner: str, emit: Callable[[Event], None], stop: asyncio.Event
) -> int:
    is_told, watched = False, None
    while True:
        try:
            fence = stack.enter_context(session.store.lease(name, owner, session.options.now()))
        except LeaseWatched as exc:
            if stop.is_set():
                raise
            watched = exc.fence
            if not is_told:
                emit(Watching(name, exc.left_s, str(exc)))
                is_told = True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(_A_MOMENT_S, min(exc.left_s, _LOOK_EVERY_S)))
        else:
            if watched is not None and fence != watched + 1:
                raise LeaseHeld(f"somebody else applied on {name} while this run waited. Run the same command again.")
            return fence


async def settle_open(session: Session, fences: Fences, emit: Callable[[Event], None], stop: asyncio.Event) -> int:
    """Settles what earlier runs left open; returns how many attempts stay open, undeclared platforms included."""
    by_lane = Counter(attempt.entry.lane for attempt in session.store.open_attempts())
    names = by_lane.keys() & session.fleet.platforms.keys()
    session.require_keys(names)
    lanes = {name: fences.lane(session, name) for name in sorted(names)}
    left = await recover(Recovery(session.store, lanes, emit, session.options.now, stop))
    return left + sum(number for lane, number in by_lane.items() if lane not in lanes)


async def learn_clocks(session: Session, first_device: Iterable[tuple[str, Identity]]) -> None:
    """One cheap read per account, so that deadlines are set on the cloud's clock. Raises: NotSent."""
    await side_by_side(*(_learn_clock(session, name, identity) for name, identity in first_device))


async def _learn_clock(session: Session, name: str, identity: Identity) -> None:
    try:
        await session.client(name).learn_clock(identity)
    except CallFailed as exc:
        raise NotSent(
            f"{name} could not be asked for the time, by which deadlines are set: {exc}. Nothing new was sent to any "
            "account. Run the same command again.",
            code=exc.code if isinstance(exc, Refused) else None,
            vendor_code=exc.vendor_code,
        ) from exc
