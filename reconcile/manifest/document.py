"""A parsed manifest document, and the fleet that documents and inventories add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TypeAlias

from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.drift import FlapRule
from reconcile.model.fleet import DesiredDevice, Hold, Safety, StateConfig, TakenListing
from reconcile.model.late import dataclass
from reconcile.model.policy import NO_POLICIES, Policies
from reconcile.model.recorded import RecordedHead
from reconcile.model.rollout import Rollout
from reconcile.model.settled import SettledBlock
from reconcile.model.values import JsonObject
from reconcile.ports import Listing, Models, PlatformConfig

__all__ = ["DesiredDevice", "Document", "Fleet", "Hold", "Pointer", "Safety", "StateConfig"]

Pointer: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document that satisfies its schema. `positions` maps pointers into `body` to (line, column).

    `said`: of a device, a digest of all that it says but for its name and identity; empty where nobody worked it out.
    """

    file: str
    kind: str
    name: str
    body: JsonObject
    positions: Mapping[Pointer, tuple[int, int]]
    said: str = ""

    def span(self, *pointer: str | int) -> Span:
        """The place of a member (its key where it has one), or of the nearest thing around it."""
        while (place := self.positions.get(pointer)) is None and pointer:
            pointer = pointer[:-1]
        return Span(self.file, *(place or (1, 1)))


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything the manifests say. `devices` is sorted by ref; with errors in `diagnostics` it may be partial.

    `listings` are those of clouds that it was read from, `asks` what `inventory:` asks of clouds, taken or not.
    `rollouts` are by the name of their profile; a document says which one governs it.
    `doubtful`: devices whose model cannot be read, or is contradicted by what is declared of them, and which it is.
    `left_out`: how many settled devices are not among `devices`, where only a plan is made; `heads` are then those of
    all other recorded devices, and `blocks` those of inventories, where they tell what need not be read again.
    `inventories` and `folders` of models are the paths that the Fleet document names.
    """

    name: str
    platforms: Mapping[str, PlatformConfig] = field(default_factory=dict)
    models: Mapping[str, Models] = field(default_factory=dict)
    devices: Sequence[DesiredDevice] = ()
    holds: Sequence[Hold] = ()
    safety: Safety = field(default_factory=Safety)
    state: StateConfig = field(default_factory=StateConfig)
    digest: str = ""
    diagnostics: Sequence[Diagnostic] = ()
    listings: Sequence[TakenListing] = ()
    asks: Sequence[Listing] = ()
    doubtful: Mapping[DeviceRef, str] = field(default_factory=dict)
    refresh: RefreshRule = field(default_factory=RefreshRule)
    flaps: FlapRule = field(default_factory=FlapRule)
    rollouts: Mapping[str, Rollout] = field(default_factory=dict)
    policies: Policies = NO_POLICIES
    left_out: int = 0
    heads: Sequence[RecordedHead] | None = None
    blocks: Sequence[SettledBlock] | None = None
    inventories: Sequence[str] = ()
    folders: Sequence[str] = ()
