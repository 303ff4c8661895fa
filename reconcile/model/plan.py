"""A plan: changes, classes and steps; immutable; named by its digest; self-contained but for endpoints and secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

from reconcile.model.actions import Action, ExecuteNow, SetDesired, WriteNow, to_request
from reconcile.model.conflict import ConflictNote
from reconcile.model.desired import RELEASE, OnRemoval
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.drift import DriftNote
from reconcile.model.energy import NO_ENERGY, Energy
from reconcile.model.fleet import NotedModel, TakenListing
from reconcile.model.forecast import Forecast
from reconcile.model.late import dataclass
from reconcile.model.policy import PolicyNote
from reconcile.model.protection import AllowedWrite, RaisedLimit
from reconcile.model.refresh import Coverage
from reconcile.model.rollout import Ticket
from reconcile.model.rollout_note import RolloutNote
from reconcile.model.values import ABSENT, Json, JsonObject, Known, Missing


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of one resource.

    | action  | before             | after            | costs                       |
    | ------- | ------------------ | ---------------- | --------------------------- |
    | create  | ABSENT, or UNKNOWN | value            | a write: never recorded before |
    | update  | value or UNKNOWN   | value            | a write, or only a withdrawal |
    | clear   | value or UNKNOWN   | None             | a write                     |
    | release | last recorded      | ABSENT           | nothing: no longer managed  |
    | adopt   | recorded or ABSENT | value already there | nothing: recorded only   |
    | run     | ABSENT             | args             | an Execute                  |

    `name` is how the device's model calls the resource, for people; it decides nothing.
    """

    resource: str
    action: str
    before: Known
    after: Known
    reason: str
    name: str = field(default="", compare=False)

    def to_json(self) -> JsonObject:
        """The form of a class's `changes`; ABSENT and UNKNOWN leave their member out and are named in `missing`."""
        body: JsonObject = {"resource": self.resource, "action": self.action, "reason": self.reason}
        missing: JsonObject = {}
        for name, value in (("before", self.before), ("after", self.after)):
            if isinstance(value, Missing):
                body[name] = None
                missing[name] = value.value
            else:
                body[name] = value
        return {**body, "missing": missing} if missing else body


@dataclass(frozen=True, slots=True)
class Step:
    """One request to one cloud. `after` names steps of the same device that must have succeeded before.

    `confirmed` are resources that the device must be known to hold when the step is sent. `otherwise` is sent in its
    place when the device proves unreachable, provably before anything landed.
    """

    id: str
    device: DeviceRef
    class_id: str
    wave: int
    action: Action
    after: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    otherwise: Action | None = None

    @property
    def read_back(self) -> tuple[str, ...]:
        """Resources that the device is asked for right before an instant step that follows them, in this very plan."""
        return self.confirmed if isinstance(self.action, WriteNow | ExecuteNow) else ()

    def to_json(self, recorded: str, request: JsonObject | None = None) -> JsonObject:
        """The form in a plan file; `recorded` is the fingerprint of the state the step was computed from.

        `request`: the action's `to_request`, for who has it already.
        """
        precondition: JsonObject = {"recorded": recorded}
        if isinstance(self.action, SetDesired):
            precondition = {"versions": dict(self.action.versions)}
        body: JsonObject = {
            "id": self.id,
            "device": str(self.device),
            "class": self.class_id,
            "wave": self.wave,
            "kind": self.action.kind,
            "request": to_request(self.action) if request is None else request,
            "precondition": precondition,
        }
        for name, values in (("after", self.after), ("confirmed", self.confirmed)):
            if values:
                body[name] = list(values)
        if self.otherwise is not None:
            body["otherwise"] = {"kind": self.otherwise.kind, "request": to_request(self.otherwise)}
        return body


@dataclass(frozen=True, slots=True)
class Adoption:
    """A value found in place: recorded without a request. `over`: the declared value that gives way to it, if any."""

    path: str
    value: Json
    value_type: str | None = None
    version: int | None = None
    over: Known = ABSENT


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """All of a plan that concerns one device: what to send, in order, and what to record with it.

    `recorded` is the fingerprint it was computed from; `settles` is the document digest the device is brought to when
    every step succeeds (None while something stays held or waits); `on_removal` is kept with each resource for its last
    day. `owed_runs` are commands (name, run key) for which the queue has no room: due once what they follow is written.
    `is_metered`: the device has a budget, and what it is asked to take is counted.
    `retries` numbers the resources and commands that are queued again after they were lost on their way. `delivery`
    says why writes are sent now or queued; it holds ages and decides nothing. `registered` is the registration that the
    look told of, recorded with the first step. `rollout` is its place in a rollout: it is sent when its wave may be.
    """

    ref: DeviceRef
    identity: Identity
    class_id: str
    recorded: str
    settles: str | None
    steps: tuple[Step, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    releases: tuple[str, ...] = ()
    withdrawn_runs: tuple[str, ...] = ()
    owed_runs: tuple[tuple[str, str], ...] = ()
    is_metered: bool = False
    is_released: bool = False
    on_removal: Mapping[str, OnRemoval] = field(default_factory=dict)
    retries: Mapping[str, int] = field(default_factory=dict)
    delivery: str = field(default="", compare=False)
    registered: str | None = field(default=None, compare=False)
    rollout: Ticket | None = None

    @property
    def calls(self) -> int:
        """Calls to the cloud: its steps, and for what is read back, once, one for each object instance."""
        seen: set[str] = set()
        calls = len(self.steps)
        for step in self.steps:
            if step.confirmed:
                new = set(step.read_back) - seen
                seen |= new
                calls += len({path.rpartition("/")[0] for path in new})
        return calls

    def removal_of(self, path: str) -> OnRemoval:
        """What the manifests say for the day the resource leaves them."""
        return self.on_removal.get(path, RELEASE)


@dataclass(frozen=True, slots=True)
class ChangeClass:
    """All devices with the same set of changes; `sample` names up to three.

    `ways` says why they are written to now or by their queue, and how many devices each sentence is about.
    """

    id: str
    devices: int
    sample: tuple[DeviceRef, ...]
    changes: tuple[Change, ...]
    energy: Energy = NO_ENERGY
    ways: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """A device, or a resource of it, that the plan leaves alone, and why (held, unknown, conflict, drift, ...)."""

    device: DeviceRef
    reason: str
    resource: str | None = None
    desired: Known = ABSENT
    recorded: Known = ABSENT
    observed: Known = ABSENT
    drift: DriftNote | None = None
    conflict: ConflictNote | None = None

    def to_json(self) -> JsonObject:
        """The form of an entry of `held`, `unknown`, `conflicts`, `drift` and `waiting`."""
        body: JsonObject = {"device": str(self.device), "reason": self.reason}
        if self.resource is not None:
            body["resource"] = self.resource
        for name, value in (("desired", self.desired), ("recorded", self.recorded), ("observed", self.observed)):
            if not isinstance(value, Missing):
                body[name] = value
        if self.conflict is not None:
            body |= self.conflict.to_json()
        if self.drift is None:
            return body
        sides = {"recorded": self.recorded, "observed": self.observed}
        missing: JsonObject = {name: side.value for name, side in sides.items() if isinstance(side, Missing)}
        return body | self.drift.to_json() | ({"missing": missing} if missing else {})


@dataclass(frozen=True, slots=True)
class Summary:
    """Each device counted once: unknown before conflict, held (or blocked), changing, waiting, settled.

    `requests` per platform.
    """

    devices: int = 0
    settled: int = 0
    changing: int = 0
    waiting: int = 0
    held: int = 0
    unknown: int = 0
    conflicts: int = 0
    requests: Mapping[str, int] = field(default_factory=dict)
    accepted_s: float = 0.0
    forecast: Forecast | None = None
    energy: Energy = NO_ENERGY

    def to_json(self) -> JsonObject:
        """The `summary` member of a plan."""
        forecast: JsonObject = {"accepted_s": self.accepted_s}
        if self.forecast is not None:
            forecast["confirmed"] = self.forecast.to_json()
        body: JsonObject = {
            "devices": self.devices,
            "settled": self.settled,
            "changing": self.changing,
            "waiting": self.waiting,
            "held": self.held,
            "unknown": self.unknown,
            "conflicts": self.conflicts,
            "requests": dict(sorted(self.requests.items())),
            "forecast": forecast,
        }
        return body if self.energy == NO_ENERGY else {**body, "energy": self.energy.to_json()}


@dataclass(frozen=True, slots=True)
class Base:
    """What a plan was computed from.

    `listings` are those of clouds, with when they were taken; `models` the device models that tell a version.
    `tool` is the version of the program; empty in plans from before it was kept.
    """

    manifests: str
    commit: str | None
    lineage: str
    serial: int
    refresh: str
    listings: tuple[TakenListing, ...] = ()
    models: tuple[NotedModel, ...] = ()
    tool: str = ""

    def to_json(self) -> JsonObject:
        """The `base` member of a plan."""
        body: JsonObject = {
            "manifests": self.manifests,
            "commit": self.commit,
            "lineage": self.lineage,
            "serial": self.serial,
            "refresh": self.refresh,
        }
        if self.listings:
            body["listings"] = [one.to_json() for one in self.listings]
        if self.models:
            body["models"] = [one.to_json() for one in self.models]
        if self.tool:
            body["tool"] = self.tool
        return body


@dataclass(frozen=True, slots=True)
class Plan:
    """What would change, why, and the requests that would make it so.

    `waiting` are resources and commands that a later run sends, because the device's queue has no room for them now.
    `blocked` are protected resources that no line of `allow:` covers: nothing is sent to their devices. `protected` are
    those that one does cover, and that this plan sends to; `raised` are limits that it exceeds as such a line allows.
    `policy` says which policies it was checked by; None where there was none.
    """

    digest: str
    created: datetime
    expires: datetime
    base: Base
    summary: Summary
    classes: tuple[ChangeClass, ...] = ()
    devices: Sequence[PlannedDevice] = ()
    held: tuple[Notice, ...] = ()
    unknown: tuple[Notice, ...] = ()
    conflicts: tuple[Notice, ...] = ()
    drift: tuple[Notice, ...] = ()
    waiting: tuple[Notice, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    coverage: Coverage | None = None
    blocked: tuple[Notice, ...] = ()
    protected: tuple[AllowedWrite, ...] = ()
    rollouts: tuple[RolloutNote, ...] = ()
    raised: tuple[RaisedLimit, ...] = ()
    policy: PolicyNote | None = None

    @property
    def occasion(self) -> str:
        """What may run once: the digest, and the serial of the state it was made from.

        The same change may be planned again later (there, back, and there again) and has the same digest then.
        """
        return f"{self.digest}@{self.base.serial}"

    @property
    def is_empty(self) -> bool:
        """True when applying it would neither send nor record anything."""
        return not self.devices

    @property
    def is_blocked(self) -> bool:
        """True when safety refuses it (any RCL7xx error)."""
        return any(d.is_error and d.code.startswith("RCL7") for d in self.diagnostics)

    def steps(self) -> tuple[Step, ...]:
        """All steps, device by device."""
        return tuple(step for device in self.devices for step in device.steps)
