"""Parameters that several Aliyun calls share: the device, the product, numbered lists.

Source: Aliyun operation pages: IotId wins over ProductKey and DeviceName, which go together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.errors import BusinessError, missing
from reconcile.emulator.aliyun.model import Property
from reconcile.emulator.aliyun.product import Product
from reconcile.emulator.call import Call

ITEMS_PER_CALL = 10


def device_of(call: Call) -> Device:
    """The device a call names, walked up to now."""
    iot_id = call.params.get("IotId")
    return _present(call, call.world.aliyun_by_iot_id.get(iot_id)) if iot_id else named_device_of(call)


def named_device_of(call: Call) -> Device:
    """The device a call names by ProductKey and DeviceName, where there is no IotId."""
    for name, code in (("ProductKey", "iot.prod.NullProductKey"), ("DeviceName", "iot.device.NullDeviceName")):
        if not call.params.get(name):
            raise BusinessError(code)
    return _present(call, call.world.aliyun.get(f"{call.params['ProductKey']}/{call.params['DeviceName']}"))


def _present(call: Call, found: Device | None) -> Device:
    if found is None:
        raise BusinessError("iot.device.NotExistedDevice")
    check_instance(call, found.instance_id)
    found.settle(call.real_ms)
    return found


def product_of(call: Call) -> Product:
    """The product a call names."""
    product = call.world.products.get(required(call.params, "ProductKey"))
    if product is None:
        raise BusinessError("iot.prod.NotExistedProduct")
    check_instance(call, product.instance_id)
    return product


def check_instance(call: Call, instance_id: str) -> None:
    """An instance that has an id is named in the call; what an id where there is none does is a switch."""
    given = call.params.get("IotInstanceId", "")
    is_surplus = bool(given and not instance_id)
    if instance_id and given != instance_id:
        raise BusinessError("iot.system.InstanceNotFound")
    if is_surplus and call.world.scene.switches["surplus_instance_id"] == "refuse":
        raise BusinessError("iot.system.InstanceNotFound")


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
        if key.startswith(prefix) and _is_number(key[len(prefix) :])
    ]
    return [value for _, value in sorted(found)]


def numbered_pairs(params: Mapping[str, str], name: str, first: str, second: str) -> list[tuple[str, str]]:
    """The pairs `Name.1.First`, `Name.1.Second` ... in order; a missing second is empty."""
    parts = (key.split(".") for key in params)
    numbers = sorted(int(p[1]) for p in parts if len(p) == 3 and (p[0], p[2]) == (name, first) and _is_number(p[1]))
    return [(params[f"{name}.{n}.{first}"], params.get(f"{name}.{n}.{second}", "")) for n in numbers]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 5 and text == str(int(text))


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
    switches = call.world.scene.switches
    is_bare = switches["module_identifier"] == "bare"
    shown = key.rpartition(":")[2] if is_bare and call.params.get("FunctionBlockId") else key
    if found is None:
        return {"Identifier": shown, "Name": shown}
    row = {"Identifier": shown, "Name": found.name, "DataType": found.type.kind}
    unit = found.type.limits.get("unit", "")
    return row if not unit and switches["empty_unit"] == "absent" else row | {"Unit": unit}
