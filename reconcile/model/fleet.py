"""The fleet as declared: devices with their documents, holds, and the limits of one plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from reconcile.model.desired import DesiredDocument
from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import NOWHERE, Span
from reconcile.model.late import dataclass
from reconcile.model.protection import Allowance, Protected, anything
from reconcile.model.values import JsonObject


@dataclass(slots=True)
class DesiredDevice:
    """A device and the document it shares with its likes. Not frozen: there may be millions."""

    device: Device
    document: DesiredDocument


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave devices alone until a time, for a reason."""

    name: str
    devices: frozenset[DeviceRef]
    until: datetime
    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Limits:
    """What one plan may change of the devices of a profile; None means no limit. Percent of those under management."""

    profile: str
    max_changed_devices: int | None = None
    max_changed_percent: float | None = None
    min_population: int = 10
    covers: Callable[[Device], bool] = field(default=anything, compare=False)
    allowances: tuple[Allowance, ...] = ()
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Safety:
    """Limits of one plan; None means no limit. Percent of the devices already under management.

    `profiles`: limits of those that state their own. `protected`: what manifests declare so, beside what platforms
    know. `allowances`: lines of `allow:` that count now; `ended`: those whose last day is over.
    """

    max_changed_devices: int | None = None
    max_changed_percent: float | None = None
    min_population: int = 10
    max_inventory_shrink_percent: float | None = None
    span: Span = NOWHERE
    profiles: tuple[Limits, ...] = ()
    protected: tuple[Protected, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    ended: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True)
class StateConfig:
    """Where recorded state lives: backend sqlite | gitref | postgres, and its path or address.

    `url` is the address, or `url_from` says where that comes from: env or file, and the name of it.
    """

    backend: str = "sqlite"
    path: str = ".reconcile/state.db"
    url: str | None = None
    url_from: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class NotedModel:
    """A device model that tells its own version: `name` is its key (a product), `type` the platforms it is for."""

    type: str
    name: str
    version: str

    def to_json(self) -> JsonObject:
        """An entry of `base.models` of a plan."""
        return {"type": self.type, "model": self.name, "version": self.version}

    @classmethod
    def from_json(cls, body: JsonObject) -> NotedModel:
        """The reverse of `to_json`. Raises: KeyError when it is not one."""
        return cls(str(body["type"]), str(body["model"]), str(body["version"]))


@dataclass(frozen=True, slots=True)
class TakenListing:
    """A cloud's listing as the fleet was read from it. `digest` leaves out what changes at every contact."""

    platform: str
    name: str
    at: datetime
    devices: int
    digest: str

    def to_json(self) -> JsonObject:
        """An entry of `base.listings` of a plan."""
        return {
            "platform": self.platform,
            "name": self.name,
            "taken": self.at.isoformat(),
            "devices": self.devices,
            "digest": self.digest,
        }

    @classmethod
    def from_json(cls, body: JsonObject) -> TakenListing:
        """The reverse of `to_json`. Raises: KeyError or ValueError when it is not one."""
        platform, name, taken, devices, digest = (
            str(body[member]) for member in ("platform", "name", "taken", "devices", "digest")
        )
        return cls(platform, name, datetime.fromisoformat(taken), int(devices), digest)
