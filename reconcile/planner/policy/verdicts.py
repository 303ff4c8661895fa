"""Verdicts of policies, gathered: one for each rule and resource, however many devices it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, datetime

from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import Diagnostic, Severity
from reconcile.model.late import dataclass
from reconcile.model.policy import Rule, Waiver
from reconcile.planner.policy.breach import Breach
from reconcile.planner.policy.reach import Reach

DENIED = ("RCL720", "a policy denies it")
WARNED = ("RCL721", "a policy warns of it")
WAIVED = ("RCL722", "a policy is waived, until a last day")
CLOSED = ("RCL723", "a policy's window is closed")

_LISTED = 20
_WAY_OUT = (
    "Change what the manifests say, or waive the rule for a time under `waivers:` of the policy; policies, waivers "
    "included, count once they are on the branch that they are read from"
)


@dataclass(slots=True)
class _Said:
    rule: Rule
    waiver: Waiver | None
    what: str
    devices: dict[DeviceRef, None] = field(default_factory=dict)


@dataclass(slots=True)
class Verdicts:
    """What was found so far. A device counts once for a rule and a resource."""

    reach: Reach = field(default_factory=Reach)
    _found: dict[tuple[str, str, Waiver | None], _Said] = field(default_factory=dict)
    _closed: list[tuple[Rule, datetime | None]] = field(default_factory=list)

    def add(self, rule: Rule, device: Device, breach: Breach) -> None:
        """Takes a breach by a device that the rule is about."""
        waiver = self.reach.waiver(rule, device)
        key = (rule.title, breach.resource, waiver)
        self._found.setdefault(key, _Said(rule, waiver, breach.said)).devices[device.ref] = None

    def add_closed(self, rule: Rule, opens: datetime | None) -> None:
        """Takes a window that is closed while something would be sent."""
        self._closed.append((rule, opens))

    @property
    def is_empty(self) -> bool:
        """True when nothing is to be said."""
        return not (self._found or self._closed)

    def denials(self) -> Iterator[str]:
        """What is denied, each in one sentence without its advice."""
        yield from (_sentence(one) for one in self._found.values() if one.rule.denies and one.waiver is None)
        yield from (_closed(rule, opens) for rule, opens in self._closed if rule.denies)

    def diagnostics(self, *, sends: bool) -> list[Diagnostic]:
        """RCL720 (error) to RCL723. A closed window keeps nobody from planning: it is an error only of who `sends`."""
        told: dict[tuple[str, Waiver | None], int] = {}
        found = []
        for said in self._found.values():
            rule = said.rule
            key = rule.title, said.waiver
            told[key] = told.get(key, 0) + 1
            if told[key] <= _LISTED:
                found.append(_diagnostic(rule, said.waiver, _sentence(said)))
            elif told[key] == _LISTED + 1:
                more = f"policy {rule.title}: more resources break it, which are not listed"
                found.append(_diagnostic(rule, said.waiver, more))
        for rule, opens in self._closed:
            severity = Severity.ERROR if sends and rule.denies else Severity.WARNING
            found.append(Diagnostic(*CLOSED, f"{_closed(rule, opens)}{_message(rule)}.", rule.span, severity))
        return found


def _diagnostic(rule: Rule, waiver: Waiver | None, sentence: str) -> Diagnostic:
    if waiver is not None:
        ends = waiver.until.astimezone(UTC).isoformat()
        return Diagnostic(*WAIVED, f"{sentence}{_message(rule)}. Waived until {ends}: {waiver.reason}.", waiver.span,
                          Severity.WARNING)  # fmt: skip
    if not rule.denies:
        return Diagnostic(*WARNED, f"{sentence}{_message(rule)}.", rule.span, Severity.WARNING)
    return Diagnostic(*DENIED, f"{sentence}{_message(rule)}. {_WAY_OUT}.", rule.span)


def _sentence(said: _Said) -> str:
    first, count = next(iter(said.devices)), len(said.devices)
    devices = f"{count} devices, such as {first}" if count > 1 else str(first)
    return f"policy {said.rule.title}: {devices}: {said.what}"


def _closed(rule: Rule, opens: datetime | None) -> str:
    when = f"it opens at {opens.astimezone(UTC).isoformat()}" if opens else "it does not open within eight days"
    return f"policy {rule.title}: nothing may be sent now, {when}"


def _message(rule: Rule) -> str:
    return f". {rule.message.rstrip('.。')}" if rule.message else ""
