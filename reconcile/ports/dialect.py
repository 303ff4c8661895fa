"""The pure half of a platform: the few questions only it can answer. No network, disk, clock or environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from reconcile.model.actions import Action, Write
from reconcile.model.desired import Command, Delivery, DesiredDocument
from reconcile.model.device import Identity
from reconcile.model.late import dataclass
from reconcile.model.observed import Look
from reconcile.model.values import Json, Known
from reconcile.ports.values import NamedBytes, PlatformConfig, Problem, TypedValue


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do for one kind of device; the planner asks instead of knowing platforms by name.

    has_cloud_copy: the cloud keeps a desired copy with a version per resource (Aliyun; OneNET's thing models).
    has_queue: commands can wait in the cloud for a sleeping device, and be listed and withdrawn (OneNET).
    section: where manifests declare its resources: `resources` or `properties`.
    queue_limit: how many commands may wait for one device at once, whoever queued them; None where nothing limits them.
    lifetime: the resource that holds after how many seconds without word the platform calls a device offline, if any.
    """

    section: str
    has_cloud_copy: bool
    has_queue: bool
    can_clear: bool
    can_execute: bool
    queue_limit: int | None = None
    lifetime: str | None = None


class Models(Protocol):
    """Device models of one dialect, read once. Opaque to everybody but the dialect that made it."""

    @property
    def problems(self) -> Sequence[tuple[str, Problem]]:
        """File name and problem, for every file that could not be used."""
        ...


@runtime_checkable
class CondensesModels(Protocol):
    """A dialect whose model files have a form that is read faster; optional, asked for with `isinstance`. Pure."""

    @property
    def condensed_form(self) -> str:
        """Names the faster form; another name for every change of it."""
        ...

    def may_condense(self, file: NamedBytes) -> bool:
        """True for the files it is about, as far as a name tells."""
        ...

    def condense(self, file: NamedBytes) -> bytes | None:
        """The faster form, to be handed to `load_models` with `is_condensed`; None for a file that has none."""
        ...


@runtime_checkable
class KnowsModels(Protocol):
    """Models that can tell which devices have one; optional, asked for with `isinstance`."""

    def knows(self, model_key: str) -> bool:
        """Whether a model of that key was read."""
        ...


@runtime_checkable
class KnowsResources(KnowsModels, Protocol):
    """Models of several files a device; optional, asked for with `isinstance`."""

    def knows_paths(self, model_key: str, paths: Iterable[str]) -> bool:
        """Whether no file that says something of these resources of such a device was left out for being broken."""
        ...


@runtime_checkable
class VersionsModels(Protocol):
    """Models that bear versions of their own; optional, asked for with `isinstance`."""

    def versions(self) -> Mapping[str, str]:
        """The version of each model by its key, where the model tells one."""
        ...


class Dialect(Protocol):
    """The few questions only a platform can answer. Pure: no network, disk, clock or environment."""

    def capabilities(self, model_key: str) -> Capabilities:
        """What the platform can do for devices of that model key: one cloud may treat kinds of products differently."""
        ...

    def check_config(self, config: PlatformConfig) -> Sequence[Problem]:
        """What the schema cannot say about an entry of `platforms:` (pairs of endpoints, credentials that fit)."""
        ...

    def load_models(self, files: Iterable[NamedBytes]) -> Models:
        """The models among those files that are of this dialect; others are passed over."""
        ...

    def read_identity(self, fields: Mapping[str, str], device_name: str) -> Identity | Problem:
        """The identity given by a Device's spec or an inventory row (imei, productKey, deviceName, iotId)."""
        ...

    def model_key(self, identity: Identity) -> str:
        """Which model applies to a device; devices of one key and one set of layers share a document."""
        ...

    def read_path(self, models: Models, model_key: str, text: str) -> str | Problem:
        """The canonical path of a resource as written in a manifest, in numbers or in the names of the model."""
        ...

    def read_value(
        self, models: Models, model_key: str, path: str, value: Json, value_type: str | None
    ) -> TypedValue | Problem:
        """A declared value in canonical form, or why the resource cannot hold it. None means clear, where possible."""
        ...

    def audit(self, models: Models, model_key: str, document: DesiredDocument) -> Sequence[tuple[str, Problem]]:
        """Everything the cloud would refuse about the document as a whole: (path or command name, problem)."""
        ...

    def same(self, models: Models, model_key: str, path: str, left: Known, right: Known) -> bool:
        """Whether two values mean the same for that resource; ABSENT equals only ABSENT, UNKNOWN nothing."""
        ...

    def needs_look(
        self, paths: Sequence[str], *, is_refresh_all: bool, wants_uplink: bool, uuids: Sequence[str]
    ) -> Look:
        """What to read of a device before it can be planned."""
        ...

    def write_actions(
        self, writes: Sequence[Write], versions: Mapping[str, int], delivery: Delivery, *, is_now: bool
    ) -> Sequence[Action]:
        """The fewest requests that carry all writes; a value of None clears. `versions` guard them where supported."""
        ...

    def run_action(self, command: Command, run_key: str, delivery: Delivery, *, is_now: bool) -> Action:
        """The request that runs a command once."""
        ...

    def show_path(self, models: Models, model_key: str, path: str) -> str:
        """The path for people, with names where a model knows them."""
        ...


@runtime_checkable
class ChecksAccount(Protocol):
    """A dialect whose accounts differ in what they can do for a document; optional, asked for with `isinstance`."""

    def check_document(
        self, config: PlatformConfig, model_key: str, document: DesiredDocument
    ) -> Sequence[tuple[str, Problem]]:
        """What that account cannot do for devices of that model and document: (path or command name, problem)."""
        ...


@runtime_checkable
class TakesStock(Protocol):
    """A dialect that can write manifests for existing devices; optional, asked for with `isinstance`. Pure."""

    def stock(self, models: Models, model_key: str, noted: Sequence[str]) -> Sequence[str]:
        """The resources that a manifest may set: those the device model lists, or else those of `noted` that it knows.

        `noted` are what the cloud has seen of the device. What changes by itself (a clock) is left out.
        """
        ...

    def declare(self, models: Models, model_key: str, path: str, seen: Json) -> TypedValue | Problem:
        """What a manifest would say for a value as the cloud tells it; a Problem where that is not certain."""
        ...


@runtime_checkable
class KnowsDangers(Protocol):
    """A dialect that knows resources which can strand a device; optional, asked for with `isinstance`. Pure."""

    def danger(self, model_key: str, path: str) -> str | None:
        """What may become of such a device when that resource is written or run, in words; None: nothing known."""
        ...
