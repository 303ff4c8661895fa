"""The devices of one platform: each name and each identity once."""

from __future__ import annotations

from dataclasses import field

from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import NAME_TWICE, NOT_LISTED, SHARED_IDENTITY, Tally, placed
from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.late import dataclass
from reconcile.ports import Dialect, Problem


@dataclass(slots=True)
class Register:
    """Devices by name, and who has which identity."""

    dialect: Dialect
    devices: dict[str, Device] = field(default_factory=dict)
    by_identity: dict[tuple[tuple[str, str], ...], Device] = field(default_factory=dict)

    def add(self, row: Row, span: Span, tally: Tally, *, is_listed: bool = False) -> None:
        """Adds the device of a row. A second device of one name is refused, of one identity reported.

        `is_listed`: only a cloud speaks of it. What has no identity there is no device of ours, and stops nothing.
        """
        identity = self.dialect.read_identity(row.fields, row.name)
        if isinstance(identity, Problem):
            about = f"device {row.platform}/{row.name}"
            one = NOT_LISTED.at(span, f"{about}: {identity.detail.removesuffix('.')}") if is_listed else None
            tally.add(one or placed(identity, span, about))
            return
        device = Device(DeviceRef(row.platform, row.name), identity, row.labels, span)
        known = self.devices.setdefault(row.name, device)
        if known is not device:
            tally.add(_named_alike(row, span, known) if is_listed else twice(row, span, known.span))
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


def _named_alike(row: Row, span: Span, known: Device) -> Diagnostic:
    detail = (
        f"device {row.platform}/{row.name} is another one than {known.identity} at {known.span}, which bears the name "
        "already. Give one of them a name of its own in an inventory file, or narrow the listing by products"
    )
    return NAME_TWICE.at(span, detail)
