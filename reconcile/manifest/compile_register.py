"""The devices of one platform: each name and each identity once."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import NAME_TWICE, SHARED_IDENTITY, Tally, placed
from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.ports import Dialect, Problem


@dataclass(slots=True)
class Register:
    """Devices by name, and who has which identity."""

    dialect: Dialect
    devices: dict[str, Device] = field(default_factory=dict)
    by_identity: dict[tuple[tuple[str, str], ...], Device] = field(default_factory=dict)

    def add(self, row: Row, span: Span, tally: Tally) -> None:
        """Adds the device of a row. A second device of one name is refused, of one identity reported."""
        identity = self.dialect.read_identity(row.fields, row.name)
        if isinstance(identity, Problem):
            tally.add(placed(identity, span, f"device {row.platform}/{row.name}"))
            return
        device = Device(DeviceRef(row.platform, row.name), identity, row.labels, span)
        known = self.devices.setdefault(row.name, device)
        if known is not device:
            tally.add(twice(row, span, known.span))
            return
        other = self.by_identity.setdefault(identity.fields, device)
        if other is not device:
            detail = (
                f"devices {row.name} and {other.ref.name} ({other.span}) both have {identity}. "
                "Correct one of them, or delete the one that is out of date"
            )
            tally.add(SHARED_IDENTITY.at(span, detail))


def twice(row: Row, span: Span, other: Span) -> Diagnostic:
    """A device that two rows list."""
    return NAME_TWICE.at(span, f"device {row.platform}/{row.name} is also listed at {other}. Delete or rename one")
