"""A recorded device as a row of its table."""

from __future__ import annotations

from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import canonical
from reconcile.state.checksum import summed
from reconcile.state.codec import stored_json

DeviceRow = tuple[str, str, str, str | None, int, bytes]


def device_row(device: RecordedDevice) -> DeviceRow:
    """Platform, name, identity, digest, whether it waits, all of it. Raises: ValueError for what JSON cannot say."""
    ref, body = device.ref, canonical(stored_json(device))
    return ref.platform, ref.name, str(device.identity), device.digest, int(device.is_waiting), body


def summed_row(device: RecordedDevice) -> DeviceRow:
    """As `device_row`, with a checksum behind all of it."""
    platform, name, identity, digest, waits, body = device_row(device)
    return platform, name, identity, digest, waits, summed(body)
