"""Values as the cloud tells them, in the words of a manifest.

Premise: the cloud answers every value as text.
Rule: the thing model's type says what the text is; the outcome must mean the same to that type as what was seen, or
there is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.model.values import Json
from reconcile.platforms.aliyun import json_text
from reconcile.platforms.aliyun.model import Access, DataType, Kind, Property, ThingModels
from reconcile.platforms.aliyun.same import same_typed
from reconcile.platforms.aliyun.values import Misfit, read_typed
from reconcile.ports import Problem, TypedValue

_TRUTHS = {"0": 0, "1": 1, "false": 0, "true": 1}


def stock(things: ThingModels, product_key: str) -> Sequence[str]:
    """The properties of a product that can be set, sorted; none without its thing model."""
    model = things.products.get(product_key)
    known = () if model is None else model.properties.values()
    return sorted(one.path for one in known if one.access is Access.READ_WRITE)


def declare(things: ThingModels, product_key: str, path: str, seen: Json) -> TypedValue | Problem:
    """The canonical form of a value that was seen, or why it has none."""
    known = things.find(product_key, path)
    if not isinstance(known, Property) or known.data_type.kind is Kind.OTHER:
        return Problem("RCL203", "device model has no such resource", f"No thing model says the type of {path}.")
    try:
        value = read_typed(known.data_type, _typed(known.data_type, seen), None)
    except Misfit as misfit:
        return misfit.problem()
    if not same_typed(known.data_type, value, seen):
        detail = f"{path}: what was read has no exact form of its type {known.data_type.kind}."
        return Problem("RCL205", "value does not fit the type of this resource", detail)
    return TypedValue(value)


def _typed(data_type: DataType, seen: Json) -> Json:
    """The value that a text spells for its type; anything else as it is."""
    if data_type.kind is Kind.STRUCT:
        found = _opened(seen)
        if not isinstance(found, dict):
            return found
        return {name: _member(data_type.members.get(name), item) for name, item in found.items()}
    if data_type.kind is Kind.ARRAY:
        found = _opened(seen)
        return [_member(data_type.item, item) for item in found] if isinstance(found, list) else found
    if not isinstance(seen, str) or data_type.kind in (Kind.TEXT, Kind.DATE):
        return seen
    if data_type.kind is Kind.BOOL:
        return _TRUTHS.get(seen, seen)
    try:
        if data_type.kind in (Kind.FLOAT, Kind.DOUBLE):
            return float(seen)
        return int(seen) if data_type.kind in (Kind.INT, Kind.LONG, Kind.ENUM) else seen
    except ValueError:
        return seen


def _member(data_type: DataType | None, item: Json) -> Json:
    return item if data_type is None else _typed(data_type, item)


def _opened(seen: Json) -> Json:
    try:
        return json_text.read(seen) if isinstance(seen, str) else seen
    except json_text.BadJson:
        return seen
