"""What all devices and calls of one emulated world share."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from reconcile.emulator.faults import Faults
from reconcile.emulator.messages import Json

_NAMESPACE = uuid.UUID("6f1c1b52-8f0e-5f51-9a3b-0a8f3c4c5d21")


@dataclass(slots=True)
class Scene:
    """Seed, start, switches and fault script; the one counter that ids are made from; what the clouds would push."""

    seed: int
    base_ms: int
    switches: dict[str, str]
    faults: Faults = field(default_factory=Faults)
    serial: int = 0
    pushes: list[dict[str, Json]] = field(default_factory=list)

    def unique(self, *parts: object) -> str:
        """A fresh version-5 UUID: the same seed and the same requests give the same ids."""
        self.serial += 1
        return name_uuid(self.seed, self.serial, *parts)


def name_uuid(*parts: object) -> str:
    """The version-5 UUID of a name."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)))
