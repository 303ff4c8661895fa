"""An object definition as a value: its resources, what each may hold, and what may be done with it.

Source: OMA LwM2M, the object definition schema (LWM2M.xsd); OneNET, objects and resources
(device-develop/resource_list).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from reconcile.model.late import dataclass

HIGHEST_ID = 65_535


class Kind(StrEnum):
    """Data types of LwM2M. NONE: nothing is held, as in most executable resources."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    UNSIGNED = "unsigned"
    FLOAT = "float"
    STRING = "string"
    OPAQUE = "opaque"
    TIME = "time"
    OBJLNK = "objlnk"
    CORELNK = "corelnk"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value must keep to: numbers from `lowest` to `highest`, or one of `choices`.

    is_length: the bounds count bytes (of UTF-8 text, or of an opaque value) and not the value itself.
    """

    lowest: float | None = None
    highest: float | None = None
    choices: tuple[float, ...] = ()
    is_length: bool = False

    def allow(self, number: float) -> bool:
        """True for a number (or a size in bytes) inside."""
        if self.choices:
            return number in self.choices
        return (self.lowest is None or self.lowest <= number) and (self.highest is None or number <= self.highest)

    def __str__(self) -> str:
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        return f"from {self.lowest} to {self.highest}" + (" bytes" if self.is_length else "")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of an object.

    operations: of `R`, `W`, `E`; empty where no server may touch it. registry_kind: the type that OMA's registry gives
    where OneNET's own catalogue deviates from it. is_contested: the registry says read-only, yet devices on
    OneNET let it be written; the shipped definition does not refuse it then.
    """

    id: int
    name: str
    operations: str
    kind: Kind
    is_multiple: bool = False
    is_mandatory: bool = False
    limits: Limits | None = None
    unit: str = ""
    registry_kind: Kind | None = None
    is_contested: bool = False


@dataclass(frozen=True, slots=True)
class ObjectDefinition:
    """One object. `file` is where the fleet defines it; empty for the shipped catalogue."""

    id: int
    name: str
    is_multiple: bool
    resources: Mapping[int, Resource] = field(default_factory=dict)
    version: tuple[int, ...] = (1, 0)
    file: str = ""

    @property
    def is_own(self) -> bool:
        """True where the fleet itself says what its devices have: then what is missing does not exist."""
        return bool(self.file)

    @property
    def origin(self) -> str:
        """Who says so, for people."""
        return self.file or "the shipped LwM2M catalogue"
