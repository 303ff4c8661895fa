"""A product's thing model: properties, services and events of the default module and of custom ones.

Source: Aliyun, TSL parameters (help document 213902). `tsl` and `thing_model_json` read and write its two dialects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DataType:
    """A type with its limits, which are text as in every published model.

    `labels` are the texts of bool and enum values; `item` is an array's element; `members` a struct's, by identifier.
    """

    kind: str
    limits: Mapping[str, str]
    labels: Mapping[int, str]
    item: DataType | None = None
    members: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """A struct's member, or what a service or an event carries."""

    identifier: str
    name: str
    type: DataType


@dataclass(frozen=True, slots=True)
class Property:
    """One property; `access` is r, rw or w."""

    identifier: str
    module: str
    name: str
    access: str
    required: bool
    type: DataType

    @property
    def key(self) -> str:
        """How Items, Versions and the device name it: with its module before a colon, if it has one."""
        return key_of(self.module, self.identifier)


@dataclass(frozen=True, slots=True)
class Service:
    """Something a device can be told to do; a synchronous one answers within 8 seconds."""

    identifier: str
    module: str
    name: str
    is_sync: bool
    inputs: tuple[Argument, ...] = ()
    outputs: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something a device tells by itself; `kind` is info, alert or error."""

    identifier: str
    module: str
    name: str
    kind: str
    outputs: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """All of a product by key; `modules` are the names of the custom modules by their ids."""

    properties: Mapping[str, Property] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    events: Mapping[str, Event] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)

    def of_module(self, module: str) -> tuple[Property, ...]:
        """The properties of one module; "" is the default module."""
        return tuple(found for found in self.properties.values() if found.module == module)

    def part(self, module: str) -> Model:
        """One module alone; the default one keeps the list of the others."""
        return Model(
            {key: found for key, found in self.properties.items() if found.module == module},
            {key: found for key, found in self.services.items() if found.module == module},
            {key: found for key, found in self.events.items() if found.module == module},
            {} if module else self.modules,
        )


def key_of(module: str, identifier: str) -> str:
    """`module:identifier`, or the bare identifier in the default module."""
    return f"{module}:{identifier}" if module else identifier
