"""Scripted faults: which request meets which misfortune.

A rule matches requests by operation, device and cloud. Of its matches it strikes the `nth` (from 1) and as many after
it as `times` says: once when `nth` is given, for ever when neither is. The first rule that strikes wins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconcile.emulator.messages import Json

PLAIN = frozenset(
    {
        "drop_before_landing",
        "drop_answer_after_landing",
        "http_500_before",
        "http_500_after",
        "throttle",
        "garbled_body",
        "truncated_body",
        "duplicate",
        "device_silent",
        "device_answer_lost",
    }
)
"""Faults without an argument."""

RADIO = frozenset({"device_silent", "device_answer_lost", "device_answers"})
"""Faults between platform and device; they also match the operation `deliver`, a cached command on its way."""

WORDED = frozenset({"device_answers"})
"""Faults with a confirm_status after a colon (`device_answers:RESP_ERROR`), or UNDEFINED for one nobody knows."""

DELIVERY = "deliver"

TIMED = frozenset({"slow", "late_copy", "history_lag", "clock_offset"})
"""Faults with seconds after a colon."""

CODED = frozenset({"errno", "errno_after"})
"""Faults with a vendor code after a colon; `errno` refuses, `errno_after` takes effect and then denies it."""

OPERATIONS = frozenset(
    {
        "write_now",
        "read_now",
        "execute_now",
        "observe",
        "discover",
        "resources",
        "queue_read",
        "queue_write",
        "queue_execute",
        "history",
        "detail",
        "trace",
        "cancel",
        "cancel_all",
        "query_device",
        "device_status",
        "list_devices",
        "latest_data",
        "device_data",
        "set_desired",
        "query_desired",
        "clear_desired",
        "property_status",
        "thing_model",
        DELIVERY,
    }
)
"""Operations with a name of ours."""

_VENDOR = re.compile(r"[A-Z][A-Za-z0-9]*|[a-z]+(-[a-z]+)+|[A-Z]+ /.*")
"""Calls without a name of ours, by the vendor's: `UpdateDevice`, `call-service`, `GET /cmds/history/1`."""

_WORD = re.compile(r"[A-Z_]{1,40}")
_SECONDS = re.compile(r"-?\d{1,9}(\.\d{1,3})?")
_MATCH_KEYS = frozenset({"operation", "device", "cloud", "nth", "times"})


class FaultError(ValueError):
    """A fault script that means nothing."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One misfortune: `slow:2` is name `slow`, argument `2`."""

    name: str
    argument: str = ""

    @property
    def seconds(self) -> float:
        """The argument of a timed fault."""
        return float(self.argument)

    @property
    def is_of_the_radio(self) -> bool:
        """Whether it happens between platform and device."""
        return self.name in RADIO

    def __str__(self) -> str:
        return f"{self.name}:{self.argument}" if self.argument else self.name


@dataclass(slots=True)
class Rule:
    """One line of the script, with its counters."""

    operation: str | None
    device: str | None
    cloud: str | None
    nth: int
    times: int | None
    faults: tuple[Fault, ...]
    seen: int = 0

    def strikes(self, operation: str, device: str | None, cloud: str) -> bool:
        """Count a request if it matches, and tell whether this one is struck."""
        if not (self.operation in (None, operation) and self.device in (None, device) and self.cloud in (None, cloud)):
            return False
        if operation == DELIVERY and self.operation is None and not any(fault.is_of_the_radio for fault in self.faults):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)

    def view(self) -> dict[str, Json]:
        """The rule as the control call shows it."""
        match = {"operation": self.operation, "device": self.device, "cloud": self.cloud, "nth": self.nth}
        return {
            "match": match | {"times": self.times},
            "fault": [str(fault) for fault in self.faults],
            "seen": self.seen,
        }


class Faults:
    """The script in force."""

    __slots__ = ("rules",)

    def __init__(self) -> None:
        self.rules: tuple[Rule, ...] = ()

    def pick(self, operation: str, device: str | None, cloud: str) -> tuple[Fault, ...]:
        """The faults that strike this request; none as a rule."""
        for rule in self.rules:
            if rule.strikes(operation, device, cloud):
                return rule.faults
        return ()


def parse_rules(script: Json) -> tuple[Rule, ...]:
    """The rules of `{"rules": [...]}`. Raises FaultError naming what is wrong."""
    rules = script.get("rules") if isinstance(script, Mapping) else None
    if not isinstance(rules, Sequence) or isinstance(rules, str):
        raise FaultError('a fault script is an object with a list "rules"')
    return tuple(_rule(rule) for rule in rules)


def _rule(spec: Json) -> Rule:
    if not isinstance(spec, Mapping) or "fault" not in spec:
        raise FaultError(f'a rule needs a "fault": {spec!r}')
    match = spec.get("match", {})
    if not isinstance(match, Mapping) or not set(match) <= _MATCH_KEYS:
        raise FaultError(f"a match has the keys {', '.join(sorted(_MATCH_KEYS))}: {match!r}")
    named = spec["fault"]
    faults = tuple(_fault(text) for text in (named if isinstance(named, list) else [named]))
    nth = _count(match.get("nth", 1), "nth")
    times = match.get("times", 1 if "nth" in match else None)
    operation = match.get("operation")
    if operation is not None and str(operation) not in OPERATIONS and not _VENDOR.fullmatch(str(operation)):
        known = ", ".join(sorted(OPERATIONS))
        raise FaultError(f"unknown operation {operation!r}; known: {known}, and other calls by the vendor's own name")
    return Rule(
        operation,
        match.get("device"),
        match.get("cloud"),
        nth,
        None if times is None else _count(times, "times"),
        faults,
    )


def _fault(text: Json) -> Fault:
    name, _, argument = str(text).partition(":")
    if name in PLAIN and not argument:
        return Fault(name)
    if name in CODED and argument:
        return Fault(name, argument)
    if name in WORDED and _WORD.fullmatch(argument):
        return Fault(name, argument)
    if name in TIMED:
        if not _SECONDS.fullmatch(argument):
            raise FaultError(f"{name} needs seconds after a colon: {text!r}")
        return Fault(name, argument)
    raise FaultError(f"unknown fault {text!r}; known: {', '.join(sorted(PLAIN | TIMED | CODED | WORDED))}")


def _count(value: Json, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise FaultError(f"{name} is a whole number from 1, not {value!r}")
    return value
