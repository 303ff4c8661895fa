"""Whom a rule is about, and whom a waiver lets off.

Premise: labels are written by the very change that is judged. Rule: where the base is known, a rule is about a device
that its selector picks by the labels of either side, and a waiver lets off only a device that it picks by both; a
device that the base does not know is let off by a waiver for everybody alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.late import dataclass
from reconcile.model.policy import Rule, Waiver
from reconcile.model.protection import anything


@dataclass(slots=True)
class Reach:
    """Whom rules cover. `is_based`: the devices of the base are known, by name and by identity, and count too."""

    is_based: bool = False
    _by_ref: dict[DeviceRef, Device] = field(default_factory=dict)
    _by_identity: dict[Identity, Device] = field(default_factory=dict)

    @classmethod
    def of_base(cls, devices: Iterable[Device]) -> Reach:
        """With the devices of the base."""
        known = list(devices)
        return cls(True, {one.ref: one for one in known}, {one.identity: one for one in known})

    def covers(self, rule: Rule, device: Device) -> bool:
        """Whether the rule is about the device."""
        return rule.covers(device) or any(map(rule.covers, self._before(device)))

    def waiver(self, rule: Rule, device: Device) -> Waiver | None:
        """The waiver that lets the device off."""
        return next((one for one in rule.waivers if self._lets_off(one, device)), None)

    def _lets_off(self, waiver: Waiver, device: Device) -> bool:
        if waiver.covers is anything:
            return True
        before = self._before(device)
        return waiver.covers(device) and (bool(before) or not self.is_based) and all(map(waiver.covers, before))

    def _before(self, device: Device) -> list[Device]:
        if not self.is_based:
            return []
        found = (self._by_ref.get(device.ref), self._by_identity.get(device.identity))
        return [one for one in found if one is not None]
