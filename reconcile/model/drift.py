"""What was written back of a resource that somebody keeps changing, and when to stop: the flap detector. Pure.

Premise: two who each want another value fight for ever, and on a battery every round costs life.
Rule: writing back is counted in a streak. A round within `window` of the one before it continues the streak, a later
one begins it anew. At `rounds` rounds the resource is quarantined: not written back for `rest` after the last round.
Then one more try is allowed; if the value is changed again within `window` of that rest, the streak goes on, and the
resource rests again at once. So at most `rounds` writes come first, and after that one in each `rest`.
A changed manifest value is another streak.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.model.late import dataclass
from reconcile.model.values import ABSENT, Json, JsonObject, Known, Missing, same

KEPT_ROUNDS = 5
"""How many rounds are kept for people; the streak counts on."""


@dataclass(frozen=True, slots=True)
class FlapRule:
    """When a resource is quarantined: `rounds` reverts, each within `window` of the one before; then for `rest`."""

    rounds: int = 3
    window: timedelta = timedelta(days=7)
    rest: timedelta = timedelta(days=7)


NORMAL = FlapRule()
"""What holds where the Fleet says nothing."""


@dataclass(frozen=True, slots=True)
class DriftRound:
    """One write back: when the foreign value was seen (our clock), and which it was."""

    at: datetime
    seen: Known = ABSENT


@dataclass(frozen=True, slots=True)
class DriftNote:
    """What a report says of drift beside the three values.

    `policy`: revert | adopt | report, `quarantine` when revert rests until `until`, `observe` when git only watches.
    `declared_at`: file:line:column of the winning value. `rounds`: what was written back before.
    """

    policy: str
    declared_at: str = ""
    rounds: tuple[DriftRound, ...] = ()
    until: datetime | None = None

    def to_json(self) -> JsonObject:
        """Members of a notice."""
        body: JsonObject = {"policy": self.policy}
        if self.declared_at:
            body["declared_at"] = self.declared_at
        if self.rounds:
            body["history"] = [_round_json(one) for one in self.rounds]
        return body if self.until is None else {**body, "until": self.until.isoformat()}

    @classmethod
    def from_json(cls, body: JsonObject) -> DriftNote | None:
        """The reverse, from a notice; None when it is not about drift. Raises: KeyError, TypeError or ValueError."""
        if "policy" not in body:
            return None
        history, until = body.get("history", []), body.get("until")
        if not isinstance(history, list):
            raise TypeError(type(history).__name__)
        return cls(
            str(body["policy"]),
            str(body.get("declared_at", "")),
            tuple(map(_round, history)),
            None if until is None else datetime.fromisoformat(str(until)),
        )


def _round_json(one: DriftRound) -> Json:
    body: JsonObject = {"at": one.at.isoformat()}
    return body if isinstance(one.seen, Missing) else {**body, "observed": one.seen}


def _round(body: Json) -> DriftRound:
    if not isinstance(body, dict):
        raise TypeError(type(body).__name__)
    return DriftRound(datetime.fromisoformat(str(body["at"])), body.get("observed", ABSENT))


@dataclass(frozen=True, slots=True)
class DriftHistory:
    """The writes back of one resource to one declared `value`: the last rounds, oldest first, and all of the streak."""

    value: Json
    rounds: tuple[DriftRound, ...]
    streak: int

    @property
    def last(self) -> datetime:
        """When the last write back was planned."""
        return self.rounds[-1].at

    def has_seen(self, value: Known) -> bool:
        """Whether that foreign value was among the last rounds."""
        return any(same(one.seen, value) for one in self.rounds)


def after_round(history: DriftHistory | None, wanted: Json, seen: Known, at: datetime, rule: FlapRule) -> DriftHistory:
    """The history with one more write back; a round seen at the same moment is the same round."""
    new = DriftRound(at, seen)
    if history is None or not same(history.value, wanted):
        return DriftHistory(wanted, (new,), 1)
    if history.last >= at:
        return history
    gap = rule.window + (rule.rest if history.streak >= rule.rounds else timedelta())
    if at - history.last > gap:
        return DriftHistory(wanted, (new,), 1)
    return DriftHistory(wanted, (*history.rounds, new)[-KEPT_ROUNDS:], history.streak + 1)


def rests_until(history: DriftHistory | None, wanted: Json, now: datetime, rule: FlapRule) -> datetime | None:
    """Until when the resource is quarantined; None when it may be written back."""
    if history is None or not same(history.value, wanted) or history.streak < rule.rounds:
        return None
    until = history.last + rule.rest
    return until if now < until else None
