"""The dialect's questions about raw LwM2M devices, answered from object definitions."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.desired import DesiredDocument
from reconcile.model.values import Json, Known, Missing, is_secret
from reconcile.platforms.onenet import values
from reconcile.platforms.onenet.model import ids
from reconcile.platforms.onenet.objects import audit as auditing
from reconcile.platforms.onenet.objects import names
from reconcile.platforms.onenet.objects.alike import alike
from reconcile.platforms.onenet.objects.catalogue import Catalogue
from reconcile.platforms.onenet.objects.declared import read_declared
from reconcile.platforms.onenet.objects.definition import Kind
from reconcile.ports import Models, Problem, TypedValue

_SHIPPED_ONLY = Catalogue()


def catalogue_of(models: Models) -> Catalogue:
    """The catalogue that some models are, or hold as `lwm2m`; the shipped one for models of another dialect."""
    found = models if isinstance(models, Catalogue) else getattr(models, "lwm2m", None)
    return found if isinstance(found, Catalogue) else _SHIPPED_ONLY


def read_path(models: Models, text: str) -> str | Problem:
    """`/obj/inst/res` from numbers, names or both."""
    return names.read_path(catalogue_of(models), text)


def show_path(models: Models, path: str) -> str:
    """The path in names, where a definition has them."""
    return names.show_path(catalogue_of(models), path)


def read_value(models: Models, path: str, value: Json, value_type: str | None) -> TypedValue | Problem:
    """A declared value in canonical form; without a definition, as it is written."""
    object_id, _, res_id = ids(path)
    definition = catalogue_of(models).find(object_id)
    resource = None if definition is None else definition.resources.get(res_id)
    if definition is None or resource is None:
        return values.read_value(path, value, value_type)
    return read_declared(definition, resource, path, value, value_type)


def audit(models: Models, document: DesiredDocument) -> Iterator[tuple[str, Problem]]:
    """What definitions say against the document: (path or command name, problem)."""
    return auditing.audit(catalogue_of(models), document)


def _is_number_in_bytes(left: Known, right: Known) -> bool:
    """Objects outside OneNET's catalogue are opaque to it: a number or truth value may come back as bytes."""
    pairs = ((left, right), (right, left))
    return any(
        isinstance(one, type_) and isinstance(other, list) and alike(kind, one, other)
        for one, other in pairs
        for type_, kind in ((bool, Kind.BOOLEAN), (int, Kind.INTEGER), (float, Kind.FLOAT))
    )


def same(models: Models, path: str, left: Known, right: Known) -> bool:
    """Whether two values mean the same for that resource; without a definition, as far as the values tell."""
    if isinstance(left, Missing) or isinstance(right, Missing) or is_secret(left) or is_secret(right):
        return values.same(left, right)
    object_id, _, res_id = ids(path)
    resource = catalogue_of(models).resource(object_id, res_id)
    if resource is None or resource.kind is Kind.NONE:
        return values.same(left, right) or _is_number_in_bytes(left, right)
    kinds = (resource.kind, *((resource.registry_kind,) if resource.registry_kind else ()))
    found = [answer for kind in kinds if (answer := alike(kind, left, right)) is not None]
    return any(found) if found else values.same(left, right)
