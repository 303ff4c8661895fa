"""Thing models as values: which properties a product has, and what each of them may hold.

Source: Aliyun, TSL parameters and Data structure of ThingModelJson.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from enum import Enum, StrEnum

from reconcile.model.late import dataclass
from reconcile.ports import Problem

DEFAULT_MODULE = ""


class Kind(StrEnum):
    """The types of TSL. OTHER is a type that no page lists: its values are not checked."""

    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    BOOL = "bool"
    ENUM = "enum"
    TEXT = "text"
    DATE = "date"
    STRUCT = "struct"
    ARRAY = "array"
    OTHER = "other"


class Access(StrEnum):
    """TSL knows `r` and `rw`; ThingModelJson also WRITE_ONLY, for which a desired value is not promised."""

    READ = "r"
    READ_WRITE = "rw"
    WRITE = "w"


@dataclass(frozen=True, slots=True)
class DataType:
    """What a value may be. Bounds are decimal, because `0.07` in steps of `0.01` is not a multiple in binary.

    labels: integer keys of bool and enum with their texts. length: characters of text. size: entries of an array.
    """

    kind: Kind
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    step: Decimal | None = None
    unit: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)
    length: int | None = None
    size: int | None = None
    item: DataType | None = None
    members: Mapping[str, DataType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Property:
    """One property; `path` is `identifier`, or `module:identifier` in a custom module."""

    path: str
    name: str
    access: Access
    data_type: DataType


class Lookup(Enum):
    """Why there is no property: the models say nothing about it, or they say that it does not exist."""

    UNMODELLED = "unmodelled"
    NONEXISTENT = "nonexistent"


@dataclass(frozen=True, slots=True)
class ThingModel:
    """All that is known of one product. `modules` are those whose properties were read (`""` is the default module).

    `listed_modules` are the custom modules that the default module names, or None when it names none at all.
    `version` is the model's own, as published; several where its modules were exported at different times.
    """

    product_key: str
    properties: Mapping[str, Property] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    listed_modules: frozenset[str] | None = None
    version: str = ""

    def find(self, path: str) -> Property | Lookup:
        """The property of a path, or why there is none."""
        found = self.properties.get(path)
        if found is not None:
            return found
        module = split_path(path)[0]
        if module in self.modules:
            return Lookup.NONEXISTENT
        if module != DEFAULT_MODULE and self.listed_modules is not None and module not in self.listed_modules:
            return Lookup.NONEXISTENT
        return Lookup.UNMODELLED


@dataclass(frozen=True, slots=True)
class ThingModels:
    """Every thing model that was read, by product key; `ports.Models` of this platform."""

    products: Mapping[str, ThingModel] = field(default_factory=dict)
    problems: tuple[tuple[str, Problem], ...] = ()

    def knows(self, model_key: str) -> bool:
        """True when the model of that product was read."""
        return model_key in self.products

    def versions(self) -> Mapping[str, str]:
        """The published version of each product's model, where its files tell it."""
        return {key: model.version for key, model in self.products.items() if model.version}

    def find(self, product_key: str, path: str) -> Property | Lookup:
        """The property of a product's path; without a model nothing is known of it."""
        model = self.products.get(product_key)
        return Lookup.UNMODELLED if model is None else model.find(path)


def split_path(path: str) -> tuple[str, str]:
    """Module (`""` is the default one) and identifier of a path."""
    module, _, identifier = path.rpartition(":")
    return module, identifier


def by_module(paths: tuple[str, ...]) -> dict[str, list[str]]:
    """Identifiers by module, both sorted, each once: queries address one module at a time."""
    modules: dict[str, list[str]] = {}
    for path in sorted(set(paths)):
        module, identifier = split_path(path)
        modules.setdefault(module, []).append(identifier)
    return dict(sorted(modules.items()))
