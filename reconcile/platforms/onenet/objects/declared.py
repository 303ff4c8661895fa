"""Declared values as a definition sees them: type, range, and whether a server may write them at all.

Premise: a shipped definition describes the standard, not this device; one in the fleet's `models` describes the device.
Rule: what contradicts the type, range or operations is refused. Where OneNET's own catalogue has another type than
OMA's registry, a value of either is taken. An explicit `type` wins over the shipped definition (a warning says so) and
must agree with the fleet's own.
"""

from __future__ import annotations

import re

from reconcile.model import values as json_values
from reconcile.model.values import Json
from reconcile.platforms.onenet import values
from reconcile.platforms.onenet.model import shown
from reconcile.platforms.onenet.objects.definition import HIGHEST_ID, Kind, ObjectDefinition, Resource
from reconcile.ports import Problem, TypedValue

TYPE_OF = {
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "integer",
    Kind.UNSIGNED: "integer",
    Kind.FLOAT: "float",
    Kind.STRING: "string",
    Kind.CORELNK: "string",
    Kind.OBJLNK: "string",
    Kind.OPAQUE: "opaque",
    Kind.TIME: "time",
}
"""The `type` of manifests that a kind stands for."""

_LINK = re.compile(r"([0-9]{1,5}):([0-9]{1,5})")


def read_declared(
    definition: ObjectDefinition, resource: Resource, path: str, value: Json, value_type: str | None
) -> TypedValue | Problem:
    """The canonical form of a declared value, or why this resource cannot hold it."""
    refused = _not_writable(definition, resource, path)
    if refused is not None:
        return refused
    expected = TYPE_OF.get(resource.kind)
    if value_type is None:
        found = _by_kind(resource, path, value)
    elif definition.is_own and expected is not None and value_type != expected:
        return Problem(
            "RCL205",
            "value does not fit the type of this resource",
            f"{path}: `type: {value_type}` contradicts {definition.file}, which has {resource.kind}. "
            "Correct one of them.",
        )
    else:
        found = values.read_value(path, value, value_type)
    if isinstance(found, Problem):
        return found if value_type else _with_origin(found, definition, resource)
    return _in_range(definition, resource, path, found) or found


def fits(kind: Kind, value: Json, value_type: str | None) -> bool:
    """Whether a canonical value is of that kind."""
    if json_values.is_secret(value):
        return kind in (Kind.STRING, Kind.OPAQUE, Kind.NONE)
    match kind:
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case Kind.INTEGER | Kind.UNSIGNED:
            return isinstance(value, int) and not isinstance(value, bool) and value_type is None
        case Kind.FLOAT:
            return isinstance(value, float)
        case Kind.STRING | Kind.CORELNK | Kind.OBJLNK:
            return isinstance(value, str) and value_type is None
        case Kind.OPAQUE | Kind.TIME:
            return value_type == kind.value
        case Kind.NONE:
            return True


def _not_writable(definition: ObjectDefinition, resource: Resource, path: str) -> Problem | None:
    if "W" in resource.operations or resource.is_contested:
        return None
    if "E" in resource.operations:
        return executed_only(resource, path)
    found = f"read-only ({resource.operations})" if resource.operations else "closed to servers (no operations)"
    return Problem(
        "RCL204",
        "value cannot be written to this resource",
        f"{path}: {definition.origin} declares it {found}. Remove it, or set `mode: observe` to only watch it.",
    )


def executed_only(resource: Resource, path: str) -> Problem:
    """An executable resource that is declared as a value."""
    return Problem(
        "RCL241",
        "resource is run, not set",
        f"{path} ({resource.name}) can only be executed (E). Declare it under `commands`, with `execute: {path}`.",
    )


def _by_kind(resource: Resource, path: str, value: Json) -> TypedValue | Problem:
    found = _as(resource.kind, path, value)
    if isinstance(found, Problem) and resource.registry_kind is not None:
        other = _as(resource.registry_kind, path, value)
        return found if isinstance(other, Problem) else other
    return found


def _as(kind: Kind, path: str, value: Json) -> TypedValue | Problem:
    found = values.read_value(path, value, TYPE_OF.get(kind))
    if isinstance(found, Problem) or json_values.is_secret(value):
        return found
    number = found.value
    if kind is Kind.UNSIGNED and isinstance(number, int) and number < 0:
        return _out_of_range(path, f"{number}", "It is unsigned: write 0 or more.")
    if kind is Kind.OBJLNK and not is_link(number):
        return Problem(
            "RCL205",
            "value does not fit the type of this resource",
            f'{path}: found {shown(str(number))}. Expected a link to an object instance, e.g. "3:0" (in quotes).',
        )
    return found


def is_link(value: Json) -> bool:
    """True for `object:instance`, two numbers of 16 bits."""
    match = _LINK.fullmatch(value) if isinstance(value, str) else None
    return match is not None and max(int(match[1]), int(match[2])) <= HIGHEST_ID


def _in_range(definition: ObjectDefinition, resource: Resource, path: str, found: TypedValue) -> Problem | None:
    limits, value = resource.limits, found.value
    if limits is None or json_values.is_secret(value) or isinstance(value, bool):
        return None
    if limits.is_length:
        if not isinstance(value, str):
            return None
        size_bytes = len(value) // 2 if found.value_type == "opaque" else len(value.encode())
        is_allowed, seen = limits.allow(size_bytes), f"{size_bytes} bytes"
    elif isinstance(value, (int, float)):
        is_allowed, seen = limits.allow(value), f"{value!r}"
    else:
        return None
    return None if is_allowed else _out_of_range(path, seen, f"Expected {limits} ({definition.origin}).")


def _out_of_range(path: str, found: str, advice: str) -> Problem:
    return Problem("RCL206", "value is out of the range of this resource", f"{path}: found {found}. {advice}")


def _with_origin(problem: Problem, definition: ObjectDefinition, resource: Resource) -> Problem:
    """The same problem, and who says which type it is."""
    if resource.kind is Kind.NONE:
        return problem
    also = f" (OMA's registry has {resource.registry_kind})" if resource.registry_kind else ""
    says = f" According to {definition.origin}, {resource.name} is of type {resource.kind}{also}."
    return Problem(problem.code, problem.summary, problem.detail + says)
