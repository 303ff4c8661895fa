"""What came of asking about deliveries: who still waits, what was lost, what is in doubt; and the exit code of that."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.model.late import dataclass
from reconcile.model.recorded import RecordedDevice
from reconcile.report.standing import Item, is_unconfirmed, is_withdrawn


@dataclass(frozen=True, slots=True)
class Followed:
    """One round of asking, in devices: with deliveries that are not confirmed, with lost ones, that could not be read.

    `asked` of `unconfirmed` were asked, in at most `calls` calls. `in_doubt` counts attempts.
    """

    still_open: int
    unreadable: int
    lost: int = 0
    in_doubt: int = 0
    asked: int = 0
    unconfirmed: int = 0
    calls: int = 0

    @property
    def exit_code(self) -> int:
        """Of `status --wait`: 5 in doubt, 1 something was lost, 3 something still waits, 0 all is confirmed."""
        if self.in_doubt:
            return 5
        if self.lost:
            return 1
        return 3 if self.still_open else 0


def is_waiting(device: RecordedDevice) -> bool:
    """Whether the cloud has something for the device that the device is not known to have."""
    return any(map(is_unconfirmed, _items(device)))


def has_lost(device: RecordedDevice) -> bool:
    """Whether a delivery ended without reaching the device, other than by our own withdrawal."""
    return any(item.delivery.is_lost and not is_withdrawn(item) for item in _items(device))


def _items(device: RecordedDevice) -> list[Item]:
    return [*device.resources.values(), *device.runs.values()]


def tally(devices: Iterable[RecordedDevice]) -> tuple[int, int]:
    """How many devices wait, and how many have lost deliveries."""
    waiting = lost = 0
    for device in devices:
        waiting += is_waiting(device)
        lost += has_lost(device)
    return waiting, lost
