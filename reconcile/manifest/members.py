"""Members of a document that its schema has judged: what they are, or nothing of that kind where one is left out."""

from __future__ import annotations

from reconcile.model.values import Json, JsonObject


def object_of(value: Json) -> JsonObject:
    """The mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Json) -> list[Json]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def number_of(value: Json) -> float | None:
    """The number as a float; None for anything else, truth values among it."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
