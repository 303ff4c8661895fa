"""The records that a saved plan runs on: read from the state when the turn of their devices comes, none held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from reconcile.model.device import DeviceRef
from reconcile.model.plan import PlannedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.ports import StateStore
from reconcile.runs.kept_devices import AT_ONCE, PlannedHead, heads_of


class StoredRecords(Mapping[DeviceRef, RecordedDevice]):
    """Recorded devices of a plan by name; leases keep anybody else from changing them.

    `drifting` are those with a history of drift; `changed` stand in the place of what is stored.
    """

    def __init__(
        self,
        store: StateStore,
        devices: Sequence[PlannedDevice],
        drifting: frozenset[DeviceRef] = frozenset(),
        changed: Mapping[DeviceRef, RecordedDevice] | None = None,
    ) -> None:
        self._store, self._devices, self.drifting = store, devices, drifting
        self._changed = dict(changed or {})

    def __getitem__(self, ref: DeviceRef) -> RecordedDevice:
        return self.of([ref])[ref]

    def __iter__(self) -> Iterator[DeviceRef]:
        for _, records in in_turn(self._store, self._devices):
            yield from records

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def of(self, refs: Iterable[DeviceRef]) -> dict[DeviceRef, RecordedDevice]:
        """Those of the devices that are recorded."""
        found = {record.ref: record for record in self._store.devices(refs)}
        return {**found, **{ref: self._changed[ref] for ref in found.keys() & self._changed.keys()}}

    def but(self, changed: Mapping[DeviceRef, RecordedDevice]) -> StoredRecords:
        """With other records in the place of some."""
        return StoredRecords(self._store, self._devices, self.drifting, {**self._changed, **changed})

    def held(self) -> dict[DeviceRef, RecordedDevice]:
        """All of them, in memory."""
        return self.of(head.ref for head in heads_of(self._devices))


def in_turn(
    store: StateStore, devices: Sequence[PlannedDevice]
) -> Iterator[tuple[Sequence[PlannedHead], Mapping[DeviceRef, RecordedDevice]]]:
    """Some heads after the other, with the records of their devices."""
    rest = heads_of(devices)
    while heads := tuple(islice(rest, AT_ONCE)):
        yield heads, {record.ref: record for record in store.devices([head.ref for head in heads])}
