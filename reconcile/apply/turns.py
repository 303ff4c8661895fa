"""The devices of a lane one after the other, each with its record; only those that come next are held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Self, TypeAlias

from reconcile.model.device import DeviceRef
from reconcile.model.plan import PlannedDevice
from reconcile.model.recorded import RecordedDevice

RecordsOf: TypeAlias = Callable[[Sequence[PlannedDevice]], Mapping[DeviceRef, RecordedDevice]]
"""The records of some devices of a plan, at least; asked for shortly before their turn."""
Turn: TypeAlias = tuple[PlannedDevice, RecordedDevice | None]

_AT_ONCE = 128


class Turns:
    """An iterator over the turns of devices. `left`: how many have not come yet."""

    def __init__(self, devices: Sequence[PlannedDevice], recorded: RecordsOf) -> None:
        self.left = len(devices)
        self._turns = _turns(devices, recorded)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Turn:
        turn = next(self._turns)
        self.left -= 1
        return turn


def _turns(devices: Sequence[PlannedDevice], recorded: RecordsOf) -> Iterator[Turn]:
    rest = iter(devices)
    while group := tuple(islice(rest, _AT_ONCE)):
        known = recorded(group)
        for planned in group:
            yield planned, known.get(planned.ref)
