"""What devices reported: QueryDevicePropertyStatus, QueryDeviceOriginalPropertyStatus.

Source: Aliyun QueryDevicePropertyStatus; QueryDeviceOriginalPropertyStatus (values that the model does not know too).
"""

from __future__ import annotations

import base64
import binascii

from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.aliyun.operation import DEVICE, MODULE, Operation, Parameter
from reconcile.emulator.aliyun.parameters import describe, device_of, keys_of_query, required
from reconcile.emulator.aliyun.values import shown
from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json

_UNCHECKED = 2


def property_status(call: Call) -> Json:
    """All properties of a module; one never reported has no Value, or by switch no entry."""
    device = device_of(call)
    switches = call.world.scene.switches
    product = call.world.products[device.product_key]
    asked = keys_of_query(device, call.params, list(device.reported))
    rows: list[Json] = []
    for key in asked if product.validate_type != _UNCHECKED else ():
        row: dict[str, Json] = dict(describe(call, device, key))
        if key in device.reported:
            value, at_ms = device.reported[key]
            row |= {"Value": shown(value, switches["float_text"]), "Time": str(at_ms)}
        elif switches["unreported_listed"] == "no":
            continue
        rows.append(row)
    return {"List": {"PropertyStatusInfo": rows}}


def original_status(call: Call) -> Json:
    """Everything reported, the model notwithstanding, by time; `NextValid` says whether there is more."""
    newest_first = {"0": True, "1": False}.get(required(call.params, "Asc"))
    size_text = required(call.params, "PageSize")
    if newest_first is None:
        raise BusinessError("iot.system.IllegalRequest", "Asc is 0 or 1")
    if not (size_text.isascii() and size_text.isdecimal() and len(size_text) < 3 and 1 <= int(size_text) <= 50):
        raise BusinessError("iot.common.InvalidPageParams")
    device = device_of(call)
    rows = sorted(device.reported.items(), key=lambda item: (item[1][1], item[0]), reverse=newest_first)
    start = _start(call.params.get("NextPageToken", ""))
    end = start + int(size_text)
    infos = [
        {"Identifier": key, "Value": shown(value, call.world.scene.switches["float_text"]), "Time": at_ms}
        for key, (value, at_ms) in rows[start:end]
    ]
    more = end < len(rows)
    answer: dict[str, Json] = {"List": {"PropertyStatusDataInfo": infos}, "NextValid": more}
    return answer | {"NextPageToken": base64.urlsafe_b64encode(f"from/{end}".encode()).decode()} if more else answer


def _start(token: str) -> int:
    """The row a token stands for, 0 without one."""
    if not token:
        return 0
    try:
        head, _, number = base64.urlsafe_b64decode(token).decode("ascii").partition("/")
    except (binascii.Error, ValueError):
        head, number = "", ""
    if head != "from" or not number.isdecimal() or len(number) > 9:
        raise BusinessError("iot.common.InvalidPageParams", "NextPageToken is none of ours")
    return int(number)


_ROW = {
    "Identifier": "string",
    "Name": "string",
    "DataType?": "string",
    "Unit?": "string",
    "Value?": "string",
    "Time?": "string",
}
_ORIGINAL = {"Identifier": "string", "Value": "string", "Time": "integer"}
OPERATIONS = (
    Operation(
        "QueryDevicePropertyStatus",
        "property_status",
        200,
        property_status,
        (*DEVICE, MODULE),
        {"List": {"PropertyStatusInfo": [_ROW]}},
        "1.6",
    ),
    Operation(
        "QueryDeviceOriginalPropertyStatus",
        "QueryDeviceOriginalPropertyStatus",
        50,
        original_status,
        (
            *DEVICE,
            Parameter("Asc", "integer", required=True, choices=("0", "1")),
            Parameter("PageSize", "integer", required=True, lowest=1, highest=50),
            Parameter("NextPageToken"),
        ),
        {"List": {"PropertyStatusDataInfo": [_ORIGINAL]}, "NextValid": "boolean", "NextPageToken?": "string"},
        "1.1",
    ),
)
