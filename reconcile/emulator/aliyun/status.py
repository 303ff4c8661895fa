"""Reported values and device status.

Source: Aliyun QueryDevicePropertyStatus, GetDeviceStatus, BatchGetDeviceState, QueryDeviceDetail, QueryDevice.
"""

from __future__ import annotations

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.aliyun.parameters import describe, device_of, keys_of_query, numbered, page, required
from reconcile.emulator.aliyun.values import shown
from reconcile.emulator.call import Call
from reconcile.emulator.clock import iso
from reconcile.emulator.messages import Json


def property_status(call: Call) -> Json:
    """What the device reported: all properties of a module; one never reported has no Value."""
    device = device_of(call)
    rows: list[Json] = []
    for key in keys_of_query(device, call.params, list(device.reported)):
        row: dict[str, Json] = dict(describe(call, device, key))
        if key in device.reported:
            value, at_ms = device.reported[key]
            row |= {"Value": shown(value, call.world.scene.switches["float_text"]), "Time": str(at_ms)}
        rows.append(row)
    return {"List": {"PropertyStatusInfo": rows}}


def device_status(call: Call) -> Json:
    """ONLINE, OFFLINE, UNACTIVE or DISABLE."""
    device = device_of(call)
    return {
        "Status": device.status(call.real_ms),
        "Timestamp": device.last_uplink(call.real_ms) or call.world.scene.base_ms,
    }


def batch_state(call: Call) -> dict[str, Json]:
    """States of up to 50 devices; the list is beside Data, not under it. Unknown devices are left out."""
    iot_ids = numbered(call.params, "IotId")
    names = numbered(call.params, "DeviceName")
    if not iot_ids and not names:
        raise BusinessError("iot.device.NoneDeviceNameElement")
    if len(iot_ids or names) > 50:
        raise BusinessError("iot.system.IllegalRequest", "at most 50 devices")
    if iot_ids:
        found = [call.world.aliyun_by_iot_id.get(iot_id) for iot_id in iot_ids]
    else:
        product = required(call.params, "ProductKey")
        found = [call.world.aliyun.get(f"{product}/{name}") for name in names]
    rows = [_state(call, device) for device in found if device is not None]
    return {"DeviceStatusList": {"DeviceStatus": rows}}


def detail(call: Call) -> Json:
    """One device; its secret is a placeholder."""
    device = device_of(call)
    return _info(call, device) | {
        "Status": device.status(call.real_ms),
        "Region": "cn-shanghai",
        "NodeType": 0,
        "ProductName": device.product_key,
    }


def query_devices(call: Call) -> dict[str, Json]:
    """One page of a product's devices, newest first; Total, Page, PageCount and PageSize stand beside Data."""
    product = required(call.params, "ProductKey")
    wanted, rows = page(call.params, "CurrentPage", "PageSize", 50)
    found = [device for device in call.world.aliyun.values() if device.product_key == product]
    if not found:
        raise BusinessError("iot.prod.NotExistedProduct")
    found.reverse()
    shown_now = found[(wanted - 1) * rows : wanted * rows]
    infos = [_info(call, device) | {"DeviceStatus": device.status(call.real_ms)} for device in shown_now]
    return {
        "Data": {"DeviceInfo": infos},
        "Total": len(found),
        "Page": wanted,
        "PageSize": rows,
        "PageCount": -(-len(found) // rows),
        "NextToken": "",
    }


def _state(call: Call, device: Device) -> dict[str, Json]:
    device.settle(call.real_ms)
    row: dict[str, Json] = {
        "IotId": device.iot_id,
        "DeviceName": device.device_name,
        "Status": device.status(call.real_ms),
    }
    last_ms = device.last_uplink(call.real_ms)
    return row if last_ms is None else row | {"LastOnlineTime": iso(last_ms)}


def _info(call: Call, device: Device) -> dict[str, Json]:
    created = iso(call.world.scene.base_ms)
    return {
        "DeviceName": device.device_name,
        "ProductKey": device.product_key,
        "IotId": device.iot_id,
        "Nickname": "",
        "DeviceSecret": "emulator-device-secret",
        "UtcCreate": created,
        "UtcActive": created,
    }
