"""One resource of one stack: the winner's value in the dialect's form, with the layers below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reconcile.manifest.conflicts import Claim, disagreements
from reconcile.manifest.layer import Contribution
from reconcile.manifest.layer_codes import (
    BAD_VARIABLE,
    BURIED_SECRET,
    CANNOT_CLEAR,
    CANNOT_CLEAR_LATER,
    MISSING_LABEL,
    NO_VALUE,
    Rule,
)
from reconcile.manifest.layer_entries import Entry, is_secret_form, secret_source
from reconcile.manifest.resolve_faults import Fault
from reconcile.manifest.variables import Mentions, is_one_variable, substitute
from reconcile.model.desired import RELEASE, DesiredResource, Layer, OnRemoval, Ownership
from reconcile.model.diagnostic import Span
from reconcile.model.values import Json, Missing, canonical, is_secret, same, secret
from reconcile.ports import Dialect, Models, Problem, TypedValue

_READ_ONLY = "RCL204"
"""The dialects' code for a resource that may only be read; to watch such a one is what `mode: observe` is for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are read for one kind of device: by which dialect and model, and with which variables."""

    dialect: Dialect
    models: Models
    model_key: str
    labels: Mapping[str, str]
    device_name: str

    def shown(self, path: str) -> str:
        """The path for people, as written and with the model's names."""
        shown = self.dialect.show_path(self.models, self.model_key, path)
        return shown if path in shown else f"{path} ({shown})"

    def missing(self, mentioned: Mentions, span: Span, about: str) -> Fault | None:
        """Why the variables cannot be filled in, or None."""
        if mentioned.unknown:
            expected = "expected ${label:NAME} or ${device.name}. Correct it, or write $${ for a plain ${"
            return Fault.of(BAD_VARIABLE, span, about, f"Found {mentioned.unknown[0]}, {expected}")
        absent = sorted(mentioned.labels - self.labels.keys())
        if absent:
            advice = f"or add {{key: {absent[0]}, operator: Exists}} to the selector"
            detail = f"The device has no label {absent[0]!r}. Add it to the inventory or the Device document, {advice}"
            return Fault.of(MISSING_LABEL, span, about, detail)
        return None

    def filled(self, value: Json) -> Json:
        """The value with its variables filled in and secrets replaced by their markers."""
        source = secret_source(value)
        if source is not None:
            return secret(*source)
        return substitute(value, self.labels, self.device_name)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An entry and the layer it comes from."""

    layer: Contribution
    entry: Entry


_Read: TypeAlias = "TypedValue | Fault"


def resolve_resource(
    path: str, claimed: Sequence[Claimed], reading: Reading
) -> tuple[DesiredResource | None, tuple[Fault, ...]]:
    """The resource (None when its value cannot be used), and what is wrong; `claimed` runs low to high.

    Only the winner must be right: a lower layer may set what this device's model does not know, if a higher one
    overrides it.
    """
    about = f"resource {reading.shown(path)}"
    read = [_read(path, claim.entry, reading, about) for claim in claimed]
    faults = list(_disagreements(about, claimed, read))
    entry, value = claimed[-1].entry, read[-1]
    on_removal = _on_removal(path, entry, reading, about)
    faults += [fault for fault in (value, on_removal) if isinstance(fault, Fault)]
    if isinstance(value, Fault):
        return None, tuple(faults)
    resource = DesiredResource(
        path=path,
        value=value.value,
        value_type=value.value_type,
        ownership=entry.ownership,
        on_removal=RELEASE if isinstance(on_removal, Fault) else on_removal,
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
    if entry.value is None and not reading.dialect.capabilities.can_clear:
        advice = "Found null, and this platform has no call that clears a value. Write a value, or remove the resource"
        return Fault.of(CANNOT_CLEAR, entry.span, about, advice)
    found = _read_value(path, entry.value, entry.value_type, reading)
    if isinstance(found, Problem) and found.code == _READ_ONLY and entry.ownership is Ownership.OBSERVE:
        return TypedValue(reading.filled(entry.value))
    return _placed(found, entry.span, about)


def _placed(found: TypedValue | Problem, span: Span, about: str) -> _Read:
    return Fault.from_problem(found, span, about) if isinstance(found, Problem) else found


def _read_value(path: str, written: Json, value_type: str | None, reading: Reading) -> TypedValue | Problem:
    value = reading.filled(written)
    if _buries_secret(value):
        advice = "A secret can only be the whole value of a resource. Write the resource as {secret: {env: NAME}}"
        return _own(BURIED_SECRET, advice)
    found = reading.dialect.read_value(reading.models, reading.model_key, path, value, value_type)
    if isinstance(found, Problem) and isinstance(value, str) and is_one_variable(written):
        # Labels are text, so the model says whether `${label:threshold}` stands for a number.
        number = _scalar(value)
        if not isinstance(number, str):
            again = reading.dialect.read_value(reading.models, reading.model_key, path, number, value_type)
            return found if isinstance(again, Problem) and again.code == found.code else again
    return found


def _own(rule: Rule, detail: str) -> Problem:
    return Problem(rule.code, rule.summary, f"{detail}.")


def _scalar(text: str) -> Json:
    """A label's text as the number or boolean that YAML would read, or the text itself."""
    if text in ("true", "false"):
        return text == "true"
    digits = text.removeprefix("-")
    if not (digits[:1].isdigit() and digits.isascii()) or "_" in digits:
        return text
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _buries_secret(value: Json) -> bool:
    if isinstance(value, dict) and not is_secret(value):
        return any(is_secret_form(item) or _buries_secret(item) for item in value.values())
    return isinstance(value, list) and any(is_secret_form(item) or _buries_secret(item) for item in value)


def _on_removal(path: str, entry: Entry, reading: Reading, about: str) -> OnRemoval | Fault:
    written = entry.on_removal
    if isinstance(written, dict) and "set" in written:
        if reading.missing(entry.mentions, entry.removal_span, about):
            return RELEASE  # the value's own fault says so already
        declared = written.get("type", entry.value_type)
        found = _read_value(path, written["set"], declared if isinstance(declared, str) else None, reading)
        if isinstance(found, Problem):
            return Fault.from_problem(found, entry.removal_span, about)
        return OnRemoval("set", found.value, found.value_type)
    if written == "clear" and not reading.dialect.capabilities.can_clear:
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
    )


def _shown(wanted: _Wanted) -> str:
    extras = []
    if wanted.entry.ownership is not Ownership.ENFORCE:
        extras.append(f"mode {wanted.entry.ownership}")
    if wanted.entry.on_removal != "release":
        extras.append(f"onRemoval {canonical(wanted.entry.on_removal).decode()}")
    if wanted.value.value_type:
        extras.append(f"type {wanted.value.value_type}")
    value = canonical(wanted.value.value).decode()
    return f"{value} ({', '.join(extras)})" if extras else value
