"""The sockets: what a platform and a state store must offer. Protocols only; no code, no I/O.

A platform is a `Platform` found through the entry point group `reconcile.platforms`; its `dialect` is pure, its
`client` is the only part that talks to a cloud.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from reconcile.model.actions import Action, Write
from reconcile.model.desired import Command, Delivery, DesiredDocument
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.forecast import Foretold
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt
from reconcile.model.observed import Look, ObservedCommand, ObservedDevice
from reconcile.model.recorded import RecordedDevice, RecordedHead
from reconcile.model.values import Json, JsonObject, Known

if TYPE_CHECKING:  # what only `doctor` handles; everything else starts without it
    from reconcile.model.examination import (
        Bearing,
        CallUse,
        Capability,
        Outcome,
        Probed,
        RateLimit,
        SentCommand,
        Subject,
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a value or path, without its place: the manifest room adds file, line and device.

    `line` and `column` (from 1; 0: the whole file) are for what is wrong inside a device model's own file.
    """

    code: str
    summary: str
    detail: str
    is_warning: bool = False
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A value in the dialect's canonical form, with the type that must travel with it, if any."""

    value: Json
    value_type: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do for one kind of device; the planner asks instead of knowing platforms by name.

    has_cloud_copy: the cloud keeps a desired copy with a version per resource (Aliyun; OneNET's thing models).
    has_queue: commands can wait in the cloud for a sleeping device, and be listed and withdrawn (OneNET).
    section: where manifests declare its resources: `resources` or `properties`.
    queue_limit: how many commands may wait for one device at once, whoever queued them; None where nothing limits them.
    """

    section: str
    has_cloud_copy: bool
    has_queue: bool
    can_clear: bool
    can_execute: bool
    queue_limit: int | None = None


@dataclass(frozen=True, slots=True)
class NamedBytes:
    """A file's content; `name` is its path relative to the manifest folder, with `/`.

    is_condensed: the content is what `CondensesModels.condense` made of the file.
    """

    name: str
    content: bytes
    is_condensed: bool = False


@dataclass(frozen=True, slots=True)
class PlatformConfig:
    """One entry of `platforms:` after validation. `spec` is its YAML as JSON; credentials hold names, never values."""

    name: str
    type: str
    spec: JsonObject
    requests_per_second: float
    span: Span


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
class Lister(Protocol):
    """A client whose cloud can list the account's devices; optional, asked for with `isinstance`."""

    def list_devices(self, listing: Listing) -> AsyncIterator[ListedDevice]:
        """The devices of a listing, page by page; each once, in no promised order. Raises: CallFailed."""
        ...


class Secrets(Protocol):
    """Values that never enter plan, state or log."""

    def resolve(self, marker: JsonObject) -> str:
        """The secret behind a marker. Raises: ReconcileError when it is missing or is not the planned one."""
        ...


class Credentials(Protocol):
    """A client's keys. They may change while a client lives: what belongs together is one issue, and has one number."""

    def get(self, name: str) -> str | None:
        """The credential of that name of the current issue, or None when it is optional and absent."""
        ...

    def issue(self) -> int:
        """The number of the current issue; cheap, to be asked before each request is signed.

        Keys that are about to expire are asked for again first. A client that read its keys under another number reads
        all of them again. Raises: NotSent when the keys expired and no new ones are to be had.
        """
        ...

    def renew(self, refused: int) -> bool:
        """After the cloud refused keys of issue `refused` as expired or unknown: asks where they come from again.

        True when there are other keys now, so that a request that had no effect may be signed anew, once.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What a provider is asked for. `spec` is its own part of the manifest, `names` the keys that are needed at least.

    `environ` and `folder` (the manifests') are the caller's: a provider looks nowhere else for what is said there.
    """

    platform: str
    names: Sequence[str]
    spec: JsonObject
    environ: Mapping[str, str] = field(repr=False)
    folder: str


@dataclass(frozen=True, slots=True)
class IssuedKeys:
    """Keys that belong together, by their names in `credentials:`. `expires` is aware; None: nobody knows when."""

    values: Mapping[str, str] = field(repr=False)
    expires: datetime | None = None


class CredentialProvider(Protocol):
    """Where keys come from beyond variables and files: OIDC, a vault, a role of the machine. `API_VERSION` is 1.

    Found through the entry point group `reconcile.credentials`, by the name that manifests give as `provider`.
    """

    def check(self, spec: JsonObject) -> Sequence[Problem]:
        """What is wrong with its own part of the manifest; offline, without asking anybody."""
        ...

    def issue(self, request: KeyRequest) -> IssuedKeys:
        """New keys. Asked before the first call, and again when they expire or are refused.

        It blocks, and with it a whole run: it must give up by itself within some ten seconds. Raises: ReconcileError,
        whose message is shown and so holds no key and no answer of a server.
        """
        ...


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client is built from: validated configuration, keys, endpoint override, pace, clock and nonces.

    `endpoint` overrides every endpoint of the configuration (`--endpoint`). `pace` is awaited before each request:
    it is the lane's quota. `now` is our own clock (aware UTC).
    """

    config: PlatformConfig
    credentials: Credentials
    secrets: Secrets
    endpoint: str | None
    pace: Callable[[], Awaitable[None]]
    now: Callable[[], datetime]
    nonce: Callable[[], str]


class Platform(Protocol):
    """A cloud: its dialect, and how to open a client. `API_VERSION` is 1."""

    @property
    def type(self) -> str:
        """The `type` in manifests: onenet, aliyun, ..."""
        ...

    @property
    def dialect(self) -> Dialect:
        """Its pure half."""
        ...

    def credential_names(self, config: PlatformConfig) -> Sequence[str]:
        """The credentials without which no call can be made."""
        ...

    def open(self, settings: ClientSettings) -> Client:
        """A client for one account; opens no connection yet."""
        ...


@dataclass(frozen=True, slots=True)
class Commit:
    """One durable transaction: entries, attempts opened, devices recorded or forgotten, a plan begun or used.

    `foretold` is kept with the plan begun, unless that very plan was begun before.
    """

    entries: Sequence[JournalEntry] = ()
    opened: Sequence[OpenAttempt] = ()
    devices: Sequence[RecordedDevice] = ()
    forgotten: Sequence[DeviceRef] = ()
    begun_plan: str | None = None
    consumed_plan: str | None = None
    foretold: Foretold | None = None


class Source(Protocol):
    """Where manifests come from: a folder, or a commit. Paths are relative to the manifest folder, with `/`."""

    def manifests(self) -> tuple[Sequence[NamedBytes], Sequence[Diagnostic]]:
        """Every `*.yaml` and `*.yml` below the folder, sorted by path, and what could not be read."""
        ...

    def read(self, path: str, limit_bytes: int) -> NamedBytes | Problem:
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
        """Exclusive right to write on a lane; yields its fence. Raises: LeaseHeld."""
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
        """How many calls one look at a device costs at most."""
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
class Examinable(Protocol):
    """A platform whose accounts `doctor` can examine; optional, asked for with `isinstance`."""

    def examiner(self, config: PlatformConfig, endpoint: str | None) -> Examiner:
        """The examiner of one account; opens no connection."""
        ...
