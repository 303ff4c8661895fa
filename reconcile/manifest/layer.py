"""A document's contribution to its devices: one layer, taken apart into resources, delivery settings and commands.

Layers run low to high: fleet defaults, profiles by priority, the Device document. Nothing here knows a platform:
paths and values are still as written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum
from typing import TypeAlias

from reconcile.manifest.document import Document
from reconcile.manifest.layer_entries import Entry, entries
from reconcile.manifest.policies import written_policies
from reconcile.manifest.select import EVERYTHING, Selector, read_selector
from reconcile.manifest.variables import Mentions, mentions
from reconcile.model.diagnostic import NOWHERE, Span
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject

SECTIONS = ("resources", "properties")


class Rank(IntEnum):
    """Which kind of document a layer is; a higher rank wins over a lower one."""

    DEFAULTS = 0
    PROFILE = 1
    DEVICE = 2


Setting: TypeAlias = "tuple[Json, Span]"
"""A value and where it stands."""


@dataclass(frozen=True, slots=True)
class DeclaredCommand:
    """A command as one layer declares it."""

    name: str
    body: JsonObject
    span: Span
    mentions: Mentions


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """What one document says about the devices it covers. Compared by identity: each document makes one."""

    name: str
    span: Span = NOWHERE
    rank: Rank = Rank.PROFILE
    priority: int = 0
    selector: Selector = EVERYTHING
    sections: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    delivery: Mapping[str, Setting] = field(default_factory=dict)
    commands: tuple[DeclaredCommand, ...] = ()
    policies: Mapping[str, str] = field(default_factory=dict)
    rollout: str | None = None

    @property
    def order(self) -> tuple[int, int, str, Span]:
        """Sorts low to high; equal priorities by name, so that the order of files never shows."""
        return (self.rank, self.priority, self.name, self.span)

    @property
    def is_empty(self) -> bool:
        """True when it sets nothing, e.g. a Device document that only adds labels."""
        return not (any(self.sections.values()) or self.delivery or self.commands or self.policies)


def from_defaults(document: Document) -> Contribution:
    """The lowest layer: `defaults` of the Fleet document."""
    spec = _member(document.body, "spec")
    defaults = _member(spec, "defaults")
    delivery = _settings(document, ("spec", "defaults", "delivery"), _member(defaults, "delivery"))
    return Contribution(
        "fleet defaults",
        document.span("spec", "defaults"),
        Rank.DEFAULTS,
        delivery=delivery,
        policies=written_policies(defaults),
    )


def from_profile(document: Document) -> Contribution:
    """The layer of a Profile document."""
    selector = read_selector(_member(document.body, "spec").get("selector"))
    return _contribution(document, profile_title(document), Rank.PROFILE, _priority(document), selector)


def profile_title(document: Document) -> str:
    """What the layer of a Profile document is called."""
    return f"profile {document.name} (priority {_priority(document)})"


def _priority(document: Document) -> int:
    written = _member(document.body, "spec").get("priority")
    return written if isinstance(written, int) else 0


def from_device(document: Document) -> Contribution:
    """The layer of a Device document."""
    return _contribution(document, f"device {document.name}", Rank.DEVICE, 0, EVERYTHING)


def _contribution(document: Document, name: str, rank: Rank, priority: int, selector: Selector) -> Contribution:
    spec = _member(document.body, "spec")
    return Contribution(
        name=name,
        span=document.span("metadata", "name"),
        rank=rank,
        priority=priority,
        selector=selector,
        sections={section: entries(document, section) for section in SECTIONS if spec.get(section)},
        delivery=_settings(document, ("spec", "delivery"), _member(spec, "delivery")),
        commands=_commands(document, _member(spec, "commands")),
        rollout=document.name if "rollout" in spec else None,
    )


def _settings(document: Document, place: tuple[str, ...], body: JsonObject) -> dict[str, Setting]:
    return {key: (value, document.span(*place, key)) for key, value in body.items()}


def _commands(document: Document, body: JsonObject) -> tuple[DeclaredCommand, ...]:
    return tuple(
        DeclaredCommand(name, command, document.span("spec", "commands", name), mentions(command.get("args")))
        for name, command in body.items()
        if isinstance(command, dict)
    )


def _member(body: JsonObject, name: str) -> JsonObject:
    found = body.get(name)
    return found if isinstance(found, dict) else {}
