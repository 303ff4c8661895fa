"""The half of a platform that talks to one cloud account, and what it may offer besides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Protocol, runtime_checkable

from reconcile.model.actions import Action
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.late import dataclass
from reconcile.model.observed import Look, ObservedCommand, ObservedDevice
from reconcile.model.values import JsonObject
from reconcile.ports.values import NamedBytes


@dataclass(frozen=True, slots=True)
class Stamp:
    """The deadlines a request carries, on the server's clock; None where the operation has none.

    `not_after`: when no copy of the request can take effect any more (token expiry, or valid_time of a queued one).
    """

    server_now: datetime
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A well-formed success: what the cloud said that must be kept.

    `is_read_back`: no answer came, and the device was asked what it holds.
    """

    versions: Mapping[str, int] = field(default_factory=dict)
    command_uuid: str | None = None
    is_confirmed: bool = False
    is_read_back: bool = False
    evidence: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """Which devices of an account an inventory takes: those of the products (none named: every product the account
    lists) that carry all the tags.
    """

    platform: str
    products: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A device as its cloud lists it: what an inventory row would say.

    fields: identity on the wire (imei, or productKey and deviceName, iotId). facts: read-only labels, among them
    `firmware`, `model`, `status`, `lastContact` (ISO 8601, UTC) where the cloud tells. Never a secret.
    """

    name: str
    fields: Mapping[str, str]
    facts: Mapping[str, str]


class Client(Protocol):
    """Talks to one cloud account. Every failure is one of `model.errors.CallFailed`; no retries of writes inside."""

    async def observe(self, ref: DeviceRef, identity: Identity, look: Look) -> ObservedDevice:
        """One look at a device. Does not raise for a device that cannot be read: `problem` says why."""
        ...

    async def send(self, identity: Identity, action: Action, stamp: Stamp) -> Accepted:
        """Sends one action exactly once. Raises: NotSent, Refused, Conflict, InDoubt."""
        ...

    async def list_commands(self, identity: Identity, since: datetime) -> Sequence[ObservedCommand]:
        """Cached commands of a device created since a time (server clock), for recovery. Raises: CallFailed."""
        ...

    async def learn_clock(self, identity: Identity) -> None:
        """One cheap read, so that `server_now` is known before the first deadline is set. Raises: CallFailed."""
        ...

    def server_now(self) -> datetime:
        """The cloud's clock, learned from its Date headers; our own until the first answer."""
        ...

    def answer_timeout_s(self, action: Action) -> float:
        """How long `send` waits for the answer to that action."""
        ...

    async def close(self) -> None:
        """Closes connections."""
        ...


@runtime_checkable
class LooksAhead(Protocol):
    """A client that can learn of many devices in fewer calls than one by one; optional, asked with `isinstance`."""

    async def look_ahead(self, looks: Sequence[tuple[Identity, Look]]) -> None:
        """Told of every look before the first of them; `observe` then may answer from what was learned. Raises nothing
        for what the cloud says: each look says for itself what is wrong.
        """
        ...


@runtime_checkable
class Surveyor(Protocol):
    """A client whose cloud keeps what devices last told it; optional, asked for with `isinstance`."""

    async def survey(self, devices: Sequence[tuple[DeviceRef, Identity]]) -> Sequence[ObservedDevice]:
        """What the cloud last heard of these devices, in their order, in few calls and without waking any.

        Raises nothing for a device that cannot be read: its `problem` says why.
        """
        ...

    async def noted(self, identity: Identity) -> Sequence[str]:
        """The resources that the cloud says a device has; one call, no radio exchange. Raises: CallFailed."""
        ...


@runtime_checkable
class TellsModels(Protocol):
    """A client whose cloud hands out the device models of its products; optional, asked for with `isinstance`."""

    async def model_files(self, model_key: str) -> Sequence[NamedBytes]:
        """The model in force, as files that the dialect's `load_models` reads; none without one. Raises: CallFailed."""
        ...


@runtime_checkable
class Lister(Protocol):
    """A client whose cloud can list the account's devices; optional, asked for with `isinstance`."""

    def list_devices(self, listing: Listing) -> AsyncIterator[ListedDevice]:
        """The devices of a listing, page by page; each once, in no promised order. Raises: CallFailed."""
        ...
