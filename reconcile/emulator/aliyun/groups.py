"""Device groups: the groups of the account, the devices of a group, the groups of a device, and dynamic groups.

Source: Aliyun QueryDeviceGroupList (`CurrentPage` in the answer where others say `Page`; GroupInfos at top level of
QueryDeviceGroupByDevice).
"""

from __future__ import annotations

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.aliyun.operation import INSTANCE, PAGED, Operation, Parameter, pages
from reconcile.emulator.aliyun.pages import cut, cut_deep
from reconcile.emulator.aliyun.parameters import named_device_of, numbered, required
from reconcile.emulator.aliyun.product import Group
from reconcile.emulator.aliyun.tags import SIMPLE, simple
from reconcile.emulator.call import Call
from reconcile.emulator.clock import gmt, iso
from reconcile.emulator.messages import Json

_STATIC, _DYNAMIC = "LINK_PLATFORM", "LINK_PLATFORM_DYNAMIC"


def list_groups(call: Call) -> dict[str, Json]:
    """The groups of the account, static ones unless `GroupTypes` says otherwise; no group here has subgroups."""
    kinds = numbered(call.params, "GroupTypes") or [_STATIC]
    name = call.params.get("GroupName", "")
    is_fuzzy = call.world.scene.switches["group_name_match"] == "fuzzy"
    found = [
        group
        for group in call.world.groups.values()
        if group.type in kinds and (not name or (name in group.name if is_fuzzy else name == group.name))
    ]
    page = cut(call.params, [] if call.params.get("SuperGroupId") else found, 200)
    rows = [_info(group) for group in page.rows]
    return {"Data": {"GroupInfo": rows}, **page.beside_data("CurrentPage")}


def devices_of_group(call: Call) -> dict[str, Json]:
    """One page of a group's devices."""
    page = cut(call.params, _group(call, is_dynamic=False).devices, 50)
    return {"Data": {"SimpleDeviceInfo": [simple(call, device) for device in page.rows]}, **page.beside_data()}


def groups_of_device(call: Call) -> dict[str, Json]:
    """The static groups a device is in, at most 10."""
    device = named_device_of(call)
    rows = [_info(group) for group in call.world.groups.values() if not group.is_dynamic and device in group.devices]
    return {"GroupInfos": {"GroupInfo": rows}}


def devices_of_dynamic_group(call: Call) -> dict[str, Json]:
    """One page of a dynamic group's devices, narrowed by product, name or status; deep pages need NextToken."""
    group = _group(call, is_dynamic=True)
    wanted = {name: call.params.get(name, "") for name in ("ProductKey", "DeviceName", "FuzzyName", "Status")}
    found = [device for device in group.devices if _is_wanted(call, device, wanted)]
    listing = "/".join((group.group_id, *wanted.values()))
    page = cut_deep(call.params, found, 200, listing, call.world.scene.switches["deep_page"])
    rows = [_row(call, device) for device in page.rows]
    return {"Data": {"SimpleDeviceInfo": rows}, "NextToken": page.next_token, **page.beside_data()}


def _group(call: Call, *, is_dynamic: bool) -> Group:
    group = call.world.groups.get(required(call.params, "GroupId"))
    if group is None or group.is_dynamic != is_dynamic:
        raise BusinessError("emulator.group.NotExisted")
    return group


def _is_wanted(call: Call, device: Device, wanted: dict[str, str]) -> bool:
    return (
        wanted["ProductKey"] in ("", device.product_key)
        and wanted["DeviceName"] in ("", device.device_name)
        and wanted["FuzzyName"] in device.device_name
        and wanted["Status"] in ("", device.status(call.real_ms))
    )


def _info(group: Group) -> dict[str, Json]:
    return {
        "GroupId": group.group_id,
        "GroupName": group.name,
        "GroupDesc": "",
        "GroupType": group.type,
        "UtcCreate": iso(group.created_ms),
    }


def _row(call: Call, device: Device) -> dict[str, Json]:
    product = call.world.products[device.product_key]
    row: dict[str, Json] = simple(call, device) | {
        "Nickname": device.nickname,
        "NodeType": product.node_type,
        "Status": device.status(call.real_ms),
    }
    last_ms = device.last_uplink(call.real_ms)
    return row if last_ms is None else row | {"LastOnlineTime": gmt(last_ms), "UtcLastOnlineTime": iso(last_ms)}


_GROUP = dict.fromkeys(("GroupId", "GroupName", "GroupDesc", "GroupType", "UtcCreate"), "string")
_ONLINE = {"LastOnlineTime?": "string", "UtcLastOnlineTime?": "string"}
_MEMBER = SIMPLE | {"Nickname": "string", "NodeType": "integer", "Status": "string"} | _ONLINE
_FIGURES = {"CurrentPage" if name == "Page" else name: kind for name, kind in PAGED.items()}
_GROUP_ID = Parameter("GroupId", required=True)
OPERATIONS = (
    Operation(
        "QueryDeviceGroupList",
        "QueryDeviceGroupList",
        100,
        list_groups,
        (
            Parameter("GroupName"),
            Parameter("GroupTypes", "list", lowest=0, highest=2, choices=(_STATIC, _DYNAMIC)),
            Parameter("SuperGroupId"),
            *pages(200),
            INSTANCE,
        ),
        {"Data": {"GroupInfo": [_GROUP]}, **_FIGURES},
        "1.8",
        is_whole_answer=True,
    ),
    Operation(
        "QueryDeviceListByDeviceGroup",
        "QueryDeviceListByDeviceGroup",
        5,
        devices_of_group,
        (_GROUP_ID, *pages(50), INSTANCE),
        {"Data": {"SimpleDeviceInfo": [SIMPLE]}, **PAGED},
        "1.8",
        is_whole_answer=True,
    ),
    Operation(
        "QueryDeviceGroupByDevice",
        "QueryDeviceGroupByDevice",
        50,
        groups_of_device,
        (Parameter("ProductKey"), Parameter("DeviceName"), INSTANCE),
        {"GroupInfos": {"GroupInfo": [_GROUP]}},
        "1.8",
        is_whole_answer=True,
    ),
    Operation(
        "QueryDynamicGroupDevices",
        "QueryDynamicGroupDevices",
        50,
        devices_of_dynamic_group,
        (
            _GROUP_ID,
            Parameter("ProductKey"),
            Parameter("DeviceName"),
            Parameter("FuzzyName"),
            Parameter("Status", choices=("ONLINE", "OFFLINE", "UNACTIVE", "DISABLE")),
            *pages(200),
            Parameter("NextToken"),
            INSTANCE,
        ),
        {"Data": {"SimpleDeviceInfo": [_MEMBER]}, "NextToken": "string", **PAGED},
        "1.8",
        is_whole_answer=True,
    ),
)
