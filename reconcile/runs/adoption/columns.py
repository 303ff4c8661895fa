"""Exceptions as inventory columns: where many devices have a value of their own, a column is shorter than documents.

A column is a label, so only plain values can stand in it, and only where the device model reads the text back as just
that value (`fits` says). A profile that covers the devices which have the label hands it on as `${label:NAME}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from reconcile.manifest.edit_spell import spell
from reconcile.model.desired import Ownership
from reconcile.model.late import dataclass
from reconcile.model.values import Json
from reconcile.runs.adoption.subject import Stated

_PROFILE_BYTES: Final = 190
_DOCUMENT_BYTES: Final = 95
_LONGEST_CELL: Final = 200


@dataclass(frozen=True, slots=True)
class Column:
    """One label that carries the values of one resource; `cells` by device number."""

    label: str
    path: str
    value_type: str | None
    ownership: Ownership
    cells: Mapping[int, str]

    @property
    def entry(self) -> str:
        """What the profile says for the resource."""
        variable = "${label:" + self.label + "}"
        parts: dict[str, Json] = {"value": variable}
        if self.value_type is not None:
            parts["type"] = self.value_type
        if self.ownership is not Ownership.ENFORCE:
            parts["mode"] = self.ownership.value
        return spell(variable if len(parts) == 1 else parts)


Fits = Callable[[int, str, str, Stated], bool]
"""(device number, path, cell, value) -> whether `${label:...}` with that cell comes to the value."""


def columns_of(
    own: Sequence[Mapping[str, Stated | None]], taken: frozenset[str], fits: Fits
) -> tuple[list[Column], list[dict[str, Stated | None]]]:
    """The columns worth having, and the exceptions that are left for documents.

    `own` are the exceptions by device number; None stands for a resource that is only left alone. `taken` are labels.
    """
    left = [dict(exceptions) for exceptions in own]
    columns = []
    for path in sorted({path for exceptions in own for path in exceptions}):
        column = _column(path, left, taken, fits)
        if column is not None and _is_shorter(column, left):
            columns.append(column)
            for number in column.cells:
                del left[number][path]
    return columns, left


def _column(path: str, own: Sequence[Mapping[str, Stated | None]], taken: frozenset[str], fits: Fits) -> Column | None:
    kinds: dict[tuple[str, Ownership], dict[int, str]] = {}
    for number, exceptions in enumerate(own):
        stated = exceptions.get(path)
        cell = None if stated is None else _cell(stated.reading.value)
        if stated is not None and cell is not None and fits(number, path, cell, stated):
            kind = (stated.reading.written_type or "", stated.ownership)
            kinds.setdefault(kind, {})[number] = cell
    if not kinds:
        return None
    (value_type, ownership), cells = max(kinds.items(), key=lambda item: (len(item[1]), item[0]))
    return Column(_label(path, taken), path, value_type or None, ownership, cells)


def _is_shorter(column: Column, own: Sequence[Mapping[str, Stated | None]]) -> bool:
    as_column = _PROFILE_BYTES + len(column.path) + len(column.entry) + sum(map(len, column.cells.values())) + len(own)
    as_documents = 0
    for number, cell in column.cells.items():
        alone = len(own[number]) == 1
        as_documents += len(column.path) + len(cell) + 7 + (_DOCUMENT_BYTES if alone else 0)
    return as_column < as_documents


def _label(path: str, taken: frozenset[str]) -> str:
    name = "set-" + "-".join(part for part in path.replace(":", "/").split("/") if part)
    while name in taken:
        name += "-"
    return name


def _cell(value: Json) -> str | None:
    """The value as a cell, or None where a cell cannot hold it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str() if value and value.isprintable() and value == value.strip() and len(value) <= _LONGEST_CELL:
            return value
    return None
