"""What an import knows of one device: how it is called, its labels, and the values that were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from reconcile.manifest.edit_spell import spell_entry
from reconcile.model.desired import Ownership
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.late import dataclass
from reconcile.model.values import Json, canonical

_LONGEST_BYTES = 60_000
"""The strict reader takes scalars of up to 64 KiB."""


class Origin(StrEnum):
    """cloud: the cloud keeps it as desired; reported: the device said so, and nobody asked the cloud to keep it."""

    CLOUD = "cloud"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value in canonical form. `written_type` is the `type` that must stand beside it in a manifest, if any."""

    value: Json
    value_type: str | None
    written_type: str | None
    origin: Origin
    version: int | None = None

    def to_json(self) -> Json:
        """For the notes of an import."""
        return [self.value, self.value_type, self.written_type, self.origin.value, self.version]

    @classmethod
    def from_json(cls, body: Json) -> Reading:
        """The reverse. Raises: ValueError or TypeError when it is not one."""
        if not isinstance(body, list):
            raise TypeError("a reading is a list")
        value, value_type, written_type, origin, version = body
        if not isinstance(value_type, str | None) or not isinstance(written_type, str | None):
            raise TypeError("types are text")
        if not isinstance(version, int | None) or not isinstance(origin, str):
            raise TypeError("a reading has an origin and perhaps a version")
        return cls(value, value_type, written_type, Origin(origin), version)


@dataclass(frozen=True, slots=True)
class Stated:
    """A value as manifests will say it. Equal ones can share a layer."""

    reading: Reading
    ownership: Ownership
    text: str

    @classmethod
    def of(cls, reading: Reading, ownership: Ownership) -> Stated:
        """With its YAML text. Raises: ValueError where no manifest can say it."""
        if _has_secret_member(reading.value):
            raise ValueError("a member called `secret` means a secret to manifests")
        mode = None if ownership is Ownership.ENFORCE else ownership.value
        text = spell_entry(reading.value, reading.written_type, mode)
        if len(text.encode()) > _LONGEST_BYTES:
            raise ValueError("it is too long for a manifest")
        return cls(reading, ownership, text)

    @property
    def key(self) -> tuple[bytes, str | None, str]:
        """What makes two of them the same for a manifest."""
        return canonical(self.reading.value), self.reading.value_type, self.text


def _has_secret_member(value: Json) -> bool:
    if isinstance(value, dict):
        return "secret" in value or any(map(_has_secret_member, value.values()))
    return isinstance(value, list) and any(map(_has_secret_member, value))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A device to import, before anything was read of it."""

    ref: DeviceRef
    identity: Identity
    labels: Mapping[str, str]


@dataclass(slots=True)
class Subject:
    """A device with what was read. `left` names resources that are left out, and why; `problem`: nothing was read."""

    chosen: Chosen
    readings: dict[str, Reading] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    is_unfinished: bool = False
