"""Device tags, which the API calls Props: SaveDeviceProp, QueryDeviceProp, DeleteDeviceProp, QueryDeviceByTags.

Source: Aliyun SaveDeviceProp (at most 100 tags, 5 KB; the key `abc` is reserved and filtered out), QueryDeviceByTags.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.errors import BusinessError, missing
from reconcile.emulator.aliyun.operation import DEVICE, INSTANCE, PAGED, Operation, Parameter, pages
from reconcile.emulator.aliyun.pages import cut
from reconcile.emulator.aliyun.parameters import device_of, numbered_pairs, required
from reconcile.emulator.call import Call, strict_json
from reconcile.emulator.messages import Json

TAGS_PER_DEVICE = 100
TAGS_PER_QUERY = 10
LONGEST_BYTES = 5 * 1024
_RESERVED = "abc"


def save(call: Call) -> dict[str, Json]:
    """Add tags, or overwrite those that are there."""
    text = required(call.params, "Props")
    device = device_of(call)
    if len(text.encode("utf-8", "replace")) > LONGEST_BYTES:
        raise BusinessError("iot.device.LongDevicePropertiesString")
    try:
        given = strict_json(text)
    except ValueError:
        raise BusinessError("iot.device.InvalidFormattedDevicePropertiesString") from None
    if not isinstance(given, dict):
        raise BusinessError("iot.device.InvalidFormattedDevicePropertiesString")
    if not given:
        raise BusinessError("iot.device.NoneDeviceProperties")
    if len(given) > TAGS_PER_DEVICE:
        raise BusinessError("iot.device.TooManyDevicePropertiesPerTime")
    if "" in given:
        raise BusinessError("iot.device.NullDevicePropertyKey")
    tags = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in given.items()
    }
    tags.pop(_RESERVED, None)
    if len(device.tags | tags) > TAGS_PER_DEVICE:
        raise BusinessError("iot.device.SaveOrUpdateDevicePropertiesFailed", f"at most {TAGS_PER_DEVICE} tags a device")
    device.tags.update(tags)
    return {}


def query(call: Call) -> dict[str, Json]:
    """All tags of a device, as a JSON object in a string beside Data."""
    return {"Props": json.dumps(device_of(call).tags, ensure_ascii=False, separators=(",", ":"))}


def delete(call: Call) -> dict[str, Json]:
    """Delete one tag; deleting one that is not there does nothing."""
    key = required(call.params, "PropKey")
    device_of(call).tags.pop(key, None)
    return {}


def query_devices(call: Call) -> dict[str, Json]:
    """Devices of the account by tags; whether several mean all or any is a switch."""
    switches = call.world.scene.switches
    wanted = numbered_pairs(call.params, "Tag", "TagKey", "TagValue")
    if not wanted:
        raise missing("Tag")
    if len(wanted) > TAGS_PER_QUERY:
        raise BusinessError("iot.device.TooManyDevicePropertiesPerTime", f"at most {TAGS_PER_QUERY} tags")
    if switches["tag_value_required"] == "yes" and not all(value for _, value in wanted):
        raise missing("Tag.TagValue")
    combine: Callable[[list[bool]], bool] = all if switches["tag_match"] == "all" else any
    instance = call.params.get("IotInstanceId", "")
    found = [
        device
        for device in reversed(call.world.aliyun.values())
        if device.instance_id in ("", instance) and combine([_has(device, key, value) for key, value in wanted])
    ]
    page = cut(call.params, found, 50)
    return {"Data": {"SimpleDeviceInfo": [simple(call, device) for device in page.rows]}, **page.beside_data()}


def simple(call: Call, device: Device) -> dict[str, Json]:
    """A device as listings by tag and by group show it."""
    return {
        "ProductKey": device.product_key,
        "ProductName": call.world.products[device.product_key].name,
        "DeviceName": device.device_name,
        "IotId": device.iot_id,
    }


def _has(device: Device, key: str, value: str) -> bool:
    return key in device.tags and value in ("", device.tags[key])


SIMPLE = {"ProductKey": "string", "ProductName": "string", "DeviceName": "string", "IotId": "string"}
OPERATIONS = (
    Operation(
        "SaveDeviceProp",
        "SaveDeviceProp",
        50,
        save,
        (*DEVICE, Parameter("Props", "object", required=True)),
        {},
        "1.8",
        mutating=True,
        is_whole_answer=True,
    ),
    Operation(
        "QueryDeviceProp",
        "QueryDeviceProp",
        50,
        query,
        DEVICE,
        {"Props": "string"},
        "1.8",
        is_whole_answer=True,
    ),
    Operation(
        "DeleteDeviceProp",
        "DeleteDeviceProp",
        500,
        delete,
        (*DEVICE, Parameter("PropKey", required=True)),
        {},
        "1.8",
        mutating=True,
        is_whole_answer=True,
    ),
    Operation(
        "QueryDeviceByTags",
        "QueryDeviceByTags",
        5,
        query_devices,
        (Parameter("Tag", "tags", required=True, lowest=1, highest=TAGS_PER_QUERY), *pages(50), INSTANCE),
        {"Data": {"SimpleDeviceInfo": [SIMPLE]}, **PAGED},
        "1.8",
        is_whole_answer=True,
    ),
)
