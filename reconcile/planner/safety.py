"""Limits of one plan: a wrong selector or a truncated inventory must stop before it is sent, not after.

Devices that were never under management do not count: the first plan of a fleet touches all of it by nature. A line of
`allow:` raises a limit until its last day; that a plan needs it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import UTC, datetime

from reconcile.model.diagnostic import Diagnostic, Severity, Span
from reconcile.model.fleet import Safety
from reconcile.model.late import dataclass
from reconcile.model.protection import Allowance, RaisedLimit

_ADVICE = (
    "Look at the classes of this plan; if they are meant, raise the limit in the manifest, where it is reviewed, or "
    "raise it until a day with a line under `allow:`."
)


@dataclass(frozen=True, slots=True)
class Count:
    """Devices of a fleet or profile: recorded and still declared, those of them with changes, and recorded but gone."""

    managed: int
    changed: int
    gone: int = 0


@dataclass(frozen=True, slots=True)
class _Breach:
    """A limit that a plan exceeds: by its name, how far, and what is said of it."""

    code: str
    summary: str
    name: str
    limit: float
    found: float
    said: str


@dataclass(slots=True)
class Judgement:
    """What limits say of a plan: errors RCL701-703, and RCL708 (a warning) for each of those that a line `raised`."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    raised: list[RaisedLimit] = field(default_factory=list)

    def expires(self, at: datetime) -> datetime:
        """When the plan ends: at that time, or before with the first line that it needs."""
        return min([at, *(one.until for one in self.raised)])


def check(safety: Safety, fleet: Count, profiles: Sequence[Count] = ()) -> Judgement:
    """What the limits say. profiles: counts in the order of `safety.profiles`."""
    judged = Judgement()
    found = _changed(fleet, safety.max_changed_devices, safety.max_changed_percent, safety.min_population, "")
    _judge(judged, [*found, *_shrunk(fleet, safety)], safety.allowances, (safety.span, ""))
    for limits, count in zip(safety.profiles, profiles, strict=False):
        about = f"profile {limits.profile}: "
        found = _changed(count, limits.max_changed_devices, limits.max_changed_percent, limits.min_population, about)
        _judge(judged, found, limits.allowances, (limits.span, limits.profile))
    return judged


def _changed(count: Count, devices: int | None, percent: float | None, population: int, about: str) -> list[_Breach]:
    found = []
    if devices is not None and count.changed > devices:
        said = f"{about}{count.changed} managed devices would change"
        found.append(
            _Breach("RCL701", "too many devices would change", "maxChangedDevices", devices, count.changed, said)
        )
    if percent is not None and count.managed >= population and count.changed * 100 > percent * count.managed:
        part = count.changed * 100 / count.managed
        said = f"{about}{count.changed} of {count.managed} managed devices ({part:.2f} %) would change"
        summary = "too large a part of the fleet would change"
        found.append(_Breach("RCL702", summary, "maxChangedPercent", percent, part, said))
    return found


def _shrunk(count: Count, safety: Safety) -> list[_Breach]:
    known, limit = count.managed + count.gone, safety.max_inventory_shrink_percent
    if limit is None or known < safety.min_population or count.gone * 100 <= limit * known:
        return []
    part = count.gone * 100 / known
    said = f"{count.gone} of {known} recorded devices ({part:.2f} %) are declared nowhere any more"
    summary = "the inventory shrank too much"
    return [_Breach("RCL703", summary, "maxInventoryShrinkPercent", limit, part, said)]


def _judge(
    judged: Judgement, breaches: Iterable[_Breach], allowances: Iterable[Allowance], stated: tuple[Span, str]
) -> None:
    lines, (span, profile) = list(allowances), stated
    for breach in breaches:
        line = next((one for one in lines if one.kind == breach.name and breach.found <= one.up_to), None)
        said = f"{breach.said}, safety.{breach.name} is {breach.limit:g}"
        if line is None:
            question = " Is an inventory file incomplete?" if breach.code == "RCL703" else ""
            judged.diagnostics.append(Diagnostic(breach.code, breach.summary, f"{said}.{question} {_ADVICE}", span))
            continue
        allowed = (
            f"{said}; {line.span} allows {line.up_to:g} until {line.until.astimezone(UTC).isoformat()}: {line.reason}"
        )
        summary = "a limit is exceeded, as a manifest allows"
        judged.diagnostics.append(Diagnostic("RCL708", summary, allowed, line.span, Severity.WARNING))
        judged.raised.append(RaisedLimit(line.kind, profile, breach.found, line.reason, line.until, str(line.span)))
