"""What a platform tells `reconcile doctor`; optional."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from reconcile.model.actions import Action
from reconcile.model.device import Identity
from reconcile.model.observed import Look
from reconcile.ports.client import Stamp
from reconcile.ports.dialect import Models
from reconcile.ports.platform import ClientSettings
from reconcile.ports.values import PlatformConfig

if TYPE_CHECKING:
    from reconcile.model.examination import (
        Bearing,
        CallUse,
        Capability,
        Finding,
        Outcome,
        Probed,
        RateLimit,
        SentCommand,
        Subject,
    )


class Bench(Protocol):
    """Where a proof stands: every request that changes something goes through it, journaled before it leaves."""

    @property
    def is_stopped(self) -> bool:
        """True once the person or the pipeline wants to stop: no further question is asked."""
        ...

    async def send(self, action: Action, stamp: Stamp, call: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Durable, then `call`, then its outcome durable with what it did to recorded state. Raises: InDoubt."""
        ...

    async def gone(self, uuid: str) -> None:
        """A queued command of the proof can no longer take effect (seen, not assumed)."""
        ...

    async def pause(self, seconds: float) -> None:
        """Waits, or returns at once after a stop."""
        ...


class Examiner(Protocol):
    """What `doctor` asks about one account. Only `probe` and `prove` talk to the cloud; `probe` changes nothing."""

    def origins(self) -> Sequence[str]:
        """The addresses that are called, each once."""
        ...

    def calls(self) -> Sequence[CallUse]:
        """Every call the client makes, with the role that needs it."""
        ...

    def limit(self) -> RateLimit:
        """The documented limit for the account's calls."""
        ...

    def requests_to_look(self, look: Look) -> int:
        """How many calls one look at a device costs at most, but for those of `SharesPresence`."""
        ...

    def lacks_model(self, models: Models, model_key: str, path: str) -> str | None:
        """What would have to be modelled for that resource to be checked (`object 3303`); None when it is."""
        ...

    def safest(self, candidates: Sequence[Bearing]) -> Sequence[Bearing]:
        """Those of a device's settled resources that a proof may write with their own value, the best first."""
        ...

    def unset_path(self, models: Models, model_key: str, declared: Collection[str]) -> str | None:
        """A writable resource of the device model that nobody declares; None when the models name none."""
        ...

    async def probe(self, settings: ClientSettings, samples: Sequence[Identity], sent: SentCommand | None) -> Probed:
        """Harmless reads of declared devices (one of each form of identity): are keys, clock and times as we believe?

        Never raises for what the cloud says; ReconcileError for keys that no client can use.
        """
        ...

    def prove(self, settings: ClientSettings, subject: Subject, bench: Bench) -> AsyncGenerator[Capability, None]:
        """Negative controls on one device, each answer as soon as it is known.

        Everything is withdrawn or put back before the iterator ends, also when it is closed early. Raises: CallFailed.
        """
        ...


@runtime_checkable
class SharesPresence(Protocol):
    """An examiner whose cloud tells the presence of many devices of one model key in one call; optional."""

    @property
    def devices_a_presence(self) -> int:
        """How many devices one such call tells of."""
        ...


@runtime_checkable
class ComparesModels(Protocol):
    """An examiner whose cloud publishes device models; optional, asked for with `isinstance`."""

    async def compare_models(
        self, settings: ClientSettings, models: Models, model_keys: Sequence[str]
    ) -> Sequence[Finding]:
        """Whether the models at hand are those in force; reads only, the keys with most devices first.

        Never raises for what the cloud says; ReconcileError for keys that no client can use.
        """
        ...


@runtime_checkable
class Examinable(Protocol):
    """A platform whose accounts `doctor` can examine; optional, asked for with `isinstance`."""

    def examiner(self, config: PlatformConfig, endpoint: str | None) -> Examiner:
        """The examiner of one account; opens no connection."""
        ...
