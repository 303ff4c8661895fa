"""Desired state: what the manifests say of a device after layering, shared by all devices of one configuration."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from reconcile.model.diagnostic import NOWHERE, Span
from reconcile.model.late import dataclass
from reconcile.model.values import Json, canonical, short_digest


class Ownership(StrEnum):
    """Who owns a resource. enforce: git; seed: git once, then the field; observe: look only; ignore: not even that."""

    ENFORCE = "enforce"
    SEED = "seed"
    OBSERVE = "observe"
    IGNORE = "ignore"


class OnDrift(StrEnum):
    """What to do when somebody else changed an enforced resource. revert: write back; adopt: git should follow;
    report: only tell.
    """

    REVERT = "revert"
    ADOPT = "adopt"
    REPORT = "report"


class OnConflict(StrEnum):
    """What to do when git and somebody else both changed a resource. hold: send nothing; ours: write git's value over
    the one that was read; adopt: git's value gives way until git says another.
    """

    HOLD = "hold"
    OURS = "ours"
    ADOPT = "adopt"


class DeliveryMode(StrEnum):
    """now: instant call; queue: cached command; auto: instant only within `reachable_within_s` of the last uplink."""

    AUTO = "auto"
    NOW = "now"
    QUEUE = "queue"


class Urgency(StrEnum):
    """What a write may cost a device. immediate: whatever it takes, no budget holds it; routine: as the mode says,
    within the budget; whenever: only what rides on an uplink that happens anyway, within the budget.
    """

    IMMEDIATE = "immediate"
    ROUTINE = "routine"
    WHENEVER = "whenever"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a device may be asked to take in a day, which begins with the first of it. None: as much as there is."""

    wakeups_per_day: int | None = None
    bytes_per_day: int | None = None

    @property
    def is_limited(self) -> bool:
        """True when anything is limited."""
        return self.wakeups_per_day is not None or self.bytes_per_day is not None


class WriteMode(StrEnum):
    """OneNET's `mode`: replace is 1 (deletes the instance's other values), update is 2."""

    REPLACE = "replace"
    UPDATE = "update"


TRIGGERS: tuple[str, ...] = ("register", "update", "notify")
"""Uplinks that may release a cached command, in the order of OneNET's bits 1, 2, 4."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How writes travel. Defaults are the product's; ranges are the vendors' (checked by the manifest schema).

    `requeue`: how often a queued command that was lost is queued again; the first time at once, then not before
    `backoff_s`, and twice as long each time after. (`retry` is the platform's own repetition of one command.)
    `wakes_every_s`: how often the devices are heard, for forecasts, where no uplinks are recorded yet.
    """

    mode: DeliveryMode = DeliveryMode.AUTO
    expire_after_s: int = 259_200
    valid_after_s: int = 60
    retry: int = 3
    trigger: tuple[str, ...] = TRIGGERS
    timeout_s: int = 25
    write_mode: WriteMode = WriteMode.UPDATE
    reachable_within_s: int = 60
    requeue: int = 5
    backoff_s: int = 3_600
    urgency: Urgency = Urgency.ROUTINE
    budget: Budget = Budget()
    wakes_every_s: int | None = None


@dataclass(frozen=True, slots=True)
class OnRemoval:
    """What happens when a resource leaves the manifests. kind: release | clear | set (then `value`, `value_type`)."""

    kind: str = "release"
    value: Json = None
    value_type: str | None = None

    def to_json(self) -> Json:
        """The form kept in documents and state."""
        return {"set": self.value, "type": self.value_type} if self.kind == "set" else self.kind


RELEASE = OnRemoval()


@dataclass(frozen=True, slots=True)
class Layer:
    """Where one layer sets one resource: `name` is e.g. `profile meters-base (priority 10)`."""

    name: str
    span: Span = NOWHERE
    value: Json = None
    ownership: Ownership = Ownership.ENFORCE


@dataclass(frozen=True, slots=True)
class DesiredResource:
    """The target of one resource. `value` is in the dialect's canonical form; layers run low to high, the last wins.

    `after`: resources that the device must be known to hold before this one is written.
    """

    path: str
    value: Json
    value_type: str | None = None
    ownership: Ownership = Ownership.ENFORCE
    on_removal: OnRemoval = RELEASE
    on_drift: OnDrift = OnDrift.REVERT
    on_conflict: OnConflict = OnConflict.HOLD
    after: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = field(default=(), compare=False, repr=False)

    @property
    def span(self) -> Span:
        """The place that decided the value."""
        return self.layers[-1].span if self.layers else NOWHERE

    def written_at(self, layers: tuple[Layer, ...]) -> DesiredResource:
        """The same, as other documents say it."""
        how = self.ownership, self.on_removal, self.on_drift, self.on_conflict, self.after
        return DesiredResource(self.path, self.value, self.value_type, *how, layers)

    def to_json(self) -> Json:
        """The canonical form that the digest covers; provenance stays out of it, and so do policies by default."""
        body: list[Json] = [
            self.path,
            self.value,
            self.value_type,
            self.ownership.value,
            self.on_removal.to_json(),
        ]
        if self.on_drift is not OnDrift.REVERT:
            body.append({"onDrift": self.on_drift.value})
        return body


@dataclass(frozen=True, slots=True)
class Command:
    """An Execute declared in a manifest: run once per change of `after`, or once per value of `trigger`.

    What `before` names is written only when the command ran; with neither `after` nor `trigger` it runs once per change
    of that.

    `expire_after_s` replaces the delivery's own, for this command. `waits_for_confirmation`: it runs only when the
    device is known to hold what it follows; else the cloud's having accepted it is enough.
    """

    name: str
    execute: str
    args: str | None = None
    after: tuple[str, ...] = ()
    trigger: str | None = None
    is_idempotent: bool = False
    expire_after_s: int | None = field(default=None, compare=False)
    waits_for_confirmation: bool = field(default=False, compare=False)
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    before: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """The canonical form that the digest covers."""
        body: list[Json] = [
            self.name,
            self.execute,
            self.args,
            list(self.after),
            self.trigger,
            self.is_idempotent,
        ]
        return [*body, {"before": list(self.before)}] if self.before else body


@dataclass(frozen=True, slots=True)
class DesiredDocument:
    """Everything wanted of a device. Resources are sorted by path, commands stay in declared order.

    `digest` names what would be sent, not how: a change of `delivery` alone re-sends nothing. `rollout` is the profile
    by whose waves it spreads, if any.
    """

    resources: tuple[DesiredResource, ...] = ()
    commands: tuple[Command, ...] = ()
    delivery: Delivery = Delivery()
    digest: str = ""
    rollout: str | None = field(default=None, compare=False)

    @classmethod
    def build(
        cls, resources: tuple[DesiredResource, ...], commands: tuple[Command, ...], delivery: Delivery
    ) -> DesiredDocument:
        """A document with its digest."""
        in_order = tuple(sorted(resources, key=lambda resource: resource.path))
        body: Json = [[r.to_json() for r in in_order], [c.to_json() for c in commands]]
        return cls(in_order, commands, delivery, short_digest(canonical(body)))
