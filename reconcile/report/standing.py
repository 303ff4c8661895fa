"""Where each device stands: the one state it is in, of all that git wants of it, and how many are in each.

Premise: only what a device confirmed is done. A cloud that accepted a value has not delivered it, and a device that is
not heard of has neither taken a change nor refused it: silence is a state of its own, and no failure.
Rule: a device is in the first of these states that fits.

| state       | when                                                                                                |
| ----------- | --------------------------------------------------------------------------------------------------- |
| lost        | a delivery ended without reaching it (failed, withdrawn by others, gone, or expired though it spoke) |
| long_silent | something waits for it, and it was not heard of for seven times as long as makes it silent           |
| silent      | something waits for it, and it was not heard of for longer than it ever was before, and a day        |
| unapplied   | git wants what no cloud accepted yet                                                                 |
| queued      | a cached command waits or is on its way                                                              |
| accepted    | the cloud holds a desired value that the device did not report yet                                   |
| confirmed   | everything git wants is known to be there                                                            |

Silence is counted from the last sign of life, and at the earliest from when the first of what waits was accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum

from reconcile.model.desired import DesiredResource, Ownership
from reconcile.model.device import DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.values import ABSENT, JsonObject, Known

Item = RecordedResource | RecordedRun
Same = Callable[[str, Known, Known], bool]

WRITTEN = (Ownership.ENFORCE, Ownership.SEED)
_SILENT_AFTER = timedelta(days=1)
_GAPS, _LONG = 3, 7
NO_LABEL = ""


class Standing(StrEnum):
    """The state of a device, in the order of the table above."""

    LOST = "lost"
    LONG_SILENT = "long_silent"
    SILENT = "silent"
    UNAPPLIED = "unapplied"
    QUEUED = "queued"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"


def is_withdrawn(item: Item) -> bool:
    """Whether we took it back ourselves: then nothing was lost. A value to be left behind is still to be written."""
    is_leaving = isinstance(item, RecordedResource) and item.is_leaving
    return item.delivery is DeliveryState.CANCELLED and item.command_uuid is None and not is_leaving


def is_unconfirmed(item: Item) -> bool:
    """Whether the cloud has it and the device is not known to: queued, sent, or accepted and not reported.

    A desired value that was cleared leaves nothing to be reported.
    """
    if isinstance(item, RecordedRun):
        return item.delivery.is_open
    return item.delivery.is_open or (item.delivery is DeliveryState.ACCEPTED and item.value is not None)


def heard_at(device: RecordedDevice) -> datetime | None:
    """The last sign of life: an uplink that the cloud told of, or a value that the device confirmed."""
    signs = [resource.confirmed_at for resource in device.resources.values()] + [device.last_uplink]
    return max((at for at in signs if at is not None), default=None)


def silent_after(device: RecordedDevice) -> timedelta:
    """How long a device may say nothing: a day, or three times its longest gap between uplinks when that is longer."""
    usual = timedelta(seconds=_GAPS * max(device.silences_s, default=0))
    return max(_SILENT_AFTER, usual)


def standing(desired: DesiredDevice | None, device: RecordedDevice | None, same: Same, now: datetime) -> Standing:
    """The state of one device, declared or recorded."""
    if device is None:
        return Standing.UNAPPLIED
    items: list[Item] = [*device.resources.values(), *device.runs.values()]
    lost = [item for item in items if item.delivery.is_lost and not is_withdrawn(item)]
    waiting = [item for item in items if is_unconfirmed(item)]
    heard = heard_at(device)
    expired = [i for i in lost if i.delivery is DeliveryState.EXPIRED and (heard is None or heard < _accepted_at(i))]
    if len(expired) < len(lost):
        return Standing.LOST
    if waiting or expired:
        began = min(map(_accepted_at, [*waiting, *expired]))
        silence = now - (began if heard is None else max(began, heard))
        limit = silent_after(device)
        if silence > limit or expired:
            return Standing.LONG_SILENT if silence > _LONG * limit else Standing.SILENT
    if desired is not None and _is_unapplied(desired, device, same):
        return Standing.UNAPPLIED
    if any(item.delivery.is_open for item in items):
        return Standing.QUEUED
    return Standing.ACCEPTED if waiting else Standing.CONFIRMED


def _accepted_at(item: Item) -> datetime:
    return item.accepted_at if isinstance(item, RecordedResource) else item.at


def _is_unapplied(desired: DesiredDevice, device: RecordedDevice, same: Same) -> bool:
    if any(run.is_owed for run in device.runs.values()):
        return True
    return any(_lacks(wanted, device.resources.get(wanted.path), same) for wanted in desired.document.resources)


def _lacks(wanted: DesiredResource, known: RecordedResource | None, same: Same) -> bool:
    if wanted.ownership not in WRITTEN:
        return False
    if known is None:
        return True
    value: Known = ABSENT if wanted.value is None else wanted.value
    held: Known = ABSENT if known.value is None else known.value
    return wanted.ownership is Ownership.ENFORCE and wanted.value != known.value and not same(wanted.path, value, held)


@dataclass(slots=True)
class Census:
    """The states of a fleet, counted in passing; by the values of one label where asked.

    `desired` are the declared devices to count; recorded ones that no manifest declares are counted too when
    `has_strangers`. `only` names the one resource or command to show. `same_for` gives a dialect's equality for a
    declared device. `rollouts` are what the JSON tells of rollouts.
    """

    desired: Mapping[DeviceRef, DesiredDevice]
    same_for: Callable[[DesiredDevice], Same]
    now: datetime
    by: str | None = None
    has_strangers: bool = True
    only: str | None = None
    rollouts: list[JsonObject] = field(default_factory=list)
    states: Counter[Standing] = field(default_factory=Counter)
    groups: dict[str, Counter[Standing]] = field(default_factory=dict)
    silent: list[tuple[DeviceRef, bool, datetime | None]] = field(default_factory=list)
    _seen: set[DeviceRef] = field(default_factory=set)

    def watch(self, devices: Iterable[RecordedDevice]) -> Iterator[RecordedDevice]:
        """The recorded devices that count, one by one; in the end those of which nothing is recorded are counted."""
        for device in devices:
            wanted = self.desired.get(device.ref)
            if wanted is None and not self.has_strangers:
                continue
            self._seen.add(device.ref)
            same = _same_as_written if wanted is None else self.same_for(wanted)
            found = standing(wanted, device, same, self.now)
            self._count(wanted, found)
            if found in (Standing.SILENT, Standing.LONG_SILENT):
                self.silent.append((device.ref, found is Standing.LONG_SILENT, heard_at(device)))
            yield device
        for ref, wanted in self.desired.items():
            if ref not in self._seen:
                self._count(wanted, Standing.UNAPPLIED)

    def _count(self, desired: DesiredDevice | None, found: Standing) -> None:
        self.states[found] += 1
        if self.by is not None:
            labels = {} if desired is None else desired.device.labels
            self.groups.setdefault(labels.get(self.by, NO_LABEL), Counter())[found] += 1


def _same_as_written(_path: str, left: Known, right: Known) -> bool:
    return left == right
