"""What a document asks of objects and resources, held against their definitions.

An error is what a device surely refuses: an instance that cannot be, a resource that its own definition lacks, an
Execute of what is none. What is only unusual, or known from the standard alone, is a warning. Values have been checked
one by one before (`declared`).
"""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.desired import Command, DesiredDocument, DesiredResource, Ownership, WriteMode
from reconcile.platforms.onenet.model import ids, instance_of
from reconcile.platforms.onenet.objects.catalogue import Catalogue
from reconcile.platforms.onenet.objects.declared import executed_only, fits
from reconcile.platforms.onenet.objects.definition import ObjectDefinition, Resource
from reconcile.platforms.onenet.objects.names import unknown_resource
from reconcile.ports import Problem

_WRITTEN = (Ownership.ENFORCE, Ownership.SEED)
_RESERVED = 10290
"""An object that OneNET keeps for itself (Studio book, data models of LwM2M products)."""


def audit(catalogue: Catalogue, document: DesiredDocument) -> Iterator[tuple[str, Problem]]:
    """(path or command name, problem) in the order of the document; an unknown object is told once."""
    unknown: set[int] = set()
    for resource in document.resources:
        if resource.ownership is not Ownership.IGNORE:
            for problem in _resource(catalogue, resource, unknown):
                yield resource.path, problem
    for command in document.commands:
        for problem in _command(catalogue, command, unknown):
            yield command.name, problem
    if document.delivery.write_mode is WriteMode.REPLACE:
        yield from _left_out(catalogue, document)


def _resource(catalogue: Catalogue, declared: DesiredResource, unknown: set[int]) -> Iterator[Problem]:
    object_id, instance, res_id = ids(declared.path)
    yield from _reserved(object_id, unknown)
    definition = catalogue.find(object_id)
    if definition is None:
        if object_id not in unknown and declared.value_type != "opaque":
            unknown.add(object_id)
            yield _unknown_object(object_id)
        return
    yield from _instance(definition, instance)
    resource = definition.resources.get(res_id)
    if resource is None:
        yield _lacking(definition, res_id)
    elif declared.ownership in _WRITTEN:
        yield from _write(resource, declared)
    elif "R" not in resource.operations:
        yield executed_only(resource, declared.path) if "E" in resource.operations else _unreadable(declared.path)


def _write(resource: Resource, declared: DesiredResource) -> Iterator[Problem]:
    path = declared.path
    if not fits(resource.kind, declared.value, declared.value_type):
        also = f", in OMA's registry {resource.registry_kind}" if resource.registry_kind else ""
        yield Problem(
            "RCL245",
            "value is of another type than the definition's",
            f"{path} ({resource.name}) is {resource.kind} for OneNET{also}. The value is sent as it is written; OneNET "
            "or the device may refuse it when it is delivered. Read the resource back, or change the value's form.",
            is_warning=True,
        )
    if resource.is_multiple:
        yield Problem(
            "RCL246",
            "resource has several instances",
            f"{path} ({resource.name}) may hold several values, and OneNET documents no way to address one of them: "
            "the device decides what a single value does. Read it back after the first write.",
            is_warning=True,
        )


def _command(catalogue: Catalogue, command: Command, unknown: set[int]) -> Iterator[Problem]:
    object_id, instance, res_id = ids(command.execute)
    yield from _reserved(object_id, unknown)
    definition = catalogue.find(object_id)
    if definition is None:
        if object_id not in unknown:
            unknown.add(object_id)
            yield _unknown_object(object_id)
        return
    yield from _instance(definition, instance)
    resource = definition.resources.get(res_id)
    if resource is None:
        yield _lacking(definition, res_id)
    elif "E" not in resource.operations:
        yield Problem(
            "RCL247",
            "resource cannot be executed",
            f"{command.execute} ({resource.name}) allows {resource.operations or 'nothing'}, not E "
            f"({definition.origin}). Name an executable resource, or set the value under `resources`.",
        )


def _instance(definition: ObjectDefinition, instance: int) -> Iterator[Problem]:
    if instance and not definition.is_multiple:
        yield Problem(
            "RCL248",
            "object has only one instance",
            f"{definition.name} ({definition.id}) has the instance 0 only, found {instance} ({definition.origin}). "
            f"Write /{definition.id}/0.",
        )


def _lacking(definition: ObjectDefinition, res_id: int) -> Problem:
    if definition.is_own:
        return unknown_resource(definition, str(res_id))
    return Problem(
        "RCL203",
        "device model has no such resource",
        f"{definition.name} ({definition.id}) has no resource {res_id} in {definition.origin}. OneNET takes it as "
        "opaque: nothing but its size is checked. Correct it, or put your device's definition into a `models` folder.",
        is_warning=True,
    )


def _unknown_object(object_id: int) -> Problem:
    return Problem(
        "RCL242",
        "object has no definition",
        f"Object {object_id} is not defined: its values are sent as they are written, and OneNET takes objects outside "
        "its catalogue as opaque. Put its definition (DDF XML) into a `models` folder, or give each value its `type`.",
        is_warning=True,
    )


def _reserved(object_id: int, told: set[int]) -> Iterator[Problem]:
    if object_id == _RESERVED and object_id not in told:
        told.add(object_id)
        yield Problem(
            "RCL251",
            "object is reserved by the platform",
            f"OneNET keeps object {object_id} for itself; what it does with a value written there is not documented. "
            "Use another number for your own object.",
            is_warning=True,
        )


def _unreadable(path: str) -> Problem:
    return Problem(
        "RCL249",
        "resource cannot be read",
        f"{path} can be written but not read, so `mode: observe` sees nothing of it. Remove it.",
        is_warning=True,
    )


def _left_out(catalogue: Catalogue, document: DesiredDocument) -> Iterator[tuple[str, Problem]]:
    """Mandatory values that a replacing write would delete, by object instance."""
    written = [resource for resource in document.resources if resource.ownership in _WRITTEN]
    by_instance: dict[str, list[str]] = {}
    for resource in written:
        by_instance.setdefault(instance_of(resource.path), []).append(resource.path)
    for instance, paths in by_instance.items():
        definition = catalogue.find(ids(instance)[0])
        declared = {ids(path)[2] for path in paths}
        missing = [
            f"{resource.id} {resource.name}"
            for resource in (definition.resources.values() if definition else ())
            if resource.is_mandatory and "W" in resource.operations and resource.id not in declared
        ]
        if missing:
            yield (
                paths[0],
                Problem(
                    "RCL250",
                    "replacing write leaves out mandatory resources",
                    f"{instance} is replaced (mode 1) without {', '.join(missing)}. Declare them too, or use update.",
                    is_warning=True,
                ),
            )
