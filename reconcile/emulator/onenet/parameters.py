"""The documented parameters of OneNET's calls, checked one by one.

Source: OneNET NB-IoT book, list/4 to list/14. Where the book names no errno, we assume 3 for a missing parameter, 5108
for one out of range, 5006 for a body above 2k.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from reconcile.emulator.call import Call, finite
from reconcile.emulator.clock import parse_zoneless
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet import documented as doc
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.documented import LIMITS, Parameter
from reconcile.emulator.onenet.reply import (
    AUTH_FAILED,
    INVALID_PARAMETER,
    LOGIC_LIMIT,
    NOT_ONLINE,
    PARAMETER_REQUIRED,
    RefusedError,
)

_INTEGER = re.compile(r"-?\d{1,10}")


def device_of(call: Call, *, must_be_registered: bool = False) -> Device:
    """The device named by `imei`, walked up to now. A foreign or unknown IMEI is "auth failed" (FAQ#114)."""
    imei = text(call.params, doc.IMEI)
    device = call.world.onenet.get(imei)
    if device is None:
        raise RefusedError(AUTH_FAILED)
    device.settle(call.real_ms)
    if must_be_registered and not device.session.is_online(call.real_ms):
        raise RefusedError(NOT_ONLINE)
    return device


def text(params: Mapping[str, str], parameter: Parameter) -> str:
    """A required parameter."""
    value = params.get(parameter.name, "")
    if not value:
        raise RefusedError(PARAMETER_REQUIRED, parameter.name)
    return value


def number(params: Mapping[str, str], parameter: Parameter, lowest: int | None = None) -> int:
    """A whole number within its range, or its default; one without a default is required."""
    value = params.get(parameter.name, "")
    if not value and parameter.default is not None:
        return parameter.default
    value = text(params, parameter)
    least = parameter.lowest if lowest is None else lowest
    assert least is not None
    assert parameter.highest is not None
    if not _INTEGER.fullmatch(value) or not least <= int(value) <= parameter.highest:
        raise RefusedError(INVALID_PARAMETER, f"{parameter.name} must be in [{least},{parameter.highest}]")
    return int(value)


def real(params: Mapping[str, str], parameter: Parameter) -> float | None:
    """An optional number."""
    value = params.get(parameter.name, "")
    if not value:
        return None
    try:
        return finite(value)
    except ValueError:
        raise RefusedError(INVALID_PARAMETER, parameter.name) from None


def timeout_s(params: Mapping[str, str]) -> int:
    """`timeout`, [5,40] seconds, default 25."""
    return number(params, doc.TIMEOUT)


def path_of(params: Mapping[str, str], *, depth: int) -> str:
    """`/obj[/inst[/res]]`, of which the first `depth` numbers are required."""
    names = (doc.OBJ, doc.INSTANCE, doc.RESOURCE)
    numbers: list[int] = []
    for position, one in enumerate(names):
        if position >= depth and not params.get(one.name):
            if any(params.get(later.name) for later in names[position + 1 :]):
                raise RefusedError(PARAMETER_REQUIRED, one.name)
            break
        numbers.append(number(params, one))
    return "".join(f"/{part}" for part in numbers)


def instance_of(params: Mapping[str, str]) -> str:
    """`/obj/inst`, the target of a write."""
    return f"/{number(params, doc.OBJ)}/{number(params, doc.INSTANCE)}"


def mode(params: Mapping[str, str]) -> int:
    """`mode`, 1 (replace) or 2 (partial update), required."""
    return number(params, doc.MODE)


def retry(call: Call) -> int:
    """`retry`, [0,10], default 3; switch `retry_minimum`."""
    return number(call.params, doc.RETRY, int(call.world.scene.switches["retry_minimum"]))


def zoneless_time(call: Call, name: str) -> int | None:
    """Instant of an optional `YYYY-MM-DDTHH:MM:SS` parameter."""
    value = call.params.get(name, "")
    if not value:
        return None
    try:
        return parse_zoneless(value, utc=call.world.scene.switches["history_zone"] == "utc")
    except ValueError:
        raise RefusedError(INVALID_PARAMETER, name) from None


def write_data(call: Call) -> list[dict[str, Json]]:
    """The checked `data` array of a write, at most 2k."""
    data = call.body.get("data") if isinstance(call.body, dict) else None
    if not isinstance(data, list) or not data:
        raise RefusedError(PARAMETER_REQUIRED, "data")
    for item in data:
        if not isinstance(item, dict) or "res_id" not in item or "val" not in item:
            raise RefusedError(PARAMETER_REQUIRED, "res_id and val")
        if not _is_id(item["res_id"]):
            raise RefusedError(INVALID_PARAMETER, "res_id")
        if isinstance(item["val"], (dict, list)) or item["val"] is None:
            raise RefusedError(INVALID_PARAMETER, "val")
        if "type" in item and (isinstance(item["type"], bool) or item["type"] not in (1, 2)):
            raise RefusedError(INVALID_PARAMETER, "type")
    size = len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
    if size > LIMITS["data_bytes"]:
        raise RefusedError(LOGIC_LIMIT, "data is limited to 2k")
    return data


def execute_args(call: Call) -> str | None:
    """The optional `args` of an execute, a string of at most 2k."""
    if not call.is_body_json or not (call.body is None or isinstance(call.body, dict)):
        raise RefusedError(PARAMETER_REQUIRED, "body is not a JSON object")
    args = call.body.get("args") if call.body else None
    if args is None:
        return None
    if not isinstance(args, str):
        raise RefusedError(INVALID_PARAMETER, "args must be a string")
    if len(args.encode()) > LIMITS["args_bytes"]:
        raise RefusedError(LOGIC_LIMIT, "args is limited to 2k")
    return args


def _is_id(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 65535
