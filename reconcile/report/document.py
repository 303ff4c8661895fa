"""A plan as the JSON document of the contract, streamed: a plan may hold a million steps.

Members stand on their own lines, elements of arrays too, so a diff of two plans and `grep` both work line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconcile.model.plan import Notice, Plan
from reconcile.model.plan_json import class_json, device_json, diagnostic_json, header_json
from reconcile.model.values import Json, JsonObject
from reconcile.report.sanitise import inert_json


def plan_json(plan: Plan) -> Iterator[str]:
    """The document in pieces; joined they are one JSON text that ends with a line break."""
    arrays: list[tuple[str, Iterable[JsonObject]]] = [
        ("classes", map(class_json, plan.classes)),
        ("steps", _steps(plan)),
        ("records", _records(plan)),
        *((name, map(Notice.to_json, notices)) for name, notices in _notices(plan)),
        ("diagnostics", map(diagnostic_json, plan.diagnostics)),
    ]
    yield from document(header_json(plan), arrays)


def document(head: JsonObject, arrays: Iterable[tuple[str, Iterable[Json]]]) -> Iterator[str]:
    """An object of single-line members and then of arrays, one element a line."""
    opening = "{\n"
    for name, value in head.items():
        yield f"{opening}  {inert_json(name)}: {inert_json(value)}"
        opening = ",\n"
    for name, elements in arrays:
        yield f"{opening}  {inert_json(name)}: ["
        yield from _elements(elements)
        opening = ",\n"
    yield "\n}\n"


def _elements(elements: Iterable[Json]) -> Iterator[str]:
    separator = "\n"
    for element in elements:
        yield f"{separator}    {inert_json(element)}"
        separator = ",\n"
    yield "]" if separator == "\n" else "\n  ]"


def _steps(plan: Plan) -> Iterator[JsonObject]:
    for device in plan.devices:
        for step in device.steps:
            yield step.to_json(device.recorded)


def _records(plan: Plan) -> Iterator[JsonObject]:
    for device in plan.devices:
        body = device_json(replace(device, steps=()), with_delivery=True)
        del body["steps"]
        yield body


def _notices(plan: Plan) -> tuple[tuple[str, tuple[Notice, ...]], ...]:
    left = (("held", plan.held), ("unknown", plan.unknown), ("conflicts", plan.conflicts), ("drift", plan.drift))
    blocked = (("blocked", plan.blocked),) if plan.blocked else ()
    return (*left, ("waiting", plan.waiting), *blocked)
