"""The codes of inventories and layering, each with its one fixed summary."""

from __future__ import annotations

from reconcile.model.diagnostic import Diagnostic, Severity, Span
from reconcile.model.late import dataclass
from reconcile.ports import Problem


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of mistake: its code, its summary, and how bad it is."""

    code: str
    summary: str
    severity: Severity = Severity.ERROR

    def at(self, span: Span, detail: str) -> Diagnostic:
        """The mistake at a place; `detail` comes without its last full stop."""
        return Diagnostic(self.code, self.summary, f"{detail}.", span, self.severity)


UNKNOWN_PLATFORM = Rule("RCL121", "no such platform")
NO_PLATFORM = Rule("RCL122", "device has no platform")
SHARED_IDENTITY = Rule("RCL124", "two devices have one identity")
CONTRADICTION = Rule("RCL125", "device document contradicts the inventory")
PROFILES_DISAGREE = Rule("RCL126", "two profiles of equal priority disagree")
WRONG_SECTION = Rule("RCL127", "section does not fit the device's platform")
MATCHES_NOTHING = Rule("RCL128", "profile matches no device", Severity.WARNING)
NO_VALUE = Rule("RCL129", "resource has no value")
BAD_WINDOW = Rule("RCL130", "command would expire before it is valid")
BAD_DURATION = Rule("RCL131", "duration cannot be read")
BAD_VARIABLE = Rule("RCL132", "unknown variable")
CANNOT_CLEAR = Rule("RCL133", "value cannot be cleared on this platform")
CANNOT_CLEAR_LATER = Rule("RCL134", "resource cannot be cleared on removal on this platform")
BURIED_SECRET = Rule("RCL135", "secret inside a structured value")
AFTER_UNDECLARED = Rule("RCL136", "command waits for a resource that is not declared")
CANNOT_EXECUTE = Rule("RCL137", "platform cannot run commands")
LONG_ARGS = Rule("RCL138", "command arguments are too long")
PATH_TWICE = Rule("RCL139", "resource is declared twice in one document")
BAD_SELECTOR = Rule("RCL140", "selector cannot be read")
UNKNOWN_DEVICE = Rule("RCL141", "no such device")
BAD_UNTIL = Rule("RCL142", "date cannot be read")
HOLD_EXPIRED = Rule("RCL143", "hold has expired", Severity.WARNING)
HOLD_EMPTY = Rule("RCL144", "hold covers no device", Severity.WARNING)
MISSING_LABEL = Rule("RCL146", "variable names a label that the device does not have")
URGENCY_AGAINST_MODE = Rule("RCL147", "urgency contradicts the delivery mode")
ORDER_UNWRITTEN = Rule("RCL148", "order names a resource that is never written")
ORDER_CIRCLE = Rule("RCL149", "order inside a device goes in a circle")
STATE_BACKEND = Rule("RCL145", "state backend lacks its address")

NOT_TEXT = Rule("RCL150", "inventory is not readable text")
BAD_HEADER = Rule("RCL151", "inventory has no usable header")
BAD_COLUMN = Rule("RCL152", "inventory column has no usable name")
CELL_COUNT = Rule("RCL153", "row has the wrong number of cells")
BAD_QUOTES = Rule("RCL154", "row cannot be read as CSV")
NO_NAME = Rule("RCL155", "row has no usable device name")
BAD_OBJECT = Rule("RCL156", "line is not an inventory object")
BAD_MEMBER = Rule("RCL157", "inventory member is not text")
NAME_TWICE = Rule("RCL158", "device is in the inventories twice")
UNKNOWN_FORMAT = Rule("RCL159", "inventory format is not known")

NO_LISTING = Rule("RCL160", "listing of a cloud is not at hand")
NOT_FETCHED = Rule("RCL161", "listing of a cloud could not be fetched")
OLD_LISTING = Rule("RCL162", "listing of a cloud is old", Severity.WARNING)
LISTED_TWICE = Rule("RCL163", "two listings are the same")
LISTINGS_DISAGREE = Rule("RCL164", "two listings give one device different labels")
NOT_LISTED = Rule("RCL165", "listed device cannot be used and is left out", Severity.WARNING)
FACT_LEFT_OUT = Rule("RCL166", "fact of a listed device is left out", Severity.WARNING)
NOT_A_LISTING_LABEL = Rule("RCL167", "name cannot be a label of a listed device")
VOLATILE_SELECTOR = Rule("RCL168", "selector asks for a fact that changes at every contact", Severity.WARNING)
EMPTY_LISTING = Rule("RCL169", "listing of a cloud holds no device", Severity.WARNING)

ALLOWANCE_ENDED = Rule("RCL706", "allowance has ended", Severity.WARNING)
ROLLOUT_UNSATISFIABLE = Rule("RCL712", "rollout cannot be carried out as it is written")
POLICY_UNCLEAR = Rule("RCL714", "policy cannot be carried out as it is written")
WAIVER_ENDED = Rule("RCL715", "waiver of a policy has ended", Severity.WARNING)

NEEDS_ALL_DEVICES = frozenset(rule.code for rule in (MATCHES_NOTHING, UNKNOWN_DEVICE, HOLD_EMPTY))
"""Complaints that no device is there; worth nothing while some devices could not be read."""

NEEDS_ALL_FILES = NEEDS_ALL_DEVICES | {
    rule.code for rule in (MISSING_LABEL, AFTER_UNDECLARED, ORDER_UNWRITTEN, NO_PLATFORM)
}
"""Complaints that nobody declares something; worth nothing while a document that may do so could not be read."""

SAME_KIND_SHOWN = 20
"""A broken inventory breaks every row alike; after this many the rest is only counted."""


def placed(problem: Problem, span: Span, about: str) -> Diagnostic:
    """A dialect's or source's problem at a place; `about` says what of."""
    severity = Severity.WARNING if problem.is_warning else Severity.ERROR
    detail = f"{about}: {problem.detail}" if about else problem.detail
    return Diagnostic(problem.code, problem.summary, detail, span, severity)


class Tally:
    """Diagnostics of one file; of each code the first few stand out in full, the others are counted."""

    __slots__ = ("_counts", "_last", "diagnostics")

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._counts: dict[str, int] = {}
        self._last: dict[str, Diagnostic] = {}

    @property
    def told(self) -> int:
        """How many there were so far."""
        return sum(self._counts.values())

    def add(self, diagnostic: Diagnostic) -> None:
        """Keeps or counts one."""
        seen = self._counts.get(diagnostic.code, 0)
        self._counts[diagnostic.code] = seen + 1
        if seen < SAME_KIND_SHOWN:
            self.diagnostics.append(diagnostic)
        elif seen == SAME_KIND_SHOWN:
            self._last[diagnostic.code] = diagnostic

    def close(self) -> list[Diagnostic]:
        """All that were kept, and one line for each kind that had more."""
        rest = [
            Diagnostic(first.code, first.summary, f"... and {more} more of the same", first.span, first.severity)
            for code, first in self._last.items()
            if (more := self._counts[code] - SAME_KIND_SHOWN)
        ]
        return [*self.diagnostics, *rest]
