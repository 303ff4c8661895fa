"""The uplinks of a device that one look at its account tells about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from reconcile.model.observed import ObservedDevice
from reconcile.model.values import Missing


def uplinks_told(observed: ObservedDevice) -> Iterator[datetime]:
    """The times at which a device spoke, as far as one look at its account says."""
    if not isinstance(observed.last_uplink, Missing):
        yield observed.last_uplink
    if not isinstance(observed.queue, Missing):
        yield from (command.confirmed_at for command in observed.queue if command.confirmed_at is not None)
    yield from (seen.reported_at for seen in observed.resources.values() if seen.reported_at is not None)
