"""Documents and inventories -> the fleet: every device with the document it shares with its likes.

Premise: a million devices have a few hundred distinct configurations.
Rule: a device's layers depend only on its platform, its model and the profiles that cover it; its document besides
those only on the variables of these layers. Both are looked up; they are worked out once per distinct key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconcile.manifest.compile_devices import Devices
from reconcile.manifest.document import DesiredDevice, Document, Fleet
from reconcile.manifest.fleet import FleetSettings, read_fleet
from reconcile.manifest.holds import read_holds
from reconcile.manifest.inventory_entries import ListedInventory
from reconcile.manifest.inventory_volatile import volatile_selectors
from reconcile.manifest.layer import Contribution, from_defaults, from_device, from_profile
from reconcile.manifest.layer_codes import (
    MATCHES_NOTHING,
    NEEDS_ALL_DEVICES,
    NEEDS_ALL_FILES,
)
from reconcile.manifest.match import Matcher
from reconcile.manifest.policy_documents import read_policies
from reconcile.manifest.resolve import Resolution, Resolver, Stack
from reconcile.manifest.resolve_faults import Sightings
from reconcile.manifest.rollouts import read_rollouts
from reconcile.manifest.safety import read_safety
from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import Diagnostic, in_order
from reconcile.ports import Dialect, Models, NamedBytes, PlatformConfig

CONTRADICTED = "what is declared of it contradicts its device model"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a fleet is compiled from: documents that fit their schemas, inventories, dialects and models by type.

    `digest` names the bytes all of it was read from. Not `is_complete`: something could not be read, so nothing is said
    of what is missing. `listings`: entries of `inventory:` with what their clouds answered.
    """

    documents: Sequence[Document]
    inventories: Sequence[NamedBytes] = ()
    dialects: Mapping[str, Dialect] = field(default_factory=dict)
    models: Mapping[str, Models] = field(default_factory=dict)
    digest: str = ""
    is_complete: bool = True
    listings: Sequence[tuple[ListedInventory, NamedBytes]] = ()


def compile_fleet(inputs: Inputs, *, now: datetime) -> Fleet:
    """The fleet, its devices sorted by ref; with errors among its diagnostics it is partial.

    Without a Fleet document, which the parser reports, there are no platforms and so no devices.
    """
    by_kind: dict[str, list[Document]] = {}
    for document in inputs.documents:
        by_kind.setdefault(document.kind, []).append(document)
    policies, policy_problems = read_policies(by_kind.get("Policy", ()), now)
    if "Fleet" not in by_kind:
        problems = in_order(policy_problems)
        return Fleet("", models=inputs.models, digest=inputs.digest, diagnostics=problems, policies=policies)
    settings, diagnostics = read_fleet(by_kind["Fleet"], inputs.dialects)
    devices = Devices(settings.platforms, inputs.dialects, by_kind.get("Device", ()), is_complete=inputs.is_complete)
    for entry, listing in inputs.listings:
        devices.add_listing(entry, listing)
    for inventory in inputs.inventories:
        devices.add_inventory(inventory)
    devices.add_documents()
    devices.add_listed()
    compilation = _Compilation.of(inputs, by_kind, settings, devices)
    desired = [compilation.desired(device) for device in devices.in_order()]
    holds, hold_problems = read_holds(by_kind.get("Hold", ()), desired, now)
    safety, safety_problems = read_safety(by_kind, desired, inputs.dialects, settings.platforms, now)
    found = [*devices.diagnostics, *compilation.unmatched(), *compilation.sightings.diagnostics(), *hold_problems]
    pointless = NEEDS_ALL_FILES if not inputs.is_complete else () if devices.is_complete else NEEDS_ALL_DEVICES
    diagnostics += [one for one in found if one.code not in pointless]
    diagnostics += [*policy_problems, *safety_problems]
    rollouts, rollout_problems = read_rollouts(by_kind.get("Profile", ()))
    diagnostics += rollout_problems
    if inputs.listings:
        diagnostics += volatile_selectors(inputs.documents, desired)
    return Fleet(
        name=settings.name,
        platforms=settings.platforms,
        models=inputs.models,
        devices=desired,
        holds=holds,
        safety=safety,
        state=settings.state,
        refresh=settings.refresh,
        flaps=settings.flaps,
        digest=inputs.digest,
        diagnostics=in_order(diagnostics),
        doubtful=compilation.doubtful,
        rollouts=rollouts,
        policies=policies,
    )


@dataclass(slots=True)
class _Match:
    """Devices of one platform and model whose layers are the same, and the documents they come to."""

    stack: Stack
    resolver: Resolver
    label_keys: tuple[str, ...]
    has_name: bool
    rollout: str | None = None
    resolutions: dict[object, Resolution] = field(default_factory=dict)


@dataclass(slots=True)
class _Compilation:
    """The layers of one fleet, and everything worked out about them so far."""

    defaults: Stack
    profiles: Sequence[Contribution]
    own: Mapping[str, Mapping[str, Contribution]]
    resolvers: Mapping[str, Resolver]
    dialects: Mapping[str, Dialect]
    platforms: Mapping[str, PlatformConfig]
    matcher: Matcher
    sightings: Sightings = field(default_factory=Sightings)
    matched: int = 0
    matches: dict[object, _Match] = field(default_factory=dict)
    doubtful: dict[DeviceRef, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, inputs: Inputs, by_kind: Mapping[str, Sequence[Document]], settings: FleetSettings, devices: Devices
    ) -> _Compilation:
        profiles = sorted(map(from_profile, by_kind.get("Profile", ())), key=lambda layer: layer.order)
        types = {name: config.type for name, config in settings.platforms.items() if config.type in inputs.dialects}
        own: dict[str, dict[str, Contribution]] = {name: {} for name in types}
        for ref, document in devices.documented.items():
            layer = from_device(document)
            if not layer.is_empty:
                own[ref.platform][ref.name] = layer
        resolvers = {kind: Resolver(inputs.dialects[kind], inputs.models[kind]) for kind in set(types.values())}
        return cls(
            defaults=tuple(map(from_defaults, by_kind.get("Fleet", ())[:1])),
            profiles=profiles,
            own=own,
            resolvers={name: resolvers[kind] for name, kind in types.items()},
            dialects={name: inputs.dialects[kind] for name, kind in types.items()},
            platforms=settings.platforms,
            matcher=Matcher([profile.selector for profile in profiles]),
        )

    def desired(self, device: Device) -> DesiredDevice:
        """The device with its document."""
        ref, labels = device.ref, device.labels
        model_key = self.dialects[ref.platform].model_key(device.identity)
        own = self.own[ref.platform].get(ref.name)
        covering = self.matcher.covering(labels)
        key = (ref.platform, model_key, own, covering)
        match = self.matches.get(key)
        if match is None:
            match = self.matches[key] = self._match(ref.platform, model_key, covering, own)
        variables = tuple(map(labels.get, match.label_keys)), ref.name if match.has_name else None
        resolution = match.resolutions.get(variables)
        if resolution is None:
            config = self.platforms[ref.platform]
            resolution = match.resolver.resolve(match.stack, model_key, labels, ref.name, config)
            if match.rollout is not None:
                resolution = replace(resolution, document=replace(resolution.document, rollout=match.rollout))
            match.resolutions[variables] = resolution
        if resolution.faults:
            self.sightings.add(resolution.faults, ref)
            if any(fault.is_error for fault in resolution.faults):
                self.doubtful[ref] = CONTRADICTED
        return DesiredDevice(device, resolution.document)

    def unmatched(self) -> list[Diagnostic]:
        """A warning for every profile that matches no device."""
        advice = "Correct the selector, or delete the profile"
        return [
            MATCHES_NOTHING.at(profile.span, f"{profile.name}. {advice}")
            for number, profile in enumerate(self.profiles)
            if not self.matched >> number & 1
        ]

    def _match(self, platform: str, model_key: str, covering: int, own: Contribution | None) -> _Match:
        self.matched |= covering
        profiles = [profile for number, profile in enumerate(self.profiles) if covering >> number & 1]
        stack = (*self.defaults, *profiles) if own is None else (*self.defaults, *profiles, own)
        resolver = self.resolvers[platform]
        mentioned = resolver.mentions(stack, model_key)
        rollout = next((layer.rollout for layer in reversed(profiles) if layer.rollout is not None), None)
        return _Match(stack, resolver, tuple(sorted(mentioned.labels)), mentioned.has_name, rollout)
