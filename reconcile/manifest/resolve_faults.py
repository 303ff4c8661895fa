"""What is wrong with a layer as seen from a device, before all devices that share it are counted."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.manifest.layer_codes import Rule
from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic, Severity, Span
from reconcile.model.late import dataclass
from reconcile.ports import Problem


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem at one place. `about` names the resource or command, e.g. `resource /3303/0/5603`."""

    code: str
    summary: str
    detail: str
    span: Span
    about: str = ""
    severity: Severity = Severity.ERROR
    is_local: bool = False

    @classmethod
    def of(cls, rule: Rule, span: Span, about: str, detail: str) -> Fault:
        """A fault of one of our own rules; `detail` comes without its last full stop."""
        return cls(rule.code, rule.summary, f"{detail}.", span, about, rule.severity)

    @classmethod
    def from_problem(cls, problem: Problem, span: Span, about: str) -> Fault:
        """A fault that a dialect found: what is declared contradicts the device's model or its platform."""
        severity = Severity.WARNING if problem.is_warning else Severity.ERROR
        return cls(problem.code, problem.summary, problem.detail, span, about, severity, is_local=True)

    @property
    def is_error(self) -> bool:
        """True when the device it was seen on cannot be planned."""
        return self.severity is Severity.ERROR

    def seen_from(self, example: DeviceRef, count: int) -> Diagnostic:
        """The diagnostic for all devices that have it."""
        where = [f"device {example}", self.about] if self.about else [f"device {example}"]
        devices = "1 device" if count == 1 else f"{count} devices"
        detail = f"{', '.join(where)} ({devices}): {self.detail}"
        return Diagnostic(self.code, self.summary, detail, self.span, self.severity, is_local=self.is_local)


class Sightings:
    """Counts, for every distinct fault, the devices that have it, and keeps the first of them as the example.

    A warning that says the same at several places stands at the first of them only: one remark about an object or a
    habit is enough, while every error has a place that must be mended.
    """

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: dict[object, tuple[Fault, DeviceRef, int]] = {}

    def add(self, faults: Iterable[Fault], ref: DeviceRef) -> None:
        """One more device with these faults; devices come in the order of their refs."""
        for key, fault in {_key(fault): fault for fault in reversed(tuple(faults))}.items():
            first, example, count = self._seen.get(key, (fault, ref, 0))
            self._seen[key] = (first, example, count + 1)

    def diagnostics(self) -> list[Diagnostic]:
        """One diagnostic for each distinct fault."""
        return [fault.seen_from(example, count) for fault, example, count in self._seen.values()]


def _key(fault: Fault) -> object:
    return (fault.code, fault.detail) if fault.severity is Severity.WARNING else fault
