"""Where one device breaks one rule.

Premise: a rule that is silent on what it cannot judge is walked around. Rule: an unknown product, a value that is no
number where a number is bounded, and a secret break the rule; only what does not concern a rule passes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from itertools import islice

from reconcile.model.device import Identity
from reconcile.model.late import dataclass
from reconcile.model.policy import Bounds, Condition, Rule, Subject
from reconcile.model.protection import Pattern
from reconcile.model.values import Json, is_secret

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Matter:
    """What is judged of a device. `writes` are values by path (None clears), `executes` paths of commands; `holds` what
    the device would have after them, as far as known; `before` what it has before them. The first value of a resource
    is no step.
    """

    identity: Identity
    writes: Mapping[str, Json] = field(default_factory=dict)
    executes: tuple[str, ...] = ()
    holds: Mapping[str, Json] = field(default_factory=dict)
    before: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Breach:
    """A resource of the device ("" is the device), and what was found and expected."""

    resource: str
    said: str


IDENTITY_SUBJECTS = frozenset({Subject.PRODUCTS, Subject.IMEI_PREFIXES})
"""Rules whose answer depends on the device's identity alone; others never look at it."""


def breaches(rule: Rule, matter: Matter) -> Iterator[Breach]:
    """Where the rule is broken; windows and owners are judged elsewhere."""
    match rule.subject:
        case Subject.PRODUCTS:
            yield from _product(rule.texts, matter.identity)
        case Subject.IMEI_PREFIXES:
            yield from _imei(rule.texts, matter.identity)
        case Subject.RESOURCES:
            yield from _unlisted(rule.patterns, matter.writes, "written")
        case Subject.COMMANDS:
            yield from _unlisted(rule.patterns, matter.executes, "executed")
        case Subject.BOUNDS if rule.bounds is not None:
            yield from _outside(rule.bounds, matter)
        case Subject.COMBINATION:
            yield from _together(rule.combination, matter)


def _product(allowed: tuple[str, ...], identity: Identity) -> Iterator[Breach]:
    if identity.get("imei") is not None:
        return
    product = identity.get("productKey") or identity.get("productId")
    if product is None:
        yield Breach("", f"its product is not known ({identity}), allowed are {_listed(allowed)}")
    elif product not in allowed:
        yield Breach("", f"it is of product {product}, allowed are {_listed(allowed)}")


def _imei(allowed: tuple[str, ...], identity: Identity) -> Iterator[Breach]:
    imei = identity.get("imei")
    if imei is not None and not imei.startswith(allowed):
        yield Breach("", f"its IMEI is {imei}, allowed are those that begin with {_listed(allowed)}")


def _unlisted(allowed: tuple[Pattern, ...], paths: Iterable[str], done: str) -> Iterator[Breach]:
    for path in paths:
        if not any(pattern.matches(path) for pattern in allowed):
            yield Breach(path, f"{path} would be {done}, allowed are {_listed(one.text for one in allowed)}")


def _outside(bounds: Bounds, matter: Matter) -> Iterator[Breach]:
    for path, value in matter.writes.items():
        if value is None or not bounds.pattern.matches(path):
            continue
        number = _number(value)
        if number is None:
            what = "a secret" if is_secret(value) else repr(value)[:40]
            yield Breach(path, f"{path} would be {what}, which is no number and cannot be judged")
        elif bounds.most is not None and number > bounds.most:
            yield Breach(path, f"{path} would be {number:g}, at most {bounds.most:g} is allowed")
        elif bounds.least is not None and number < bounds.least:
            yield Breach(path, f"{path} would be {number:g}, at least {bounds.least:g} is allowed")
        elif bounds.step is not None and path in matter.before:
            yield from _leap(path, matter.before[path], number, bounds.step)


def _leap(path: str, before: Json, after: float, step: float) -> Iterator[Breach]:
    if before is None:
        return
    number = _number(before)
    if number is None:
        yield Breach(path, f"{path} would be {after:g} from a value that is not known as a number; steps are limited")
    elif abs(after - number) > step:
        yield Breach(path, f"{path} would go from {number:g} to {after:g}, a step of at most {step:g} is allowed")


def _together(conditions: tuple[Condition, ...], matter: Matter) -> Iterator[Breach]:
    met: list[tuple[str, Condition]] = []
    for condition in conditions:
        paths = [path for path, value in matter.holds.items() if _meets(condition, path, value)]
        if not paths:
            return
        met.append((next((path for path in paths if path in matter.writes), paths[0]), condition))
    written = next((path for path, _ in met if path in matter.writes), None)
    if written is not None:
        said = " with ".join(f"{path} = {condition.value!r}" for path, condition in met)
        yield Breach(written, f"{said} must not be together")


def _meets(condition: Condition, path: str, value: Json) -> bool:
    """Numbers by their value, as 1 and 1.0 and true are one on the wire of some model; a secret may be anything."""
    return condition.pattern.matches(path) and (value == condition.value or is_secret(value))


def _number(value: Json) -> float | None:
    return value if isinstance(value, int | float) else None


def _listed(texts: Iterable[str]) -> str:
    several = list(texts)
    more = f" and {len(several) - _LISTED} more" if len(several) > _LISTED else ""
    return ", ".join(islice(several, _LISTED)) + more
