"""Parameters that several Aliyun calls share: the device, numbered lists, pages.

Source: Aliyun operation pages: IotId wins over ProductKey and DeviceName, which go together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.errors import BusinessError, missing
from reconcile.emulator.aliyun.tsl import Property
from reconcile.emulator.call import Call

ITEMS_PER_CALL = 10


def device_of(call: Call) -> Device:
    """The device a call names, walked up to now."""
    params = call.params
    if iot_id := params.get("IotId"):
        found = call.world.aliyun_by_iot_id.get(iot_id)
    else:
        for name, code in (("ProductKey", "iot.prod.NullProductKey"), ("DeviceName", "iot.device.NullDeviceName")):
            if not params.get(name):
                raise BusinessError(code)
        found = call.world.aliyun.get(f"{params['ProductKey']}/{params['DeviceName']}")
    if found is None:
        raise BusinessError("iot.device.NotExistedDevice")
    if found.instance_id and params.get("IotInstanceId") != found.instance_id:
        raise BusinessError("iot.system.InstanceNotFound")
    found.settle(call.real_ms)
    return found


def required(params: Mapping[str, str], name: str) -> str:
    """A parameter the gateway insists on."""
    value = params.get(name, "")
    if not value:
        raise missing(name)
    return value


def numbered(params: Mapping[str, str], name: str) -> list[str]:
    """The values of `Name.1`, `Name.2` ... in order."""
    prefix = f"{name}."
    found = [
        (int(key[len(prefix) :]), value)
        for key, value in params.items()
        if key.startswith(prefix) and key[len(prefix) :].isdecimal()
    ]
    return [value for _, value in sorted(found)]


def page(params: Mapping[str, str], number: str, size: str, highest: int) -> tuple[int, int]:
    """Page number and size. Raises BusinessError outside the documented range."""
    try:
        wanted, rows = int(params.get(number) or 1), int(params.get(size) or 10)
    except ValueError:
        raise BusinessError("iot.common.InvalidPageParams") from None
    if wanted < 1 or not 1 <= rows <= highest:
        raise BusinessError("iot.common.InvalidPageParams")
    return wanted, rows


def keys_of_query(device: Device, params: Mapping[str, str], held: Sequence[str]) -> list[str]:
    """The keys of a module that a query without identifiers lists: the model's, or what the device holds."""
    module = params.get("FunctionBlockId", "")
    if device.model is not None:
        return [found.key for found in device.model.of_module(module)]
    return (
        [key for key in held if key.partition(":")[0] == module] if module else [key for key in held if ":" not in key]
    )


def describe(call: Call, device: Device, key: str) -> dict[str, str]:
    """Identifier, Name, DataType and Unit of a property in a query's answer."""
    found: Property | None = device.model.properties.get(key) if device.model else None
    is_bare = call.world.scene.switches["module_identifier"] == "bare"
    shown = key.rpartition(":")[2] if is_bare and call.params.get("FunctionBlockId") else key
    if found is None:
        return {"Identifier": shown, "Name": shown}
    return {
        "Identifier": shown,
        "Name": found.name,
        "DataType": found.type.kind,
        "Unit": found.type.limits.get("unit", ""),
    }
