"""Thing models as values: which properties a product has, and what each may hold.

Source: Studio book, common/QueryThingModel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from enum import StrEnum

from reconcile.model.late import dataclass
from reconcile.ports import Problem


class Kind(StrEnum):
    """The types of a thing model. OTHER is one that no page lists: its values are not checked."""

    INT32 = "int32"
    INT64 = "int64"
    FLOAT = "float"
    DOUBLE = "double"
    STRING = "string"
    BOOL = "bool"
    ENUM = "enum"
    BITMAP = "bitMap"
    DATE = "date"
    STRUCT = "struct"
    ARRAY = "array"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DataType:
    """What a value may be. Bounds are decimal, because 0.07 in steps of 0.01 is no multiple in binary.

    choices: numbers of an enum with their texts. length: characters of a string. size: entries of an array.
    """

    kind: Kind
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    step: Decimal | None = None
    choices: Mapping[int, str] = field(default_factory=dict)
    length: int | None = None
    size: int | None = None
    item: DataType | None = None
    members: Mapping[str, DataType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Property:
    """One property. `is_writable`: its accessMode is `rw`."""

    identifier: str
    name: str
    is_writable: bool
    data_type: DataType


@dataclass(frozen=True, slots=True)
class ThingModels:
    """Every thing model that was read: properties by identifier, by product id."""

    products: Mapping[str, Mapping[str, Property]] = field(default_factory=dict)
    problems: tuple[tuple[str, Problem], ...] = ()

    def find(self, product_id: str, identifier: str) -> Property | None:
        """The property, or None: the product has no model here, or its model no such property (`knows`)."""
        return self.products.get(product_id, {}).get(identifier)

    def knows(self, product_id: str) -> bool:
        """True when the model of that product was read."""
        return product_id in self.products
