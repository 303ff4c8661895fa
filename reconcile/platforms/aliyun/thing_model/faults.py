"""What is wrong with a thing model, and where: a path of members and indexes from the top of its document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from reconcile.model.values import Json, JsonObject

Place: TypeAlias = "tuple[str | int, ...]"

TOP: Final[Place] = ()


class Malformed(Exception):
    """The file is a thing model, but not a well-formed one."""

    def __init__(self, reason: str, at: Place = TOP) -> None:
        super().__init__(reason)
        self.at = at


def objects(value: Json, at: Place) -> Iterator[tuple[Place, JsonObject]]:
    """The objects of a list with their places. Raises: Malformed when it is no list, or holds something else."""
    if not isinstance(value, list):
        raise Malformed(f"`{at[-1]}` is not a list", at)
    for index, entry in enumerate(value):
        if not isinstance(entry, dict):
            raise Malformed(f"an entry of `{at[-1]}` is not an object", (*at, index))
        yield (*at, index), entry


def text(fields: JsonObject, name: str, at: Place, default: str | None = None) -> str:
    """A text, or the default where none is given. Raises: Malformed when it is missing, empty or something else."""
    value = fields.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise Malformed(f"`{name}` is missing or not a text", (*at, name) if name in fields else at)
    return value
