"""Whether devices are there: GetDeviceStatus, BatchGetDeviceState."""

from __future__ import annotations

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.aliyun.operation import DEVICE, INSTANCE, Operation, Parameter
from reconcile.emulator.aliyun.parameters import device_of, numbered, product_of
from reconcile.emulator.call import Call
from reconcile.emulator.clock import iso
from reconcile.emulator.messages import Json

DEVICES_PER_CALL = 50


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
    if len(iot_ids or names) > DEVICES_PER_CALL:
        raise BusinessError("iot.system.IllegalRequest", f"at most {DEVICES_PER_CALL} devices")
    if iot_ids:
        found = [call.world.aliyun_by_iot_id.get(iot_id) for iot_id in iot_ids]
    else:
        product = product_of(call)
        found = [call.world.aliyun.get(f"{product.key}/{name}") for name in names]
    rows = [_state(call, device) for device in found if device is not None]
    return {"DeviceStatusList": {"DeviceStatus": rows}}


def _state(call: Call, device: Device) -> dict[str, Json]:
    device.settle(call.real_ms)
    row: dict[str, Json] = {
        "DeviceId": device.iot_id,
        "IotId": device.iot_id,
        "DeviceName": device.device_name,
        "Status": device.status(call.real_ms),
    }
    last_ms = device.last_uplink(call.real_ms)
    return row if last_ms is None else row | {"LastOnlineTime": iso(last_ms), "Timestamp": last_ms}


_STATE = {
    "DeviceId": "string",
    "IotId": "string",
    "DeviceName": "string",
    "Status": "string",
    "LastOnlineTime?": "string",
    "Timestamp?": "integer",
}
OPERATIONS = (
    Operation(
        "GetDeviceStatus",
        "device_status",
        500,
        device_status,
        DEVICE,
        {"Status": "string", "Timestamp": "integer"},
        "1.8",
    ),
    Operation(
        "BatchGetDeviceState",
        "BatchGetDeviceState",
        50,
        batch_state,
        (
            Parameter("ProductKey"),
            Parameter("DeviceName", "list", lowest=0, highest=DEVICES_PER_CALL),
            Parameter("IotId", "list", lowest=0, highest=DEVICES_PER_CALL),
            INSTANCE,
        ),
        {"DeviceStatusList": {"DeviceStatus": [_STATE]}},
        "1.8",
        is_whole_answer=True,
    ),
)
