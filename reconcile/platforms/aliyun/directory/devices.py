"""Devices as the account lists them: QueryDevice, QueryDeviceDetail, BatchQueryDeviceDetail.

Their answers hold each device's secret; it is taken out before anything here sees an answer (`answers.read_answer`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reconcile.model.device import Identity
from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject
from reconcile.platforms.aliyun.answers import Answer, Unreadable
from reconcile.platforms.aliyun.directory.containers import Page, entries, numbered, page_parameters, paged
from reconcile.platforms.aliyun.directory.limits import DEVICES_A_DETAIL, DEVICES_A_PAGE
from reconcile.platforms.aliyun.fields import text, written_time
from reconcile.platforms.aliyun.wire import Call, device_parameters


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device as one call tells of it; what a call does not tell is empty.

    status: ONLINE, OFFLINE, UNACTIVE (never connected) or DISABLE. last_online: when it last came online.
    """

    product_key: str
    device_name: str
    iot_id: str = ""
    nickname: str = ""
    status: str = ""
    firmware: str = ""
    product_name: str = ""
    last_online: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What a device is known by: product key and device name."""
        return self.product_key, self.device_name


def query_devices(product_key: str, page: int, token: str = "") -> Call:
    """QueryDevice: one page of a product's devices, newest first."""
    return Call("QueryDevice", {"ProductKey": product_key, **page_parameters(page, DEVICES_A_PAGE, token)})


def read_devices(answer: Answer, product_key: str) -> Page[DeviceEntry]:
    """`Data.DeviceInfo[]`. Raises: Unreadable, also for a device of another product than was asked for."""
    found = tuple(read_entry(entry, product_key) for entry in entries(answer, "Data", "DeviceInfo"))
    for entry in found:
        if entry.product_key != product_key:
            raise Unreadable(f"a device of product {entry.product_key[:64]} in the list of {product_key}")
    return paged(answer, found)


def query_detail(identity: Identity) -> Call:
    """QueryDeviceDetail: one device."""
    return Call("QueryDeviceDetail", device_parameters(identity))


def read_detail(answer: Answer, identity: Identity) -> DeviceEntry:
    """`Data`. Raises: Unreadable without a name, or when it tells of another device than was asked for."""
    entry = read_entry(answer.data, identity.get("productKey") or "")
    refuse_another(answer.data, identity)
    return entry


def query_details(product_key: str, names: Sequence[str]) -> Call:
    """BatchQueryDeviceDetail: up to 100 devices of one product. Raises: ValueError for none and for more."""
    if not 1 <= len(names) <= DEVICES_A_DETAIL:
        raise ValueError(f"{len(names)} devices in one call")
    return Call("BatchQueryDeviceDetail", {"ProductKey": product_key, **numbered("DeviceName", tuple(names))})


def read_details(answer: Answer, product_key: str, names: Sequence[str]) -> dict[str, DeviceEntry]:
    """`Data.Data[]` by device name: those that were asked for. A device the cloud does not find is left out silently.

    Raises: Unreadable when an entry has no name.
    """
    asked = set(names)
    found = [read_entry(entry, product_key) for entry in entries(answer, "Data", "Data")]
    return {e.device_name: e for e in found if e.device_name in asked and e.product_key == product_key}


def read_entry(fields: JsonObject, product_key: str = "") -> DeviceEntry:
    """One device of any list. `product_key` is taken where the entry names none. Raises: Unreadable without a name."""
    name, key = text(fields, "DeviceName"), text(fields, "ProductKey") or product_key
    if not name or not key:
        raise Unreadable("a device without DeviceName or ProductKey")
    return DeviceEntry(
        product_key=key,
        device_name=name,
        iot_id=text(fields, "IotId"),
        nickname=text(fields, "Nickname"),
        status=text(fields, "Status") or text(fields, "DeviceStatus"),
        firmware=text(fields, "FirmwareVersion"),
        product_name=text(fields, "ProductName"),
        last_online=written_time(fields.get("UtcOnline") or fields.get("UtcLastOnlineTime")),
    )


def refuse_another(fields: JsonObject, identity: Identity) -> None:
    """Raises: Unreadable when the fields name another device than the identity does."""
    for ours, theirs in (("iotId", "IotId"), ("productKey", "ProductKey"), ("deviceName", "DeviceName")):
        expected, found = identity.get(ours), text(fields, theirs)
        if ours != "iotId" and identity.get("iotId") is not None:
            continue  # IotId alone was sent
        if expected and found and expected != found:
            raise Unreadable(f"it tells of {theirs} {found[:64]!r}, asked was {expected!r}")
