"""Which resources of an LwM2M device a manifest may set, and what it says for a value as OneNET tells it.

Premise: one value comes as JSON, as text or as byte numbers, and some of these can be read in two ways. Rule: the
definition's kind says what is meant; a value with two meanings has none.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.model.values import Json
from reconcile.platforms.onenet.model import ids, read_path
from reconcile.platforms.onenet.objects.alike import meanings
from reconcile.platforms.onenet.objects.definition import Kind
from reconcile.platforms.onenet.objects.questions import catalogue_of, read_value, same
from reconcile.ports import Models, Problem, TypedValue

_SECURITY = 0
_MOVES = frozenset({(3, 13)})
"""Device / Current Time: writable, and another value each second."""


def stock(models: Models, noted: Sequence[str]) -> Sequence[str]:
    """Those of the resources that a definition knows and a server may write, in the order of their numbers."""
    return sorted({path for path in noted if _may_be_set(models, path)}, key=ids)


def declare(models: Models, path: str, seen: Json) -> TypedValue | Problem:
    """The canonical form of a value that was seen, or why it has none."""
    object_id, _, res_id = ids(path)
    resource = catalogue_of(models).resource(object_id, res_id)
    if resource is None:
        return _problem(path, "no definition says its type")
    if resource.is_multiple or isinstance(seen, dict):
        return _problem(path, "a resource of several instances; manifests set single ones")
    meant = list(dict.fromkeys(meanings(resource.kind, seen)))
    if len(meant) != 1:
        return _problem(path, "what was read can mean two things" if meant else f"what was read is no {resource.kind}")
    value = meant[0]
    if isinstance(value, bytes):
        return _checked(models, path, value.hex().upper(), seen)
    if isinstance(value, tuple):
        return _checked(models, path, f"{value[0]}:{value[1]}", seen)
    return _checked(models, path, float(value) if resource.kind is Kind.FLOAT else value, seen)


def _checked(models: Models, path: str, value: Json, seen: Json) -> TypedValue | Problem:
    found = read_value(models, path, value, None)
    if isinstance(found, TypedValue) and not same(models, path, found.value, seen):
        return _problem(path, "what was read has no exact form of its type")
    return found


def _may_be_set(models: Models, path: str) -> bool:
    if read_path(path) != path:
        return False
    object_id, _, res_id = ids(path)
    resource = catalogue_of(models).resource(object_id, res_id)
    if resource is None or resource.kind is Kind.NONE or object_id == _SECURITY or (object_id, res_id) in _MOVES:
        return False
    return ("W" in resource.operations or resource.is_contested) and "E" not in resource.operations


def _problem(path: str, why: str) -> Problem:
    return Problem("RCL205", "value does not fit the type of this resource", f"{path}: {why}.")
