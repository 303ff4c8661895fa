"""A stack of layers -> one desired document, for the devices of one model.

Premise: thousands of devices have the same layers, and different stacks share most of their resources.
Rule: a resource is resolved once per (model, entries that set it, variables it mentions) and the value object is
shared by every document that holds it; a document once per stack. A device costs a lookup, not a merge. For documents
of single devices see `resolve_own.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from reconcile.manifest.layer import Contribution, Rank
from reconcile.manifest.layer_codes import PATH_TWICE, WRONG_SECTION
from reconcile.manifest.layer_entries import Entry
from reconcile.manifest.policies import NONE
from reconcile.manifest.resolve_commands import expiry_faults, resolve_commands
from reconcile.manifest.resolve_delivery import resolve_delivery
from reconcile.manifest.resolve_faults import Fault
from reconcile.manifest.resolve_order import order_faults
from reconcile.manifest.resolve_own import OwnWords
from reconcile.manifest.resolve_reading import Reading
from reconcile.manifest.resolve_resource import Claimed, resolve_resource
from reconcile.manifest.variables import PLAIN, Mentions
from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource
from reconcile.model.late import dataclass
from reconcile.ports import ChecksAccount, Dialect, Models, PlatformConfig, Problem

Stack: TypeAlias = "tuple[Contribution, ...]"
"""The layers of a device, low to high."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a stack comes to, and what is wrong with it."""

    document: DesiredDocument
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Bound:
    """A layer's resources under their canonical paths."""

    entries: Mapping[str, Entry]
    faults: tuple[Fault, ...]
    mentions: Mentions


class Resolver:
    """Resolves stacks for one dialect and its models, and remembers what it has read."""

    __slots__ = ("_account", "_bound", "_deliveries", "_dialect", "_last", "_models", "_own", "_paths", "_resources")

    def __init__(self, dialect: Dialect, models: Models) -> None:
        self._dialect = dialect
        self._account = dialect if isinstance(dialect, ChecksAccount) else None  # to ask for every document is slow
        self._models = models
        self._bound: dict[tuple[Contribution, str], _Bound] = {}
        self._deliveries: dict[Stack, tuple[Delivery, tuple[Fault, ...]]] = {}
        self._resources: dict[tuple[object, ...], tuple[DesiredResource | None, tuple[Fault, ...]]] = {}
        self._own = OwnWords()
        self._paths: dict[tuple[str, str], str | Problem] = {}
        self._last: tuple[tuple[Contribution, str], _Bound] | None = None

    def mentions(self, stack: Stack, model_key: str) -> Mentions:
        """The variables that the stack's document depends on."""
        found = PLAIN
        for layer in stack:
            found |= self._bind(layer, model_key).mentions
        return found

    def resolve(
        self, stack: Stack, model_key: str, labels: Mapping[str, str], device_name: str, config: PlatformConfig
    ) -> Resolution:
        """The document of devices with that stack, model and those variables; `config` is their account."""
        key = self._likeness(stack, model_key, config)
        if key is not None:
            known = self._own.document(key, stack[-1], self._bind(stack[-1], model_key).entries)
            if known is not None:
                return Resolution(known, ())
        resolution = self._resolved(stack, model_key, labels, device_name, config)
        if key is not None and not resolution.faults:
            self._own.keep_document(key, resolution.document)
        return resolution

    def _likeness(self, stack: Stack, model_key: str, config: PlatformConfig) -> tuple[object, ...] | None:
        """What a device's own document, which only sets values, has in common with those of others; None for others."""
        own = stack[-1] if stack else None
        if own is None or own.rank is not Rank.DEVICE or own.delivery or own.commands:
            return None
        bound = self._bind(own, model_key)
        if bound.faults or not self.mentions(stack, model_key).is_plain:
            return None
        said = [(path, *entry.said()) for path, entry in bound.entries.items()]
        return model_key, id(config), stack[:-1], *said

    def _resolved(
        self, stack: Stack, model_key: str, labels: Mapping[str, str], device_name: str, config: PlatformConfig
    ) -> Resolution:
        faults: list[Fault] = []
        reading = Reading(self._dialect, self._models, model_key, labels, device_name)
        resources = self._resolve_resources(stack, reading, faults)
        commands, command_faults = resolve_commands(stack, reading, {resource.path for resource in resources})
        faults += order_faults(resources, commands, reading)
        delivery, delivery_faults = self._delivery(stack)
        document = DesiredDocument.build(tuple(resources), commands, delivery)
        faults += (*command_faults, *delivery_faults, *expiry_faults(commands, delivery))
        faults += _audit(reading, document, stack)
        if self._account is not None:
            problems = self._account.check_document(config, model_key, document)
            faults += _placed(problems, reading, document, stack)
        return Resolution(document, tuple(dict.fromkeys(faults)))

    def _resolve_resources(self, stack: Stack, reading: Reading, faults: list[Fault]) -> list[DesiredResource]:
        claims: dict[str, list[Claimed]] = {}
        for layer in stack:
            bound = self._bind(layer, reading.model_key)
            faults += bound.faults
            for path, entry in bound.entries.items():
                claims.setdefault(path, []).append(Claimed(layer, entry))
        resources = []
        defaults = stack[0].policies if stack else NONE  # those of the fleet; of any other layer they are its entries'
        for path, claimed in claims.items():
            resource, own_faults = self._resource(path, claimed, reading, defaults)
            faults += own_faults
            if resource is not None:
                resources.append(resource)
        return resources

    def _resource(
        self, path: str, claimed: Sequence[Claimed], reading: Reading, defaults: Mapping[str, str]
    ) -> tuple[DesiredResource | None, tuple[Fault, ...]]:
        if claimed[-1].layer.rank is Rank.DEVICE:
            return self._own_resource(path, claimed, reading, defaults)
        key = (reading.model_key, path, *(claim.entry for claim in claimed), *_filled(claimed, reading))
        known = self._resources.get(key)
        if known is None:
            known = self._resources[key] = resolve_resource(path, claimed, reading, defaults)
        return known

    def _own_resource(
        self, path: str, claimed: Sequence[Claimed], reading: Reading, defaults: Mapping[str, str]
    ) -> tuple[DesiredResource | None, tuple[Fault, ...]]:
        """The same where a device's own document has the last word."""
        layer, entry = claimed[-1].layer, claimed[-1].entry
        below = [claim.entry for claim in claimed[:-1]]
        key = (reading.model_key, path, *below, *entry.said(), *_filled(claimed, reading))
        known = self._own.resource(key, layer, entry)
        if known is not None:
            return known, ()
        resource, faults = resolve_resource(path, claimed, reading, defaults)
        if resource is not None and not faults:
            self._own.keep_resource(key, resource)
        return resource, faults

    def _delivery(self, stack: Stack) -> tuple[Delivery, tuple[Fault, ...]]:
        layers = tuple(layer for layer in stack if layer.delivery)
        known = self._deliveries.get(layers)
        if known is None:
            known = self._deliveries[layers] = resolve_delivery(layers)
        return known

    def _bind(self, layer: Contribution, model_key: str) -> _Bound:
        which = (layer, model_key)
        known = self._bound.get(which)
        if known is None and self._last is not None and self._last[0] == which:
            known = self._last[1]
        if known is None:
            known = _bind(layer, Reading(self._dialect, self._models, model_key, {}, ""), self._paths)
            if layer.rank is Rank.DEVICE:
                self._last = which, known  # of one device alone
            else:
                self._bound[which] = known
        return known


def _filled(claimed: Sequence[Claimed], reading: Reading) -> tuple[object, ...]:
    """The values of the variables that these entries mention."""
    found = PLAIN
    for claim in claimed:
        if not claim.entry.mentions.is_plain:
            found |= claim.entry.mentions
    if found.is_plain:
        return ()
    labels = tuple(reading.labels.get(key) for key in sorted(found.labels))
    return (labels, reading.device_name if found.has_name else None)


def _bind(layer: Contribution, reading: Reading, paths: dict[tuple[str, str], str | Problem]) -> _Bound:
    entries: dict[str, Entry] = {}
    faults: list[Fault] = []
    expected = reading.capabilities.section
    for section, declared in layer.sections.items():
        if section != expected:
            detail = (
                f"{layer.name} sets `{section}`, the device's platform takes `{expected}`. "
                "Narrow the selector, or move these settings to a profile for devices of that kind"
            )
            faults.append(Fault.of(WRONG_SECTION, declared[0].span if declared else layer.span, "", detail))
            continue
        for entry in declared:
            which = reading.model_key, entry.path
            path = paths.get(which) or paths.setdefault(which, reading.path(entry.path))
            about = f"resource {entry.path}"
            if isinstance(path, Problem):
                faults.append(Fault.from_problem(path, entry.span, about))
            elif path in entries:
                detail = f"Also set at {entries[path].span}. Keep one of the two"
                faults.append(Fault.of(PATH_TWICE, entry.span, f"resource {path}", detail))
            else:
                entries[path] = entry
    mentions = PLAIN
    for mentioned in (*(e.mentions for e in entries.values()), *(c.mentions for c in layer.commands)):
        mentions |= mentioned
    return _Bound(entries, tuple(faults), mentions)


def _audit(reading: Reading, document: DesiredDocument, stack: Stack) -> list[Fault]:
    """What the dialect says of the document as a whole, put where the resource or command is written."""
    problems = reading.dialect.audit(reading.models, reading.model_key, document)
    return _placed(problems, reading, document, stack) if problems else []


def _placed(
    problems: Sequence[tuple[str, Problem]], reading: Reading, document: DesiredDocument, stack: Stack
) -> list[Fault]:
    """Problems of resources and commands, put where those are written."""
    spans = {command.name: (command.span, f"command {command.name}") for command in document.commands}
    spans |= {r.path: (r.span, f"resource {reading.shown(r.path)}") for r in document.resources}
    top = stack[-1].span if stack else None
    faults = []
    for name, problem in problems:
        span, about = spans.get(name, (top, name))
        if span is not None:
            faults.append(Fault.from_problem(problem, span, about))
    return faults
