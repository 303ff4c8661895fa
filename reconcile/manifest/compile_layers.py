"""The layers of one fleet, and the document that each device gets from them.

Premise: a million devices have a few hundred distinct configurations.
Rule: a device's layers depend only on its platform, its model and the profiles that cover it; its document besides
those only on the variables of these layers. Both are looked up; they are worked out once per distinct key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from reconcile.manifest.document import DesiredDevice, Document
from reconcile.manifest.fleet import FleetSettings
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer import Contribution, from_defaults, from_device, from_profile
from reconcile.manifest.layer_codes import MATCHES_NOTHING
from reconcile.manifest.match import Matcher
from reconcile.manifest.resolve import Resolution, Resolver, Stack
from reconcile.manifest.resolve_faults import Sightings
from reconcile.manifest.select import Selector
from reconcile.model.desired import DesiredDocument
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.late import dataclass
from reconcile.model.values import is_secret
from reconcile.ports import Dialect, Models, PlatformConfig

CONTRADICTED = "what is declared of it contradicts its device model"


@dataclass(slots=True)
class _Match:
    """Devices of one platform and model whose layers are the same, and the documents they come to."""

    stack: Stack
    resolver: Resolver
    model_key: str
    label_keys: tuple[str, ...]
    has_name: bool
    rollout: str | None = None
    resolutions: dict[object, Resolution] = field(default_factory=dict)
    digests: dict[object, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Alike:
    """Devices of one platform and model that the same profiles cover, and whose own documents say the same: digests of
    what they come to, by the labels that matter.
    """

    label_keys: tuple[str, ...]
    digests: dict[object, str] = field(default_factory=dict)


@dataclass(slots=True)
class Compilation:
    """The layers of one fleet, and everything worked out about them so far.

    `asked`: labels of devices that are compiled whatever is recorded of them, and `named`: their names.
    """

    defaults: Stack
    profiles: Sequence[Contribution]
    own: Mapping[str, dict[str, Document]]
    resolvers: Mapping[str, Resolver]
    dialects: Mapping[str, Dialect]
    platforms: Mapping[str, PlatformConfig]
    matcher: Matcher
    sightings: Sightings = field(default_factory=Sightings)
    matched: int = 0
    asked: Sequence[Selector] = ()
    named: frozenset[str] = frozenset()
    matches: dict[object, _Match] = field(default_factory=dict)
    alike: dict[object, _Alike] = field(default_factory=dict)
    doubtful: dict[DeviceRef, str] = field(default_factory=dict)
    faulty: set[DeviceRef] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        by_kind: Mapping[str, Sequence[Document]],
        settings: FleetSettings,
        dialects: Mapping[str, Dialect],
        models: Mapping[str, Models],
    ) -> Compilation:
        """The layers of these documents, but for those of devices, which `take_own` adds."""
        profiles = sorted(map(from_profile, by_kind.get("Profile", ())), key=lambda layer: layer.order)
        types = {name: config.type for name, config in settings.platforms.items() if config.type in dialects}
        resolvers = {kind: Resolver(dialects[kind], models[kind]) for kind in set(types.values())}
        return cls(
            defaults=tuple(map(from_defaults, by_kind.get("Fleet", ())[:1])),
            profiles=profiles,
            own={name: {} for name in types},
            resolvers={name: resolvers[kind] for name, kind in types.items()},
            dialects={name: dialects[kind] for name, kind in types.items()},
            platforms=settings.platforms,
            matcher=Matcher([profile.selector for profile in profiles]),
        )

    def take_own(self, documented: Mapping[DeviceRef, Document]) -> None:
        """Takes in the documents of single devices."""
        for ref, document in documented.items():
            self.own[ref.platform][ref.name] = document

    def desired(self, device: Device) -> DesiredDevice:
        """The device with its document."""
        ref = device.ref
        covering = self.matcher.covering(device.labels)
        own = self.own[ref.platform].get(ref.name)
        layer = None if own is None else from_device(own)
        match = self._match_of(ref.platform, device.identity, covering, None if layer and layer.is_empty else layer)
        resolution = self._resolution(match, ref, device.labels)
        if own is not None and own.said and not match.has_name and _is_plain(resolution):
            alike = self.alike.setdefault(self._likeness(device, covering, own), _Alike(match.label_keys))
            alike.digests[tuple(map(device.labels.get, match.label_keys))] = resolution.document.digest
        if resolution.faults:
            self.faulty.add(ref)
            self.sightings.add(resolution.faults, ref)
            if any(fault.is_error for fault in resolution.faults):
                self.doubtful[ref] = CONTRADICTED
        return DesiredDevice(device, resolution.document)

    def digest_alike(self, device: Device) -> tuple[str, int] | None:
        """The digest of a device's document, and the profiles that cover it, where a device came to the same before
        whose own document says the same. None where that is to be found out, or there is something to say about it.
        """
        own = self.own[device.ref.platform].get(device.ref.name)
        if own is None or not own.said:
            return None
        covering = self.matcher.covering(device.labels)
        alike = self.alike.get(self._likeness(device, covering, own))
        if alike is None:
            return None
        digest = alike.digests.get(tuple(map(device.labels.get, alike.label_keys)))
        return None if digest is None else (digest, covering)

    def is_asked(self, device: Device) -> bool:
        """Whether it is compiled whatever is recorded of it."""
        return device.ref.name in self.named or any(selector.matches(device.labels) for selector in self.asked)

    def plainly_covering(self, desired: DesiredDevice) -> int | None:
        """The profiles that cover a compiled device, as bits; None where there is something to be said about its
        document, or something secret in it.
        """
        device = desired.device
        is_open = device.ref in self.faulty or _has_secret(desired.document)
        return None if is_open else self.matcher.covering(device.labels)

    def digest_of(self, row: Row, identity: Identity, covering: int) -> tuple[str | None, bool]:
        """The digest of what a row without a document of its own comes to, and whether labels have no part in it.

        None where that has faults or secrets, or is the device's alone.
        """
        match = self._match_of(row.platform, identity, covering, None)
        if match.has_name:
            return None, True
        variables = tuple(map(row.labels.get, match.label_keys)), None
        known = match.digests.get(variables)
        if known is None and variables not in match.digests:
            resolution = self._resolution(match, DeviceRef(row.platform, row.name), row.labels)
            known = match.digests[variables] = resolution.document.digest if _is_plain(resolution) else None
        return known, not match.label_keys

    def _likeness(self, device: Device, covering: int, own: Document) -> object:
        platform = device.ref.platform
        return platform, self.dialects[platform].model_key(device.identity), covering, own.said

    def _match_of(self, platform: str, identity: Identity, covering: int, own: Contribution | None) -> _Match:
        model_key = self.dialects[platform].model_key(identity)
        key = (platform, model_key, own, covering)
        match = self.matches.get(key)
        if match is None:
            match = self._match(platform, model_key, covering, own)
            if own is None:  # others have the layers of one device
                self.matches[key] = match
        return match

    def _resolution(self, match: _Match, ref: DeviceRef, labels: Mapping[str, str]) -> Resolution:
        variables = tuple(map(labels.get, match.label_keys)), ref.name if match.has_name else None
        resolution = match.resolutions.get(variables)
        if resolution is None:
            config = self.platforms[ref.platform]
            resolution = match.resolver.resolve(match.stack, match.model_key, labels, ref.name, config)
            if match.rollout is not None:
                resolution = replace(resolution, document=replace(resolution.document, rollout=match.rollout))
            match.resolutions[variables] = resolution
        return resolution

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
        return _Match(stack, resolver, model_key, tuple(sorted(mentioned.labels)), mentioned.has_name, rollout)


def _is_plain(resolution: Resolution) -> bool:
    """Whether a digest is all there is to know of it."""
    return not (resolution.faults or _has_secret(resolution.document))


def _has_secret(document: DesiredDocument) -> bool:
    return any(is_secret(one.value) for one in document.resources)
