"""Groups: QueryDeviceGroupList, QueryDeviceGroupByDevice, QueryDeviceListByDeviceGroup, QueryDynamicGroupDevices."""

from __future__ import annotations

from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject
from reconcile.platforms.aliyun.answers import Answer, Unreadable
from reconcile.platforms.aliyun.directory.containers import Page, entries, page_parameters, paged
from reconcile.platforms.aliyun.directory.devices import DeviceEntry, read_entry
from reconcile.platforms.aliyun.directory.limits import (
    DEVICES_A_PAGE,
    DYNAMIC_GROUP_DEVICES_A_PAGE,
    GROUPS_A_PAGE,
)
from reconcile.platforms.aliyun.fields import text
from reconcile.platforms.aliyun.wire import Call


@dataclass(frozen=True, slots=True)
class Group:
    """A group of devices; `kind` is its GroupType, e.g. `LINK_PLATFORM`, or `LINK_PLATFORM_DYNAMIC` for a rule."""

    group_id: str
    name: str
    kind: str = ""


def query_groups(page: int, *, is_dynamic: bool = False) -> Call:
    """QueryDeviceGroupList: one page of the groups; those that a rule fills come only when asked for."""
    kind = {"GroupTypes.1": "LINK_PLATFORM_DYNAMIC"} if is_dynamic else {}
    return Call("QueryDeviceGroupList", {**kind, **page_parameters(page, GROUPS_A_PAGE)})


def read_groups(answer: Answer) -> Page[Group]:
    """`Data.GroupInfo[]`. Raises: Unreadable."""
    return paged(answer, tuple(_group(entry) for entry in entries(answer, "Data", "GroupInfo")))


def query_groups_of(product_key: str, device_name: str) -> Call:
    """QueryDeviceGroupByDevice: the groups of one device, at most 10, unpaged."""
    return Call("QueryDeviceGroupByDevice", {"ProductKey": product_key, "DeviceName": device_name})


def read_groups_of(answer: Answer) -> tuple[Group, ...]:
    """`GroupInfos.GroupInfo[]`, beside `Data`. Raises: Unreadable."""
    return tuple(_group(entry) for entry in entries(answer, "GroupInfos", "GroupInfo"))


def query_group_devices(group_id: str, page: int) -> Call:
    """QueryDeviceListByDeviceGroup: one page of a group's devices."""
    return Call("QueryDeviceListByDeviceGroup", {"GroupId": group_id, **page_parameters(page, DEVICES_A_PAGE)})


def query_dynamic_group_devices(group_id: str, page: int, token: str = "") -> Call:
    """QueryDynamicGroupDevices: one page of the devices that a group's rule takes in."""
    page_of = page_parameters(page, DYNAMIC_GROUP_DEVICES_A_PAGE, token)
    return Call("QueryDynamicGroupDevices", {"GroupId": group_id, **page_of})


def read_group_devices(answer: Answer) -> Page[DeviceEntry]:
    """`Data.SimpleDeviceInfo[]` of either call. Raises: Unreadable."""
    return paged(answer, tuple(read_entry(entry) for entry in entries(answer, "Data", "SimpleDeviceInfo")))


def _group(fields: JsonObject) -> Group:
    group_id = text(fields, "GroupId")
    if not group_id:
        raise Unreadable("a group without GroupId")
    return Group(group_id, text(fields, "GroupName"), text(fields, "GroupType"))
