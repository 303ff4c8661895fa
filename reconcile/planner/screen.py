"""Which devices must be looked at: one merge of declared devices with the heads of recorded ones.

Premise: almost every device is settled on almost every run, so a settled device may cost one comparison and no object.
Rule: equal digest under the same identity and nothing on its way means settled; everything else is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field

from reconcile.model.device import Device, DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.recorded import RecordedHead


@dataclass(slots=True)
class Screened:
    """The outcome. `managed`: declared devices that were brought to a document before; `settled` of them drop out.

    `managed_in`: those of each group that was asked about.
    """

    settled: int = 0
    managed: int = 0
    managed_in: list[int] = field(default_factory=list)
    changed: list[DesiredDevice] = field(default_factory=list)
    waiting: list[DesiredDevice] = field(default_factory=list)
    resting: list[DesiredDevice] = field(default_factory=list)
    gone: list[DeviceRef] = field(default_factory=list)

    def to_examine(self) -> list[DesiredDevice]:
        """Changed, waiting and (with refresh all) settled devices, in order."""
        return sorted([*self.changed, *self.waiting, *self.resting], key=lambda entry: entry.device.ref)


def screen(
    devices: Iterable[DesiredDevice],
    heads: Iterable[RecordedHead],
    *,
    keeps_settled: bool,
    groups: Sequence[Callable[[Device], bool]] = (),
) -> Screened:
    """Sorts declared devices by what has to be done about them; both inputs run in the order of (platform, name).

    With `keeps_settled` (refresh all) settled devices are listed in `resting` instead of being counted only. Managed
    devices are counted for each of `groups` as well.
    """
    found = Screened(managed_in=[0] * len(groups))
    for desired, head in _pairs(devices, heads):
        if desired is None:
            assert head is not None
            found.gone.append(head.ref)
            continue
        if head is None:
            found.changed.append(desired)
            continue
        found.managed += head.digest is not None
        for number, covers in enumerate(groups):
            found.managed_in[number] += head.digest is not None and covers(desired.device)
        if head.digest != desired.document.digest or head.identity != str(desired.device.identity):
            found.changed.append(desired)
        elif head.is_waiting:
            found.waiting.append(desired)
        elif keeps_settled:
            found.resting.append(desired)
        else:
            found.settled += 1
    return found


def _pairs(
    devices: Iterable[DesiredDevice], heads: Iterable[RecordedHead]
) -> Iterator[tuple[DesiredDevice | None, RecordedHead | None]]:
    remaining = iter(heads)
    head = next(remaining, None)
    for desired in devices:
        ref = desired.device.ref
        while head is not None and head.ref < ref:
            yield None, head
            head = next(remaining, None)
        if head is not None and head.ref == ref:
            yield desired, head
            head = next(remaining, None)
        else:
            yield desired, None
    while head is not None:
        yield None, head
        head = next(remaining, None)
