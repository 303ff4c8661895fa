"""Where manifests come from, and where recorded state, journal and leases live."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.forecast import Foretold
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt
from reconcile.model.late import dataclass
from reconcile.model.recorded import HeadRow, RecordedDevice, RecordedHead
from reconcile.model.settled import LOWEST, Key, SettledBlock
from reconcile.model.values import JsonObject
from reconcile.ports.values import NamedBytes, NamedContent, Problem


@dataclass(frozen=True, slots=True)
class Commit:
    """One durable transaction: entries, attempts opened, devices recorded or forgotten, a plan begun or used.

    `foretold` is kept with the plan begun, unless that very plan was begun before. `generation` is the commit of the
    manifests that is applied from now on.
    """

    entries: Sequence[JournalEntry] = ()
    opened: Sequence[OpenAttempt] = ()
    devices: Sequence[RecordedDevice] = ()
    forgotten: Sequence[DeviceRef] = ()
    begun_plan: str | None = None
    consumed_plan: str | None = None
    foretold: Foretold | None = None
    generation: str | None = None


class LeaseStanding(StrEnum):
    """What can be seen of a lease's holder: its process lives, is gone, or is on another machine."""

    LIVES = "lives"
    GONE = "gone"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease in somebody's hands. `expires` is on the holder's clock, which nobody else trusts."""

    lane: str
    fence: int
    owner: str
    pid: int
    host: str
    acquired: datetime
    expires: datetime
    standing: LeaseStanding


@dataclass(frozen=True, slots=True)
class Reservation:
    """Where an account's quota stands: no request before `until` (our clock), then `share` of the rate (0 to 1)."""

    until: datetime
    share: float


class Source(Protocol):
    """Where manifests come from: a folder, or a commit. Paths are relative to the manifest folder, with `/`."""

    def manifests(self) -> tuple[Sequence[NamedBytes], Sequence[Diagnostic]]:
        """Every `*.yaml` and `*.yml` below the folder, sorted by path, and what could not be read."""
        ...

    def read(self, path: str, limit_bytes: int) -> NamedContent | Problem:
        """One file inside the folder (an inventory), or why it may not or cannot be read."""
        ...

    def read_folder(self, path: str, limit_bytes: int) -> tuple[Sequence[NamedBytes], Sequence[Diagnostic]]:
        """Every regular file below a folder inside the folder (device models)."""
        ...

    def commit(self) -> str | None:
        """The git commit the folder stands at, when it is clean and known."""
        ...


class StateStore(Protocol):
    """Recorded state, journal and leases. Every `commit` is one transaction; readers see whole commits only."""

    @property
    def lineage(self) -> str:
        """The identity of this state, for ever; plans of another lineage are refused."""
        ...

    def serial(self) -> int:
        """Grows by one with every commit."""
        ...

    def secret_key(self) -> bytes:
        """32 random bytes made with the state: the key of fingerprints of secrets."""
        ...

    def heads(self) -> Iterator[RecordedHead]:
        """One line per device, in the order of (platform, name)."""
        ...

    def head_rows(self, first: Key = LOWEST, until: Key | None = None) -> Iterator[HeadRow]:
        """The same as plain rows, of devices from one key on and before another: for those who read a million."""
        ...

    def named(self, name: str) -> Sequence[DeviceRef]:
        """The recorded devices of that name, on every platform that anything is recorded of."""
        ...

    def holders(self, identities: Collection[tuple[str, str]]) -> Sequence[Key]:
        """The recorded devices that have one of these identities, each a platform and a text."""
        ...

    def heads_at(self, keys: Sequence[Key]) -> Sequence[HeadRow]:
        """The same of some devices, in the order asked for; of those that are recorded."""
        ...

    def settled_under(self) -> str:
        """What blocks of inventories are kept under, see `keep_settled`; empty where none are."""
        ...

    def settled_blocks(self, under: str) -> Sequence[SettledBlock]:
        """Blocks of inventories known to be settled under a digest of everything else, in order; perhaps none."""
        ...

    def keep_settled(self, under: str, serial: int, blocks: Sequence[SettledBlock]) -> None:
        """Keeps such blocks as of a serial; nothing where the state has moved on, or can only be looked at."""
        ...

    def devices(self, refs: Iterable[DeviceRef]) -> Iterator[RecordedDevice]:
        """Those of the devices that are recorded."""
        ...

    def commit(self, commit: Commit, *, fences: Mapping[str, int]) -> None:
        """All of it or nothing, durable on return. Raises: LeaseHeld when a fence is no longer ours."""
        ...

    def open_attempts(self) -> Sequence[OpenAttempt]:
        """Attempts whose outcome is not settled, oldest first."""
        ...

    def journal(self) -> Iterator[JournalEntry]:
        """All entries, oldest first. Raises: JournalBroken when the chain does not hold."""
        ...

    def begun_plan(self) -> str | None:
        """Occasion of the plan last begun: only that one may be resumed where its own steps moved the state."""
        ...

    def generation(self) -> str | None:
        """The commit of the manifests that was last begun to be applied; None when none was named yet."""
        ...

    def foretold(self) -> Foretold | None:
        """What the plan last begun foresaw; None when none ever foresaw anything."""
        ...

    def outcomes(self, plan: str) -> Mapping[str, AttemptState]:
        """The last state of every step of that plan that was ever begun, by step id."""
        ...

    def is_consumed(self, plan: str) -> bool:
        """True when the plan of that occasion was applied to the end."""
        ...

    def lease(self, lane: str, owner: str, now: datetime) -> AbstractContextManager[int]:
        """Exclusive right to write on a lane; yields its fence.

        Raises: LeaseHeld; LeaseWatched when asking again on this very store may get it, once its holder is silent.
        """
        ...

    def leases(self) -> Sequence[HeldLease]:
        """Every lease in somebody's hands, by lane."""
        ...

    def end_lease(self, lane: str, fence: int) -> bool:
        """Takes away a lease held under that fence: its holder can commit nothing more. False when none is."""
        ...

    def reserve(self, lane: str, fence: int, reservation: Reservation) -> None:
        """Keeps where the quota of a lane stands for its next holder; nothing when the fence is no longer ours."""
        ...

    def reservation(self, lane: str) -> Reservation | None:
        """What the last holder of a lane reserved; None when nobody did."""
        ...

    def export(self) -> Iterator[JsonObject]:
        """The whole state as JSON objects, a header first; the journal included; a last one proves that it is whole."""
        ...

    def restore(self, bodies: Iterable[JsonObject], now: datetime, *, replaces: bool = False) -> None:
        """Takes an export in the place of what is here, all of it or nothing: lineage, serial, journal and all.

        The key of secrets stays. Raises: StateError for an export that does not hold, and for a state that is not empty
        unless it `replaces`; LeaseHeld while somebody writes.
        """
        ...

    def close(self) -> None:
        """Closes the store."""
        ...
