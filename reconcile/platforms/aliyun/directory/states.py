"""Whether devices are connected: BatchGetDeviceState, QueryDeviceByStatus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from reconcile.model.late import dataclass
from reconcile.platforms.aliyun.answers import Answer, Unreadable
from reconcile.platforms.aliyun.directory.containers import Page, entries, numbered, page_parameters, paged
from reconcile.platforms.aliyun.directory.devices import DeviceEntry, read_entry
from reconcile.platforms.aliyun.directory.limits import DEVICES_A_PAGE, DEVICES_A_STATE
from reconcile.platforms.aliyun.fields import moment, text, written_time
from reconcile.platforms.aliyun.wire import Call

STATES: Final = {"UNACTIVE": 0, "ONLINE": 1, "OFFLINE": 3, "DISABLE": 8}
"""As QueryDeviceByStatus numbers them. Source: QueryDeviceByStatus, GetDeviceStatus."""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device's connection: `last_contact` is when it was last known to be connected, None when nobody says.

    `iot_id` is what the platform calls the device; created anew under its old names it gets another one (assumed).
    """

    status: str
    last_contact: datetime | None
    iot_id: str = ""


def batch_states(product_key: str | None, names: Sequence[str]) -> Call:
    """BatchGetDeviceState: up to 50 devices of one product, or of any by IotId. Raises: ValueError for none or more."""
    if not 1 <= len(names) <= DEVICES_A_STATE:
        raise ValueError(f"{len(names)} devices in one call")
    if product_key is None:
        return Call("BatchGetDeviceState", numbered("IotId", tuple(names)))
    return Call("BatchGetDeviceState", {"ProductKey": product_key, **numbered("DeviceName", tuple(names))})


def read_states(answer: Answer, names: Sequence[str], by: str = "DeviceName") -> dict[str, DeviceState]:
    """`DeviceStatusList.DeviceStatus[]`, beside `Data`, by name (or IotId): those that were asked for and found.

    `Timestamp` is when the status changed: for a device that is OFFLINE the end of its last connection, for one that is
    ONLINE its begin. Raises: Unreadable when an entry has no name or no status.
    """
    asked = set(names)
    found: dict[str, DeviceState] = {}
    for entry in entries(answer, "DeviceStatusList", "DeviceStatus"):
        name, status = text(entry, by), text(entry, "Status")
        if not name or not status:
            raise Unreadable(f"a state without {by} or Status")
        if name in asked:
            changed = moment(entry.get("Timestamp")) if status in ("ONLINE", "OFFLINE") else None
            times = [at for at in (changed, written_time(entry.get("LastOnlineTime"))) if at is not None]
            found[name] = DeviceState(status, max(times, default=None), text(entry, "IotId"))
    return found


def query_by_status(product_key: str, status: str, page: int) -> Call:
    """QueryDeviceByStatus: one page; up to 10 s stale. Raises: KeyError for a status that does not exist."""
    number = str(STATES[status])
    query = {"ProductKey": product_key, "Status": number, **page_parameters(page, DEVICES_A_PAGE)}
    return Call("QueryDeviceByStatus", query)


def read_by_status(answer: Answer, product_key: str) -> Page[DeviceEntry]:
    """`Data.SimpleDeviceInfo[]`. Raises: Unreadable."""
    listed = entries(answer, "Data", "SimpleDeviceInfo")
    return paged(answer, tuple(read_entry(entry, product_key) for entry in listed))
