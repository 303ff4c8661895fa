"""What no plan may do unless a reviewed line in a manifest says so, and such lines.

Premise: some values decide whether a device can be reached at all; one that is wrong cannot be mended from afar.
Rule: a write, clear or run of a protected resource, and a write that replaces a whole object instance, needs a line
under `allow:` with a reason and a last day. A flag would do for one person once, and nobody would see it in a review.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import NOWHERE, Span
from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject

RESOURCE = "resource"
REPLACE = "replace"
LIMITS = ("maxChangedDevices", "maxChangedPercent", "maxInventoryShrinkPercent")


def anything(_device: Device) -> bool:
    """Covers every device."""
    return True


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which resources are meant: `/1/*/1` (any instance), `/11` (all of an object), or an identifier, `*` in its place.

    A path may be longer than its pattern; an identifier may not (`Energy:*` is one module's, `Energy` one property).
    """

    text: str

    def matches(self, path: str) -> bool:
        """Whether that resource, instance or identifier is meant."""
        is_path = self.text.startswith("/")
        if is_path != path.startswith("/"):
            return False
        wanted, found = (text.split("/" if is_path else ":") for text in (self.text, path))
        if len(found) < len(wanted) or (len(found) > len(wanted) and not is_path):
            return False
        return all(part in ("*", given) for part, given in zip(wanted, found, strict=False))


@dataclass(frozen=True, slots=True)
class Protected:
    """Resources that a fleet, a profile or a device declares protected, and why."""

    pattern: Pattern
    why: str
    covers: Callable[[Device], bool] = field(default=anything, compare=False)
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Allowance:
    """A line of `allow:`. `kind` is `resource`, `replace`, or the name of the limit that is raised to `up_to`.

    It counts before `until` (UTC). `is_declared`: something that the manifests declare can need it.
    """

    kind: str
    reason: str
    until: datetime
    pattern: Pattern = Pattern("*")
    up_to: float = 0.0
    covers: Callable[[Device], bool] = field(default=anything, compare=False)
    is_declared: bool = False
    span: Span = NOWHERE

    @property
    def what(self) -> str:
        """What it allows, as its line says it."""
        return f"{self.kind}: {self.pattern.text}" if self.kind in (RESOURCE, REPLACE) else f"limit: {self.kind}"


@dataclass(frozen=True, slots=True)
class AllowedWrite:
    """A protected resource (or replaced instance) that a plan sends to all the same, and the line that allows it."""

    resource: str
    why: str
    devices: int
    sample: tuple[DeviceRef, ...]
    reason: str
    until: datetime
    at: str

    def to_json(self) -> JsonObject:
        """An entry of `protected` of a plan."""
        return {
            "resource": self.resource,
            "why": self.why,
            "devices": self.devices,
            "sample": [str(ref) for ref in self.sample],
            "reason": self.reason,
            "until": self.until.isoformat(),
            "at": self.at,
        }

    @classmethod
    def from_json(cls, body: JsonObject) -> AllowedWrite:
        """The reverse of `to_json`. Raises: KeyError, TypeError or ValueError when it is not one."""
        resource, why, reason, until, at = (str(body[name]) for name in ("resource", "why", "reason", "until", "at"))
        sample = body["sample"]
        if not isinstance(sample, list):
            raise TypeError("sample")
        refs = tuple(DeviceRef.parse(str(ref)) for ref in sample)
        return cls(resource, why, int(str(body["devices"])), refs, reason, datetime.fromisoformat(until), at)


@dataclass(frozen=True, slots=True)
class RaisedLimit:
    """A limit that a plan exceeds, and the line that raises it. `profile` is empty for the fleet's."""

    limit: str
    profile: str
    found: float
    reason: str
    until: datetime
    at: str

    def to_json(self) -> JsonObject:
        """An entry of `raised` of a plan."""
        return {
            "limit": self.limit,
            "profile": self.profile,
            "found": self.found,
            "reason": self.reason,
            "until": self.until.isoformat(),
            "at": self.at,
        }

    @classmethod
    def from_json(cls, body: JsonObject) -> RaisedLimit:
        """The reverse of `to_json`. Raises: KeyError or ValueError when it is not one."""
        limit, profile, found, reason, until, at = (
            str(body[name]) for name in ("limit", "profile", "found", "reason", "until", "at")
        )
        return cls(limit, profile, float(found), reason, datetime.fromisoformat(until), at)
