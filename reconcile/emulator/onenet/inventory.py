"""Devices by product and name, as the token platforms list them: detail, list, status.

Source: OneNET Studio, api/common/QueryDeviceDetail, api/application/QueryProductList, QueryDeviceList and
QueryDeviceStatus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconcile.emulator.call import Call
from reconcile.emulator.clock import iso
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet import documented as doc
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.documented import Parameter
from reconcile.emulator.onenet.reply import RefusedError
from reconcile.emulator.onenet.thing import Thing

_NEVER = "0001-01-01T00:00:00.000Z"
_ONEJSON_OVER_MQTT, _LWM2M = 2, 4
_ONEJSON, _IPSO = 1, 2
"""`data_type` of a product; the page prints 1 for OneJSON, the number of the other is assumed."""


def asked(call: Call) -> Mapping[str, Json]:
    """What a call says, in its query (GET) or its JSON body (POST)."""
    if call.request.method == "GET":
        return call.params
    if not call.is_body_json or not (call.body is None or isinstance(call.body, dict)):
        raise RefusedError("invalidParameter", "the body is not a JSON object")
    return call.body or {}


def text(told: Mapping[str, Json], name: str) -> str:
    """A required string."""
    value = told.get(name)
    if value is None or value == "":
        raise RefusedError("parameterRequired", name)
    if not isinstance(value, str):
        raise RefusedError("invalidParameter", name)
    return value


def number(told: Mapping[str, Json], parameter: Parameter) -> int:
    """A whole number in its range, or its default."""
    value = str(told.get(parameter.name) or "")
    if not value:
        return parameter.default or 0
    lowest, highest = parameter.lowest or 0, parameter.highest or 0
    if not (value.isascii() and value.isdecimal() and len(value) < 11) or not lowest <= int(value) <= highest:
        raise RefusedError("invalidParameter", f"{parameter.name} must be in [{lowest},{highest}]")
    return int(value)


def find(call: Call) -> Thing | Device:
    """The device of `product_id` and `device_name`, walked up to now."""
    told = asked(call)
    product, name = text(told, "product_id"), text(told, "device_name")
    if product not in call.world.onenet_products:
        raise RefusedError("productNotFound", "product does not exist")
    identity = f"{product}/{name}"
    found = call.world.things.get(identity) or call.world.onenet_by_name.get(identity)
    if found is None:
        raise RefusedError("deviceNotFound", "device does not exist")
    found.settle(call.real_ms)
    return found


def thing_of(call: Call) -> Thing:
    """The OneJSON device of a call; a device of an IPSO product has no thing model."""
    found = find(call)
    if isinstance(found, Device):
        raise RefusedError("thingModelNotFound", "product thing model not found")
    return found


def status(call: Call, device: Thing | Device) -> int:
    """1 never activated, 2 online, 3 offline."""
    if device.session.registered_ms is None:
        return 1
    return 2 if device.session.is_shown_online(call.real_ms, call.world.scene.switches) else 3


def detail(call: Call, device: Thing | Device) -> dict[str, Json]:
    """Everything about a device, but its secrets, which are made up."""
    shown = row(call, device)
    protocol = _LWM2M if device.imei else _ONEJSON_OVER_MQTT
    shown |= {
        "desc": "",
        "protocol": protocol,
        "active_time": _instant(device.session.registered_ms),
        "sec_key": "emulated",
    }
    if device.imei:
        shown |= {"imei": device.imei, "imsi": device.imei, "auth_code": ""}
    return shown


def row(call: Call, device: Thing | Device) -> dict[str, Json]:
    """A device as a list shows it."""
    return {
        "product_id": device.product_id,
        "product_name": device.product_id,
        "device_name": device.name,
        "node_type": 1,
        "status": status(call, device),
        "from": 1,
        "created_time": iso(device.created_ms),
        "last_time": _instant(device.session.last_uplink(call.real_ms)),
    }


def page(call: Call, *, product_required: bool, group: str = "") -> tuple[Sequence[Thing | Device], dict[str, int]]:
    """One page of devices, by product, name and group when given, and where it lies."""
    told = asked(call)
    product = text(told, "product_id") if product_required else str(told.get("product_id") or "")
    name = str(told.get("device_name") or "")
    if product and product not in call.world.onenet_products:
        raise RefusedError("productNotFound", "product does not exist")
    offset, limit = number(told, doc.OFFSET), number(told, doc.LIMIT)
    everything: list[Thing | Device] = [*call.world.things.values(), *call.world.onenet.values()]
    found = [
        one
        for one in everything
        if product in ("", one.product_id) and name in ("", one.name) and (not group or group in one.groups)
    ]
    return found[offset : offset + limit], {"limit": limit, "offset": offset, "total": len(found)}


def products(call: Call) -> tuple[list[dict[str, Json]], dict[str, int]]:
    """One page of the project's products, and where it lies; a product without things is one of LwM2M objects."""
    told = asked(call)
    offset, limit = number(told, doc.OFFSET), number(told, doc.LIMIT)
    names = sorted(call.world.onenet_products)
    rows: list[dict[str, Json]] = []
    for product in names[offset : offset + limit]:
        is_ipso = not any(thing.product_id == product for thing in call.world.things.values())
        rows.append({
            "product_id": product, "name": product, "desc": "", "type": 1, "node_type": 1, "network": 2,
            "protocol": _LWM2M if is_ipso else _ONEJSON_OVER_MQTT, "data_type": _IPSO if is_ipso else _ONEJSON,
        })  # fmt: skip
    return rows, {"limit": limit, "offset": offset, "total": len(names)}


def _instant(moment_ms: int | None) -> str:
    return _NEVER if moment_ms is None else iso(moment_ms)
