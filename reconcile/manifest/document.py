"""A parsed manifest document, and the fleet that documents and inventories add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from reconcile.model.desired import DesiredDocument
from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import NOWHERE, Diagnostic, Span
from reconcile.model.values import JsonObject
from reconcile.ports import Models, PlatformConfig

Pointer: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document that satisfies its schema. `positions` maps pointers into `body` to (line, column)."""

    file: str
    kind: str
    name: str
    body: JsonObject
    positions: Mapping[Pointer, tuple[int, int]]

    def span(self, *pointer: str | int) -> Span:
        """The place of a member (its key where it has one), or of the nearest thing around it."""
        while pointer and pointer not in self.positions:
            pointer = pointer[:-1]
        return Span(self.file, *self.positions.get(pointer, (1, 1)))


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave devices alone until a date. Names are as in `DeviceRef` or bare device names."""

    name: str
    devices: frozenset[DeviceRef]
    until: datetime
    reason: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Safety:
    """Limits of one plan; None means no limit. Percent of the devices already under management."""

    max_changed_devices: int | None = None
    max_changed_percent: float | None = None
    min_population: int = 10
    max_inventory_shrink_percent: float | None = None
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class StateConfig:
    """Where recorded state lives: backend sqlite | gitref | postgres, and its path or address."""

    backend: str = "sqlite"
    path: str = ".reconcile/state.db"


@dataclass(slots=True)
class DesiredDevice:
    """A device and the document it shares with its likes. Not frozen: there may be millions."""

    device: Device
    document: DesiredDocument


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything the manifests say. `devices` is sorted by ref; with errors in `diagnostics` it may be partial."""

    name: str
    platforms: Mapping[str, PlatformConfig] = field(default_factory=dict)
    models: Mapping[str, Models] = field(default_factory=dict)
    devices: Sequence[DesiredDevice] = ()
    holds: Sequence[Hold] = ()
    safety: Safety = Safety()
    state: StateConfig = StateConfig()
    digest: str = ""
    diagnostics: Sequence[Diagnostic] = ()
