"""The life of an attempt, as a table: what may follow what in the journal.

Premise: a journal is evidence only if impossible stories cannot be written into it. Rule: a store takes an entry when
the table has an edge from the intent's last state to it, and refuses it otherwise; the diagram in
docs/state-and-recovery.md is made from the same table (docs/make_journal.py).

PENDING is no entry: a step of a plan that was not begun. One that is never begun, because a newer plan took its plan's
place, leaves none either, so there is no state ABANDONED to write. INFLIGHT found at start-up is in doubt, whether or
not somebody could still write so: the same events end both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from reconcile.model.journal import AttemptState

PENDING = "PENDING"
"""The state of a step without an entry, in diagrams and messages."""


class AttemptEvent(StrEnum):
    """What can happen to an attempt; the words of the diagram."""

    BEGIN = "begin"
    ACCEPT = "the cloud accepts"
    REFUSE = "the cloud refuses"
    PRECONDITION_FAIL = "a precondition fails"
    NOT_SEND = "no byte leaves"
    LOSE_ANSWER = "no usable answer"
    FIND = "found in the cloud"
    RULE_OUT = "proven without effect"
    FIND_OTHERS = "somebody else wrote"
    CANNOT_TELL = "nobody can tell"
    SEEN_TO_RUN = "a person saw that it ran"
    SEEN_NOT_TO_RUN = "a person saw that it did not"
    END_WITH_RECORD = "its record ends by hand"


_IN_DOUBT: Mapping[AttemptEvent, AttemptState] = {
    AttemptEvent.FIND: AttemptState.ADOPTED,
    AttemptEvent.RULE_OUT: AttemptState.NOT_LANDED,
    AttemptEvent.FIND_OTHERS: AttemptState.CONFLICT,
    AttemptEvent.CANNOT_TELL: AttemptState.NEEDS_OPERATOR,
}

TABLE: Mapping[AttemptState | None, Mapping[AttemptEvent, AttemptState]] = {
    None: {AttemptEvent.BEGIN: AttemptState.INFLIGHT},
    AttemptState.INFLIGHT: {
        AttemptEvent.ACCEPT: AttemptState.DONE,
        AttemptEvent.REFUSE: AttemptState.REFUSED,
        AttemptEvent.PRECONDITION_FAIL: AttemptState.CONFLICT,
        AttemptEvent.NOT_SEND: AttemptState.NOT_LANDED,
        AttemptEvent.LOSE_ANSWER: AttemptState.IN_DOUBT,
        **_IN_DOUBT,
    },
    AttemptState.IN_DOUBT: _IN_DOUBT,
    AttemptState.REFUSED: {AttemptEvent.BEGIN: AttemptState.INFLIGHT},
    AttemptState.NOT_LANDED: {AttemptEvent.BEGIN: AttemptState.INFLIGHT},
    AttemptState.NEEDS_OPERATOR: {
        AttemptEvent.SEEN_TO_RUN: AttemptState.ADOPTED,
        AttemptEvent.SEEN_NOT_TO_RUN: AttemptState.NOT_LANDED,
        AttemptEvent.END_WITH_RECORD: AttemptState.SUPERSEDED,
    },
    AttemptState.DONE: {},
    AttemptState.ADOPTED: {},
    AttemptState.CONFLICT: {},
    AttemptState.SUPERSEDED: {},
}
"""From each state (None: no entry yet) what may happen, and to which state it leads. Without events it is final."""

_NEXT = {state: frozenset(events.values()) for state, events in TABLE.items()}


def may_follow(last: AttemptState | None, state: AttemptState) -> bool:
    """Whether an intent whose last entry says `last` may get one that says `state`."""
    return state in _NEXT[last]


def may_begin(last: AttemptState | None) -> bool:
    """Whether a step may be sent, or sent again, after that outcome."""
    return AttemptEvent.BEGIN in TABLE[last]


def edges() -> Iterator[tuple[str, AttemptEvent, str]]:
    """(from, event, to) in the table's order."""
    for state, events in TABLE.items():
        for event, after in events.items():
            yield PENDING if state is None else state.value, event, after.value
