"""Devices listed and described: QueryDevice, QueryDeviceDetail, BatchQueryDeviceDetail, QueryDeviceByStatus.

The answers hold device secrets, as those of the real cloud do: a client has to keep them to itself.
"""

from __future__ import annotations

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.aliyun.operation import DEVICE, PAGED, PRODUCT, Operation, Parameter, pages
from reconcile.emulator.aliyun.pages import cut, cut_deep
from reconcile.emulator.aliyun.parameters import device_of, numbered, product_of, required
from reconcile.emulator.call import Call
from reconcile.emulator.clock import gmt, iso
from reconcile.emulator.messages import Json
from reconcile.emulator.scene import name_uuid

NAMES_PER_CALL = 100
_STALE_MS = 10_000
_BY_NUMBER = {"0": "UNACTIVE", "1": "ONLINE", "3": "OFFLINE", "8": "DISABLE"}


def query_devices(call: Call) -> dict[str, Json]:
    """One page of a product's devices, newest first; the page's figures stand beside Data."""
    product = product_of(call)
    newest_first = product.devices[::-1]
    page = cut_deep(call.params, newest_first, 50, product.key, call.world.scene.switches["deep_page"])
    infos = [_row(call, device) | {"DeviceStatus": device.status(call.real_ms)} for device in page.rows]
    return {"Data": {"DeviceInfo": infos}, "NextToken": page.next_token, **page.beside_data()}


def query_by_status(call: Call) -> dict[str, Json]:
    """One page of a product's devices in one status, given as a number; up to 10 s stale."""
    product = product_of(call)
    wanted = _BY_NUMBER.get(required(call.params, "Status"))
    if wanted is None:
        raise BusinessError("iot.system.IllegalRequest", f"Status is one of {', '.join(_BY_NUMBER)}")
    at_ms = call.real_ms - (_STALE_MS if call.world.scene.switches["status_listing"] == "stale" else 0)
    found = [device for device in reversed(product.devices) if device.status(at_ms) == wanted]
    page = cut(call.params, found, 50)
    infos = [_row(call, device) | {"Status": wanted} for device in page.rows]
    return {"Data": {"SimpleDeviceInfo": infos}, **page.beside_data()}


def detail(call: Call) -> Json:
    """One device."""
    device = device_of(call)
    online_ms = device.last_uplink(call.real_ms)
    described = _detail(call, device) | {"IpAddress": "127.0.0.1", "Owner": True}
    if online_ms is None:
        return described
    return described | {"GmtOnline": gmt(online_ms), "UtcOnline": iso(online_ms)}


def batch_detail(call: Call) -> Json:
    """Up to 100 devices of one product by name; those that are not there are left out, without a word."""
    product = product_of(call)
    names = numbered(call.params, "DeviceName")
    if not names:
        raise BusinessError("iot.device.NoneDeviceNameElement")
    if len(names) > NAMES_PER_CALL:
        raise BusinessError("iot.system.IllegalRequest", f"at most {NAMES_PER_CALL} devices")
    found = [call.world.aliyun.get(f"{product.key}/{name}") for name in dict.fromkeys(names)]
    return {"Data": [_detail(call, device) for device in found if device is not None]}


def secret_of(device: Device) -> str:
    """A made-up DeviceSecret; the head tells a leak from anything else."""
    return f"emulator-device-secret-{name_uuid(device.scene.seed, 'secret', device.identity)[:8]}"


def _born(call: Call, device: Device) -> dict[str, Json]:
    created_ms = call.world.products[device.product_key].created_ms
    return {
        "DeviceName": device.device_name,
        "ProductKey": device.product_key,
        "IotId": device.iot_id,
        "Nickname": device.nickname,
        "DeviceSecret": secret_of(device),
        "GmtCreate": gmt(created_ms),
        "UtcCreate": iso(created_ms),
    }


def _row(call: Call, device: Device) -> dict[str, Json]:
    modified_ms = call.world.scene.base_ms
    return _born(call, device) | {"GmtModified": gmt(modified_ms), "UtcModified": iso(modified_ms)}


def _detail(call: Call, device: Device) -> dict[str, Json]:
    product = call.world.products[device.product_key]
    described = _born(call, device) | {
        "ProductName": product.name,
        "NodeType": product.node_type,
        "Region": "cn-shanghai",
        "FirmwareVersion": device.firmware,
        "Status": device.status(call.real_ms),
    }
    if not device.is_active:
        return described
    return described | {"GmtActive": gmt(call.world.scene.base_ms), "UtcActive": iso(call.world.scene.base_ms)}


_BORN = dict.fromkeys(
    ("DeviceName", "ProductKey", "IotId", "Nickname", "DeviceSecret", "GmtCreate", "UtcCreate"), "string"
)
_LISTED = _BORN | {"GmtModified": "string", "UtcModified": "string"}
_DETAIL = _BORN | {
    "ProductName": "string",
    "NodeType": "integer",
    "Region": "string",
    "FirmwareVersion": "string",
    "Status": "string",
    "GmtActive?": "string",
    "UtcActive?": "string",
}
_STATUS = Parameter("Status", "integer", required=True, choices=tuple(_BY_NUMBER))
OPERATIONS = (
    Operation(
        "QueryDevice",
        "query_device",
        50,
        query_devices,
        (*PRODUCT, *pages(50), Parameter("NextToken")),
        {"Data": {"DeviceInfo": [_LISTED | {"DeviceStatus": "string"}]}, "NextToken": "string", **PAGED},
        "1.8",
        is_whole_answer=True,
        slow_pages=True,
    ),
    Operation(
        "QueryDeviceDetail",
        "QueryDeviceDetail",
        50,
        detail,
        DEVICE,
        _DETAIL | {"IpAddress": "string", "Owner": "boolean", "GmtOnline?": "string", "UtcOnline?": "string"},
        "1.8",
    ),
    Operation(
        "BatchQueryDeviceDetail",
        "BatchQueryDeviceDetail",
        5,
        batch_detail,
        (*PRODUCT, Parameter("DeviceName", "list", lowest=0, highest=NAMES_PER_CALL)),
        {"Data": [_DETAIL]},
        "1.8",
    ),
    Operation(
        "QueryDeviceByStatus",
        "QueryDeviceByStatus",
        50,
        query_by_status,
        (*PRODUCT, _STATUS, *pages(50), Parameter("ResourceGroupId")),
        {"Data": {"SimpleDeviceInfo": [_LISTED | {"Status": "string"}]}, **PAGED},
        "1.8",
        is_whole_answer=True,
    ),
)
