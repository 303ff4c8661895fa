"""What `doctor` finds: findings about an account or the fleet, calls a role needs, and answers of `--prove`.

Findings are data: a key of the report's catalogue and the values that its sentence names, never a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from reconcile.model.device import DeviceRef, Identity
from reconcile.model.journal import AttemptState
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject, Known

Facts: TypeAlias = Mapping[str, "str | int"]


class Mark(StrEnum):
    """problem: something would make an apply fail. skipped: nobody looked, and the finding says why."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. `topic` groups (credentials, endpoint, ...); `key` names the sentence; `values` are its facts."""

    topic: str
    mark: Mark
    key: str
    values: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallUse:
    """One call of a cloud and who needs it: `plan` (plan, drift, status), `apply`, `listing` (an inventory from it),
    `doctor` (to compare models).

    `operation` is the name in the emulator's log; `name` the vendor's. `is_mutating`: never probed by `doctor`.
    """

    operation: str
    name: str
    roles: tuple[str, ...]
    is_mutating: bool = False


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The documented limit of calls a second, and the page that says so."""

    per_second: float
    source: str


@dataclass(frozen=True, slots=True)
class Examined:
    """Everything about one account (`name` is the platform's) or, with an empty name, about the fleet itself."""

    name: str
    type: str = ""
    findings: Sequence[Finding] = ()
    calls: Sequence[CallUse] = ()


@dataclass(frozen=True, slots=True)
class Capability:
    """How an account answered one question.

    `switch` is the emulator's switch and the choice that corresponds to the answer; None where there is none or the
    answer is not known. `evidence` is small: vendor codes, versions, statuses.
    """

    question: str
    answer: str
    mark: Mark = Mark.OK
    switch: tuple[str, str] | None = None
    evidence: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holding:
    """The cloud's copy of one resource, read back: its value and version."""

    value: Known
    version: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request of a proof. `holds` is the cloud's copy afterwards, where it keeps one."""

    state: AttemptState
    code: str = ""
    message: str = ""
    command_uuid: str | None = None
    versions: Mapping[str, int] = field(default_factory=dict)
    holds: Mapping[str, Holding] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        """True when the cloud took it."""
        return self.state is AttemptState.DONE

    def evidence(self) -> JsonObject:
        """For the journal: code, message, uuid and versions, where there are any."""
        found: dict[str, Json] = {"code": self.code, "message": self.message, "uuid": self.command_uuid}
        kept: JsonObject = {name: value for name, value in found.items() if value}
        return {**kept, "versions": dict(self.versions)} if self.versions else kept


@dataclass(frozen=True, slots=True)
class Bearing:
    """One resource a proof may write: declared, recorded, not a secret, and settled at this value."""

    path: str
    value: Json
    value_type: str | None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a proof is made on: one device, the resource it writes, and others of the device it may only read.

    `unset_path` is a writable resource that no manifest declares, where the device model names one.
    """

    ref: DeviceRef
    identity: Identity
    bearing: Bearing
    others: Sequence[Bearing] = ()
    unset_path: str | None = None
    wait_s: float = 20.0
    may_fill_queue: bool = False


@dataclass(frozen=True, slots=True)
class SentCommand:
    """A queued command that recorded state remembers, and when (our clock, UTC) the cloud accepted it."""

    identity: Identity
    uuid: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe found; `ahead_s` is the cloud's clock minus ours, None when no answer told the time."""

    findings: Sequence[Finding]
    ahead_s: float | None = None
