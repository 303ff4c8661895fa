"""Leases and lanes: the right to write on the accounts of a fleet, for as long as a run lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from reconcile.apply.events import Event
from reconcile.apply.lane import Lane
from reconcile.apply.recover import Recovery, recover
from reconcile.apply.verdict import Same
from reconcile.model.device import Identity
from reconcile.runs.session import Session


@dataclass(frozen=True, slots=True)
class Fences:
    """Leases held, by platform."""

    by_lane: dict[str, int]

    def lane(self, session: Session, platform: str) -> Lane:
        """The lane of one platform; opens its client. Raises: InputRejectedError without its keys."""

        def same_for(identity: Identity) -> Same:
            return session.same_for(platform, identity)

        return Lane(platform, session.client(platform), self.by_lane[platform], same_for)


@contextmanager
def leases(session: Session, owner: str) -> Iterator[Fences]:
    """Takes the lease of every platform of the fleet, in order. Raises: LeaseHeld."""
    with ExitStack() as stack:
        fences = {
            name: stack.enter_context(session.store.lease(name, owner, session.options.now()))
            for name in sorted(session.fleet.platforms)
        }
        yield Fences(fences)


async def settle_open(session: Session, fences: Fences, emit: Callable[[Event], None], stop: asyncio.Event) -> int:
    """Settles what earlier runs left open; returns how many attempts stay open, undeclared platforms included."""
    attempts = session.store.open_attempts()
    names = {attempt.entry.lane for attempt in attempts} & set(session.fleet.platforms)
    session.require_keys(names)
    lanes = {name: fences.lane(session, name) for name in sorted(names)}
    left = await recover(Recovery(session.store, lanes, emit, session.options.now, stop))
    return left + sum(attempt.entry.lane not in lanes for attempt in attempts)


async def learn_clocks(session: Session, first_device: Iterable[tuple[str, Identity]]) -> None:
    """One cheap read per account, so that deadlines are set on the cloud's clock."""
    await asyncio.gather(*(session.client(name).learn_clock(identity) for name, identity in first_device))
