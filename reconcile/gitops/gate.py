"""What a pipeline may do with a plan that was just made: a pure decision, one row of a table each.

| the plan                                | was approved                 | decision |
| --------------------------------------- | ---------------------------- | -------- |
| is blocked by policy or safety          | -                            | blocked  |
| would do nothing                        | -                            | nothing  |
| goes nowhere beyond the approved one    | in time, by digest or file   | apply    |
| goes beyond it, or the approval is late | -                            | ask      |
| would do something                      | never, or by nobody who may  | ask      |
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from reconcile.gitops.approval import Reach, beyond
from reconcile.gitops.approvals.yes import Yes
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan
from reconcile.model.values import JsonObject

_NAMED = 20


class Decision(StrEnum):
    """apply: go on; nothing: there is nothing to do; ask: a person has to look first; blocked: nobody can say yes."""

    APPLY = "apply"
    NOTHING = "nothing"
    ASK = "ask"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, why, the digest that it is about, and whose yes it rests on, where a source said so."""

    decision: Decision
    digest: str
    why: tuple[str, ...] = ()
    reach: Reach = field(default_factory=Reach)
    by: Yes | None = None

    @property
    def exit_code(self) -> int:
        """0 go on or nothing to do, 4 somebody has to look."""
        return 0 if self.decision in (Decision.APPLY, Decision.NOTHING) else 4

    def to_json(self) -> JsonObject:
        """For the pipeline; devices are named up to twenty of each kind, and counted."""
        return {
            "format": "reconcile-gate/1",
            "decision": self.decision.value,
            "digest": self.digest,
            "why": list(self.why),
            "approval": None if self.by is None else self.by.to_json(),
            "added": {"devices": len(self.reach.added), "sample": [str(one) for one in self.reach.added[:_NAMED]]},
            "grown": {"devices": len(self.reach.grown), "sample": [str(one) for one in self.reach.grown[:_NAMED]]},
        }


@dataclass(frozen=True, slots=True)
class Approval:
    """What somebody said yes to: a digest, and where it is at hand the whole plan, which lets less go on too.

    `by` is whose yes it is; `refusals` are the reasons why it is nobody's, though somewhere was looked for one.
    """

    digest: str
    plan: Plan | None = None
    by: Yes | None = None
    refusals: tuple[str, ...] = ()


def decide(now: Plan, approval: Approval | None, at: datetime) -> Verdict:
    """The decision on a plan made just now."""
    verdict = _decide(now, approval, at)
    if approval is None or verdict.decision is not Decision.APPLY:
        return verdict
    return replace(verdict, by=approval.by)


def _decide(now: Plan, approval: Approval | None, at: datetime) -> Verdict:
    if now.is_blocked or now.blocked:
        return Verdict(Decision.BLOCKED, now.digest, ("policy or safety stands against the plan",))
    if now.is_empty:
        return Verdict(Decision.NOTHING, now.digest)
    if now.expires <= at:
        return Verdict(Decision.ASK, now.digest, ("the plan has expired; plan again",))
    if approval is None:
        return Verdict(Decision.ASK, now.digest, ("nobody has approved it",))
    if approval.refusals:
        return Verdict(Decision.ASK, now.digest, approval.refusals)
    if approval.plan is None:
        if approval.digest == now.digest:
            return Verdict(Decision.APPLY, now.digest)
        return Verdict(Decision.ASK, now.digest, (f"the approval is for another plan: {approval.digest}",))
    is_same = approval.digest == now.digest
    if approval.plan.expires <= at and not is_same:
        return Verdict(Decision.ASK, now.digest, ("the approved plan has expired, and this one differs from it",))
    reach = beyond(approval.plan, now)
    if reach.is_covered:
        why = () if is_same else ("the same changes as approved, to fewer devices or with less of them left to do",)
        return Verdict(Decision.APPLY, now.digest, why)
    return Verdict(Decision.ASK, now.digest, tuple(_words(reach)), reach)


def _words(reach: Reach) -> list[str]:
    said = list(reach.others)
    if reach.added:
        said.append(f"{len(reach.added):,} devices that the approved plan did not touch")
    if reach.grown:
        said.append(f"{len(reach.grown):,} devices of which more or something else would change")
    return said
