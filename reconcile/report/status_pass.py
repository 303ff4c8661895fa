"""One pass over recorded devices for a status: what is counted, what is open, what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import field

from reconcile.model.desired import DesiredResource
from reconcile.model.device import DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.report.deliveries import Item
from reconcile.report.fights import Fight
from reconcile.report.standing import WRITTEN, is_withdrawn


@dataclass(slots=True)
class Found:
    """What one pass over the devices leaves behind; of one resource or command only, where asked."""

    only: str | None = None
    devices: Counter[str] = field(default_factory=Counter)
    states: dict[str, Counter[DeliveryState]] = field(default_factory=dict)
    open: list[tuple[DeviceRef, Item]] = field(default_factory=list)
    lost: list[tuple[DeviceRef, Item]] = field(default_factory=list)
    fought: list[Fight] = field(default_factory=list)

    def items(self, device: RecordedDevice) -> Iterator[Item]:
        """What counts of a device: resources by path, then commands by name."""
        every: list[Item] = [device.resources[path] for path in sorted(device.resources)]
        every += [device.runs[name] for name in sorted(device.runs)]
        names = (item.path if isinstance(item, RecordedResource) else item.command for item in every)
        yield from (item for item, name in zip(every, names, strict=True) if self.only in (None, name))

    def missing(self, device: RecordedDevice, desired: DesiredDevice | None) -> Iterator[DesiredResource]:
        """What git wants of a device and no cloud accepted yet."""
        for wanted in () if desired is None or self.only is not None else desired.document.resources:
            if wanted.ownership in WRITTEN and wanted.path not in device.resources:
                yield wanted


def kept(devices: Iterable[RecordedDevice], found: Found) -> Iterator[RecordedDevice]:
    """The devices one by one, each counted in passing: a fleet need not fit in memory."""
    for device in devices:
        found.devices[device.ref.platform] += 1
        states = found.states.setdefault(device.ref.platform, Counter())
        for item in found.items(device):
            states[item.delivery] += 1
            if item.delivery.is_open:
                found.open.append((device.ref, item))
            elif item.delivery.is_lost and not is_withdrawn(item):
                found.lost.append((device.ref, item))
        for path, history in device.drifts.items():
            if found.only in (None, path):
                found.fought.append((device.ref, path, history))
        yield device
