"""Direct control, which is not desired state: SetDeviceProperty, SetDevicesProperty, InvokeThingService.

Source: Aliyun SetDeviceProperty (success says that it was sent; the device answers later), InvokeThingService.
"""

from __future__ import annotations

import json

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.aliyun.model import DataType
from reconcile.emulator.aliyun.operation import DEVICE, PRODUCT, Operation, Parameter
from reconcile.emulator.aliyun.parameters import device_of, numbered, product_of, required
from reconcile.emulator.aliyun.product import Product
from reconcile.emulator.aliyun.values import parse_object, problem
from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json

NAMES_PER_CALL = 100
_UNCHECKED = 2


def set_property(call: Call) -> Json:
    """Values for one device, now; a device that is offline never hears of them, and the call succeeds all the same."""
    text = required(call.params, "Items")
    device = device_of(call)
    items = _items(call, device, text)
    device.tell(items, call.real_ms)
    return {"MessageId": message_id(call)}


def set_properties(call: Call) -> dict[str, Json]:
    """The same values for up to 100 devices of one product; the answer has no Data."""
    text = required(call.params, "Items")
    product = product_of(call)
    names = numbered(call.params, "DeviceName")
    if not names:
        raise BusinessError("iot.device.NoneDeviceNameElement")
    if len(names) > NAMES_PER_CALL:
        raise BusinessError("iot.system.IllegalRequest", f"at most {NAMES_PER_CALL} devices")
    found = [call.world.aliyun.get(f"{product.key}/{name}") for name in dict.fromkeys(names)]
    devices = [device for device in found if device is not None]
    if len(devices) < len(set(names)):
        raise BusinessError("iot.device.NotExistedDevice")
    told = [(device, _items(call, device, text)) for device in devices]
    for device, items in told:
        device.settle(call.real_ms)
        device.tell(items, call.real_ms)
    return {}


def invoke_service(call: Call) -> Json:
    """A service by `module:identifier`; a synchronous one answers with its result, or fails with the device."""
    service, text = required(call.params, "Identifier"), required(call.params, "Args")
    device = device_of(call)
    arguments = parse_object("Args", text)
    product = call.world.products[device.product_key]
    is_sync = _checked_service(device, product, service, arguments, call)
    ran = device.execute(service, arguments, call.real_ms)
    if not is_sync:
        return {"MessageId": message_id(call)}
    if not device.is_online(call.real_ms):
        raise BusinessError("iot.messagebroker.OFFLINE")
    if not ran:
        raise BusinessError("iot.messagebroker.TIMEOUT")
    result = json.dumps(device.habits.results.get(service, {}), ensure_ascii=False)
    return {"MessageId": message_id(call), "Result": result}


def message_id(call: Call) -> str:
    """The id of a message to a device; its answers would carry it."""
    call.world.scene.serial += 1
    return str(300_000_000 + call.world.scene.serial)


def _items(call: Call, device: Device, text: str) -> dict[str, Json]:
    items = parse_object("Items", text)
    if not items:
        raise BusinessError("iot.system.IllegalRequest", "Items is empty")
    if not device.is_active:
        raise BusinessError("iot.device.InactiveDevice")
    if device.model is None or call.world.products[device.product_key].validate_type == _UNCHECKED:
        return items
    for key, value in items.items():
        known = device.model.properties.get(key)
        if known is None or "w" not in known.access:
            raise BusinessError("iot.device.SetDevicePropertyFailed", f"{key} cannot be set")
        _check(call, "iot.device.SetDevicePropertyFailed", key, known.type, value)
    return items


def _checked_service(device: Device, product: Product, service: str, arguments: dict[str, Json], call: Call) -> bool:
    """Whether the service is synchronous; services of products without checks never are."""
    if not device.is_active:
        raise BusinessError("iot.device.InactiveDevice")
    if device.model is None or product.validate_type == _UNCHECKED:
        return False
    known = device.model.services.get(service)
    if known is None:
        raise BusinessError("iot.device.InvokeThingServiceFailed", f"no service {service}")
    inputs = {one.identifier: one.type for one in known.inputs}
    for key, value in arguments.items():
        if key not in inputs:
            raise BusinessError("iot.device.InvokeThingServiceFailed", f"no parameter {key}")
        _check(call, "iot.device.InvokeThingServiceFailed", key, inputs[key], value)
    return known.is_sync


def _check(call: Call, code: str, key: str, kind: DataType, value: Json) -> None:
    text = problem(kind, value, call.world.scene.switches)
    if text:
        raise BusinessError(code, f"{key}: {text}")


_QOS = Parameter("Qos", "integer", choices=("0", "1"))
_ITEMS = Parameter("Items", "object", required=True)
OPERATIONS = (
    Operation(
        "SetDeviceProperty",
        "SetDeviceProperty",
        500,
        set_property,
        (*DEVICE, _ITEMS, _QOS),
        {"MessageId": "string"},
        "1.9",
        mutating=True,
    ),
    Operation(
        "SetDevicesProperty",
        "SetDevicesProperty",
        10,
        set_properties,
        (*PRODUCT, Parameter("DeviceName", "list", lowest=0, highest=NAMES_PER_CALL), _ITEMS, _QOS),
        {},
        "1.9",
        mutating=True,
        is_whole_answer=True,
    ),
    Operation(
        "InvokeThingService",
        "InvokeThingService",
        500,
        invoke_service,
        (*DEVICE, Parameter("Identifier", required=True), Parameter("Args", "object", required=True), _QOS),
        {"MessageId": "string", "Result?": "string"},
        "1.9",
        mutating=True,
    ),
)
