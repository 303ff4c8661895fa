"""SetDeviceDesiredProperty, QueryDeviceDesiredProperty, ClearDeviceDesiredProperty.

Source: Aliyun help documents 107582 (set), 107566 (query), 477431 (clear).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from reconcile.emulator.aliyun.device import Device
from reconcile.emulator.aliyun.direct import message_id
from reconcile.emulator.aliyun.errors import BusinessError, missing
from reconcile.emulator.aliyun.operation import DEVICE, MODULE, Operation, Parameter
from reconcile.emulator.aliyun.parameters import ITEMS_PER_CALL, describe, device_of, keys_of_query, numbered, required
from reconcile.emulator.aliyun.values import parse_object, problem, shown
from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json


class PartlyLandedError(Exception):
    """A set of which some items were applied before one was refused (switch `set_atomic`)."""

    def __init__(self, cause: BusinessError) -> None:
        self.cause = cause
        super().__init__(cause.message)


def set_desired(call: Call) -> Json:
    """Set up to 10 desired values of one device; null clears; Versions are compared with the current ones."""
    items_text = required(call.params, "Items")
    device = device_of(call)
    items = parse_object("Items", items_text)
    versions = parse_object("Versions", call.params.get("Versions") or "{}")
    if not items:
        raise BusinessError("iot.system.IllegalRequest", "Items is empty")
    if len(items) > ITEMS_PER_CALL:
        raise BusinessError("emulator.desired.TooManyItems")
    life_ms = _life_ms(call)
    refusals = _refusals(call, device, items, versions)
    if refusals and call.world.scene.switches["set_atomic"] == "yes":
        raise next(iter(refusals.values()))
    accepted = {key: value for key, value in items.items() if key not in refusals}
    write(call, device, accepted)
    for key in accepted if life_ms else ():
        device.lapse_at(key, call.now_ms + life_ms)
    # The device may delete what it applies before the answer is out; the versions are those after the write.
    written = _written(call, device, list(items))
    device.notice([key for key, value in accepted.items() if value is not None], call.real_ms)
    if refusals:
        cause = next(iter(refusals.values()))
        raise PartlyLandedError(cause) if accepted else cause
    return written | {"MessageId": message_id(call)}


def _life_ms(call: Call) -> int:
    """How long the values of a set live by Tuya's `Expiration`; 0 is for ever. Source: switch `expiration`."""
    seconds = call.params.get("Expiration", "")
    if not seconds or call.world.scene.switches["expiration"] == "ignored":
        return 0
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 10 and int(seconds) > 0):
        raise BusinessError("iot.system.IllegalRequest", "Expiration is a number of seconds")
    return int(seconds) * 1000


def write(call: Call, device: Device, items: Mapping[str, Json]) -> None:
    """Put desired values in force; null clears."""
    switches = call.world.scene.switches
    same_raises = switches["same_value_raises_version"] == "yes"
    for key, value in items.items():
        if value is None:
            device.clear_desired(key, call.now_ms, switches["null_version"])
        else:
            device.set_desired(key, value, call.now_ms, same_raises=same_raises)


def clear_desired(call: Call) -> Json:
    """Clear 1 to 10 desired values; there is no version check on this call."""
    keys = numbered(call.params, "Identifies")
    if not keys:
        raise missing("Identifies")
    device = device_of(call)
    if len(keys) > ITEMS_PER_CALL:
        raise BusinessError("emulator.desired.TooManyItems")
    for key in keys:
        if device.model is not None and key not in device.model.properties:
            raise BusinessError("emulator.desired.UnknownProperty", key)
    for key in keys:
        device.clear_desired(key, call.now_ms, call.world.scene.switches["version_after_clear"])
    return _written(call, device, keys)


def query_desired(call: Call) -> Json:
    """Desired values of one module; read-only properties are left out, as are those nobody knows."""
    device = device_of(call)
    keys = numbered(call.params, "Identifier")
    if len(keys) > ITEMS_PER_CALL:
        raise BusinessError("emulator.desired.TooManyItems")
    if len(set(keys)) != len(keys):
        raise BusinessError("emulator.desired.RepeatedIdentifier")
    asked = _asked(call, device, keys) if keys else keys_of_query(device, call.params, list(device.desired))
    rows = [_row(call, device, key) for key in asked if _is_listed(call, device, key)]
    return {"List": {"DesiredPropertyInfo": rows}}


def _asked(call: Call, device: Device, keys: list[str]) -> list[str]:
    """The keys that identifiers stand for. Raises BusinessError for one without a desired value, by switch."""
    switches, module = call.world.scene.switches, call.params.get("FunctionBlockId", "")
    if switches["module_prefix_in_query"] == "ignore":
        keys = [key for key in keys if ":" not in key]
    if module:
        keys = [key if ":" in key else f"{module}:{key}" for key in keys]
    if device.model is not None and switches["unlisted_queried"] == "refused":
        for key in keys:
            known = device.model.properties.get(key)
            if known is None:
                raise BusinessError("emulator.desired.UnknownProperty", key)
            if known.access == "r":
                raise BusinessError("emulator.desired.ReadOnlyProperty", key)
    return keys


def _refusals(
    call: Call, device: Device, items: Mapping[str, Json], versions: Mapping[str, Json]
) -> dict[str, BusinessError]:
    switches = call.world.scene.switches
    if versions and switches["versions_subset"] == "refuse" and set(versions) != set(items):
        raise BusinessError("iot.system.IllegalRequest", "Versions names other properties than Items")
    found: dict[str, BusinessError] = {}
    for key, value in items.items():
        refusal = _item_refusal(device, key, value, switches)
        if refusal is None and key in versions and not _is_version(versions[key], device.version(key)):
            refusal = BusinessError("emulator.desired.VersionMismatch", key)
        if refusal is not None:
            found[key] = refusal
    return found


def _item_refusal(device: Device, key: str, value: Json, switches: Mapping[str, str]) -> BusinessError | None:
    if device.model is None:
        return None
    known = device.model.properties.get(key)
    if known is None:
        return BusinessError("emulator.desired.UnknownProperty", key)
    if known.access == "r" or (known.access == "w" and switches["write_only_desired"] == "refuse"):
        return BusinessError("emulator.desired.ReadOnlyProperty", key)
    text = "" if value is None else problem(known.type, value, switches)
    return BusinessError("emulator.desired.InvalidValue", f"{key}: {text}") if text else None


def _is_version(given: Json, version: int) -> bool:
    return not isinstance(given, bool) and isinstance(given, int) and given == version


def _written(call: Call, device: Device, keys: list[str]) -> dict[str, Json]:
    """`Data.Versions`: a string that holds JSON."""
    listed = list(device.desired) if call.world.scene.switches["answer_versions"] == "all" else keys
    return {
        "Versions": json.dumps({key: device.version(key) for key in listed}, ensure_ascii=False, separators=(",", ":"))
    }


def _is_listed(call: Call, device: Device, key: str) -> bool:
    if device.model is not None:
        known = device.model.properties.get(key)
        if known is None or known.access == "r":
            return False
    return key in device.desired or call.world.scene.switches["unset_listed"] == "yes"


def _row(call: Call, device: Device, key: str) -> dict[str, Json]:
    row: dict[str, Json] = dict(describe(call, device, key))
    wish = device.desired.get(key)
    if wish is not None or call.world.scene.switches["unset_version"] == "zero":
        row["Version"] = device.version(key)
    if wish is not None:
        row["Time"] = str(wish.time_ms)
        if wish.is_set:
            row["Value"] = shown(wish.value, call.world.scene.switches["float_text"])
    return row


_WRITTEN = {"Versions": "string"}
_ROW = {
    "Identifier": "string",
    "Name": "string",
    "DataType?": "string",
    "Unit?": "string",
    "Value?": "string",
    "Version?": "integer",
    "Time?": "string",
}
OPERATIONS = (
    Operation(
        "SetDeviceDesiredProperty",
        "set_desired",
        50,
        set_desired,
        (
            *DEVICE,
            Parameter("Items", "object", required=True),
            Parameter("Versions", "object", required=True, waived_by="versions_required"),
            Parameter("Expiration", "integer", lowest=1, highest=999_999_999),
        ),
        _WRITTEN | {"MessageId": "string"},
        "1.2",
        mutating=True,
    ),
    Operation(
        "ClearDeviceDesiredProperty",
        "clear_desired",
        50,
        clear_desired,
        (*DEVICE, Parameter("Identifies", "list", required=True, lowest=1, highest=ITEMS_PER_CALL)),
        _WRITTEN,
        "1.4",
        mutating=True,
    ),
    Operation(
        "QueryDeviceDesiredProperty",
        "query_desired",
        50,
        query_desired,
        (*DEVICE, MODULE, Parameter("Identifier", "list", lowest=0, highest=ITEMS_PER_CALL)),
        {"List": {"DesiredPropertyInfo": [_ROW]}},
        "1.5",
    ),
)
