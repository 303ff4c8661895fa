"""The recover run: attempts that earlier runs left open are settled; nothing new is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from reconcile.apply.events import Event
from reconcile.model.device import Identity
from reconcile.model.journal import AttemptState, JournalEntry
from reconcile.model.late import dataclass
from reconcile.model.plan_json import device_from_json
from reconcile.ports import StateStore
from reconcile.runs.lanes import settle_open, take_leases
from reconcile.runs.recorded_settle import for_operator
from reconcile.runs.session import Session


@dataclass(frozen=True, slots=True)
class Case:
    """What only a person can settle: the command, the device as the cloud knows it, and all that the journal says."""

    command: str
    identity: Identity
    story: Sequence[JournalEntry]

    @property
    def last(self) -> JournalEntry:
        """Where it stands."""
        return self.story[-1]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery came to. Another run may settle what is `undecided`. What is `undeclared` is on platforms that the
    fleet no longer has: nobody can be asked.
    """

    found: int
    undecided: Sequence[JournalEntry] = ()
    undeclared: Sequence[JournalEntry] = ()
    cases: Sequence[Case] = ()

    @property
    def exit_code(self) -> int:
        """0 when nothing is open any more, else 5."""
        return 5 if self.undecided or self.undeclared or self.cases else 0


async def recover(session: Session, owner: str, emit: Callable[[Event], None], stop: asyncio.Event) -> Recovered:
    """Settles what can be settled. Raises: InputRejectedError without keys, StateError, LeaseHeld."""
    found = len(session.store.open_attempts())
    if not found:
        return Recovered(0)
    with ExitStack() as stack:
        fences = await take_leases(stack, session, owner, emit, stop)
        await settle_open(session, fences, emit, stop)
    open_now = [attempt.entry for attempt in session.store.open_attempts()]
    waiting = [entry for entry in open_now if entry.state is not AttemptState.NEEDS_OPERATOR]
    return Recovered(
        found,
        undecided=[entry for entry in waiting if entry.lane in session.fleet.platforms],
        undeclared=[entry for entry in waiting if entry.lane not in session.fleet.platforms],
        cases=_cases(session),
    )


def _cases(session: Session) -> Sequence[Case]:
    waiting = for_operator(session)
    stories = _stories(session.store, {one.intent for one in waiting})
    return [Case(one.command, device_from_json(one.attempt.device).identity, stories[one.intent]) for one in waiting]


def _stories(store: StateStore, intents: set[str]) -> dict[str, list[JournalEntry]]:
    """All entries of some intents, oldest first; the chain is verified on the way. Raises: JournalBroken."""
    stories: dict[str, list[JournalEntry]] = {intent: [] for intent in intents}
    for entry in store.journal() if intents else ():
        if entry.intent in stories:
            stories[entry.intent].append(entry)
    return stories
