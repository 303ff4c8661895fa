"""One resource of one stack: the winner's value in the dialect's form, with the layers below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from reconcile.manifest.conflicts import Claim, disagreements
from reconcile.manifest.layer import Contribution
from reconcile.manifest.layer_codes import (
    CANNOT_CLEAR,
    CANNOT_CLEAR_LATER,
    NO_VALUE,
)
from reconcile.manifest.layer_entries import Entry
from reconcile.manifest.policies import NONE
from reconcile.manifest.resolve_faults import Fault
from reconcile.manifest.resolve_order import resolve_after
from reconcile.manifest.resolve_reading import Reading
from reconcile.model.desired import RELEASE, DesiredResource, Layer, OnConflict, OnDrift, OnRemoval, Ownership
from reconcile.model.diagnostic import Span
from reconcile.model.late import dataclass
from reconcile.model.values import Json, Missing, canonical, same
from reconcile.ports import Problem, TypedValue

_READ_ONLY = "RCL204"
"""The dialects' code for a resource that may only be read; to watch such a one is what `mode: observe` is for."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An entry and the layer it comes from."""

    layer: Contribution
    entry: Entry


_Read: TypeAlias = "TypedValue | Fault"


def resolve_resource(
    path: str, claimed: Sequence[Claimed], reading: Reading, defaults: Mapping[str, str] = NONE
) -> tuple[DesiredResource | None, tuple[Fault, ...]]:
    """The resource (None when its value cannot be used), and what is wrong; `claimed` runs low to high.

    `defaults` are the fleet's policies.

    Only the winner must be right: a lower layer may set what this device's model does not know, if a higher one
    overrides it.
    """
    about = f"resource {reading.shown(path)}"
    read = [_read(path, claim.entry, reading, about) for claim in claimed]
    faults = list(_disagreements(about, claimed, read))
    entry, value = claimed[-1].entry, read[-1]
    on_removal = _on_removal(path, entry, reading, about)
    faults += [fault for fault in (value, on_removal) if isinstance(fault, Fault)]
    after, after_faults = resolve_after(entry, reading, about)
    faults += after_faults
    if isinstance(value, Fault):
        return None, tuple(faults)
    resource = DesiredResource(
        path=path,
        value=value.value,
        value_type=value.value_type,
        ownership=entry.ownership,
        on_removal=RELEASE if isinstance(on_removal, Fault) else on_removal,
        on_drift=OnDrift(entry.policies.get("onDrift", defaults.get("onDrift", OnDrift.REVERT))),
        on_conflict=OnConflict(entry.policies.get("onConflict", defaults.get("onConflict", OnConflict.HOLD))),
        after=after,
        layers=tuple(_layers(claimed, read)),
    )
    return resource, tuple(faults)


def _layers(claimed: Sequence[Claimed], read: Sequence[_Read]) -> Iterator[Layer]:
    for claim, value in zip(claimed, read, strict=True):
        shown = value.value if isinstance(value, TypedValue) else _known(claim.entry)
        yield Layer(claim.layer.name, claim.entry.span, shown, claim.entry.ownership)


def _known(entry: Entry) -> Json:
    return None if isinstance(entry.value, Missing) else entry.value


def _read(path: str, entry: Entry, reading: Reading, about: str) -> _Read:
    """The entry's value in the dialect's form, or its fault."""
    if isinstance(entry.value, Missing):
        if entry.ownership in (Ownership.OBSERVE, Ownership.IGNORE):
            return TypedValue(None)
        return Fault.of(NO_VALUE, entry.span, about, f"`mode: {entry.ownership}` needs `value:` beside it")
    missing = reading.missing(entry.mentions, entry.span, about)
    if missing:
        return missing
    if entry.ownership is Ownership.IGNORE:
        return TypedValue(reading.filled(entry.value))
    if entry.value is None and not reading.capabilities.can_clear:
        advice = "Found null, and this platform has no call that clears a value. Write a value, or remove the resource"
        return Fault.of(CANNOT_CLEAR, entry.span, about, advice)
    found = reading.value(path, entry.value, entry.value_type)
    if isinstance(found, Problem) and found.code == _READ_ONLY and entry.ownership is Ownership.OBSERVE:
        return TypedValue(reading.filled(entry.value))
    return _placed(found, entry.span, about)


def _placed(found: TypedValue | Problem, span: Span, about: str) -> _Read:
    return Fault.from_problem(found, span, about) if isinstance(found, Problem) else found


def _on_removal(path: str, entry: Entry, reading: Reading, about: str) -> OnRemoval | Fault:
    written = entry.on_removal
    if isinstance(written, dict) and "set" in written:
        if reading.missing(entry.mentions, entry.removal_span, about):
            return RELEASE  # the value's own fault says so already
        declared = written.get("type", entry.value_type)
        found = reading.value(path, written["set"], declared if isinstance(declared, str) else None)
        if isinstance(found, Problem):
            return Fault.from_problem(found, entry.removal_span, about)
        return OnRemoval("set", found.value, found.value_type)
    if written == "clear" and not reading.capabilities.can_clear:
        advice = "This platform has no call that clears a value. Write `onRemoval: release`, or `onRemoval: {set: V}`"
        return Fault.of(CANNOT_CLEAR_LATER, entry.removal_span, about, advice)
    return OnRemoval("clear") if written == "clear" else RELEASE


@dataclass(frozen=True, slots=True)
class _Wanted:
    value: TypedValue
    entry: Entry


def _disagreements(about: str, claimed: Sequence[Claimed], read: Sequence[_Read]) -> Iterator[Fault]:
    if len(claimed) == 1:
        return iter(())
    claims = [
        Claim(claim.layer, _Wanted(value, claim.entry), claim.entry.span)
        for claim, value in zip(claimed, read, strict=True)
        if isinstance(value, TypedValue)
    ]
    return disagreements(about, claims, _is_same, _shown)


def _is_same(left: _Wanted, right: _Wanted) -> bool:
    return (
        same(left.value.value, right.value.value)
        and left.value.value_type == right.value.value_type
        and left.entry.ownership is right.entry.ownership
        and same(left.entry.on_removal, right.entry.on_removal)
        and left.entry.policies == right.entry.policies
        and left.entry.after == right.entry.after
    )


def _shown(wanted: _Wanted) -> str:
    extras = []
    if wanted.entry.ownership is not Ownership.ENFORCE:
        extras.append(f"mode {wanted.entry.ownership}")
    if wanted.entry.on_removal != "release":
        extras.append(f"onRemoval {canonical(wanted.entry.on_removal).decode()}")
    extras += [f"{word} {policy}" for word, policy in sorted(wanted.entry.policies.items())]
    if wanted.entry.after:
        extras.append(f"after {', '.join(wanted.entry.after)}")
    if wanted.value.value_type:
        extras.append(f"type {wanted.value.value_type}")
    value = canonical(wanted.value.value).decode()
    return f"{value} ({', '.join(extras)})" if extras else value
