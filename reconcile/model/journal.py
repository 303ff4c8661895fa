"""Journal entries: every attempt and its outcome, in order, chained by hashes.

What may follow what is a table: `model/attempt_machine.py`.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject, canonical, short_digest

DEED = "state_"
"""How operations begin that change the state alone: `state_rm`, `state_replace`."""


class AttemptState(StrEnum):
    """Where an attempt stands."""

    INFLIGHT = "INFLIGHT"
    DONE = "DONE"
    REFUSED = "REFUSED"
    CONFLICT = "CONFLICT"
    IN_DOUBT = "IN_DOUBT"
    ADOPTED = "ADOPTED"
    NOT_LANDED = "NOT_LANDED"
    SUPERSEDED = "SUPERSEDED"
    NEEDS_OPERATOR = "NEEDS_OPERATOR"

    @property
    def is_open(self) -> bool:
        """True while the outcome is not settled."""
        return self in (AttemptState.INFLIGHT, AttemptState.IN_DOUBT, AttemptState.NEEDS_OPERATOR)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One state of one attempt. Times are the server's where the server judges them (`deadline`, `marker`).

    `intent` names what was meant, whatever plan file it came from; `evidence` is small and holds no secret.
    """

    intent: str
    plan: str
    step: str
    lane: str
    fence: int
    device: DeviceRef
    operation: str
    target: str
    attempt: int
    state: AttemptState
    at: datetime
    body_digest: str = ""
    precondition: JsonObject = field(default_factory=dict)
    deadline: datetime | None = None
    marker: datetime | None = None
    evidence: JsonObject = field(default_factory=dict)

    @property
    def is_deed(self) -> bool:
        """True for what a person did to the state by hand: journaled when done, and never attempted."""
        return self.operation.startswith(DEED)


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """The last entry of an attempt that is not settled, with the step it belongs to (as in the plan file)."""

    entry: JournalEntry
    step: JsonObject
    device: JsonObject


def intent_id(plan: str, step_id: str) -> str:
    """The name of an intent: H(occasion of the plan, step id)."""
    return short_digest(canonical([plan, step_id]))
