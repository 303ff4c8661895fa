"""Products and groups: what devices belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.model import Model


@dataclass(frozen=True, slots=True)
class Release:
    """A published version of a product's thing model."""

    version: str
    description: str
    created_ms: int
    model: Model


@dataclass(slots=True)
class Product:
    """A product; `releases` come newest first, the first is in force. No model at all: any property goes.

    `devices` are in order of creation. `validate_type`: 0 checks everything a device reports, 1 identifiers and types,
    2 nothing (and no model data is shown). Source: Aliyun QueryProduct, ValidateType.
    """

    key: str
    name: str
    instance_id: str
    created_ms: int
    releases: tuple[Release, ...] = ()
    draft: Model | None = None
    validate_type: int = 0
    node_type: int = 0
    devices: list[Device] = field(default_factory=list)

    @property
    def model(self) -> Model | None:
        """The thing model in force."""
        return self.releases[0].model if self.releases else None


@dataclass(slots=True)
class Group:
    """A device group; a dynamic one has a rule in the real cloud, here it has members."""

    group_id: str
    name: str
    is_dynamic: bool
    created_ms: int
    devices: list[Device] = field(default_factory=list)

    @property
    def type(self) -> str:
        """The vendor's word for the kind of group."""
        return "LINK_PLATFORM_DYNAMIC" if self.is_dynamic else "LINK_PLATFORM"


@dataclass(frozen=True, slots=True)
class Models:
    """The models a population record brings: in force, drafted, and older releases with their own names."""

    published: Model | None = None
    draft: Model | None = None
    older: tuple[tuple[Mapping[str, str], Model], ...] = ()
