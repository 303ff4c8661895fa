"""The RPC gateway: finds the action, verifies the signature, runs the operation, wraps the answer.

Source: Aliyun common parameters (help document 30561). The action is in the query or, with ACS3, in `x-acs-action`.
JSON is answered for `Format=json` in any case and to ACS3; XML to signature version 1 without `Format`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from reconcile.emulator import auth_aliyun
from reconcile.emulator.aliyun import desired, models, status
from reconcile.emulator.aliyun.errors import BusinessError, GatewayError, missing
from reconcile.emulator.aliyun.parameters import numbered
from reconcile.emulator.call import Call, strict_json
from reconcile.emulator.messages import Answer, Json, Request
from reconcile.emulator.scene import name_uuid

if TYPE_CHECKING:
    from reconcile.emulator.world import World

VERSION = "2018-01-20"


@dataclass(frozen=True, slots=True)
class Operation:
    """An action: our name for it, its documented calls per second, and whether its result is the answer or its Data."""

    name: str
    per_second: int
    action: Callable[[Call], Json]
    mutating: bool = False
    is_whole_answer: bool = False


OPERATIONS = {
    "SetDeviceDesiredProperty": Operation("set_desired", 50, desired.set_desired, mutating=True),
    "ClearDeviceDesiredProperty": Operation("clear_desired", 50, desired.clear_desired, mutating=True),
    "QueryDeviceDesiredProperty": Operation("query_desired", 50, desired.query_desired),
    "QueryDevicePropertyStatus": Operation("property_status", 200, status.property_status),
    "GetDeviceStatus": Operation("device_status", 500, status.device_status),
    "BatchGetDeviceState": Operation("BatchGetDeviceState", 50, status.batch_state, is_whole_answer=True),
    "QueryDeviceDetail": Operation("QueryDeviceDetail", 50, status.detail),
    "QueryDevice": Operation("query_device", 50, status.query_devices, is_whole_answer=True),
    "GetThingModelTslPublished": Operation("thing_model", 20, models.tsl),
    "QueryThingModelPublished": Operation("thing_model", 10, models.thing_model, is_whole_answer=True),
}


def open_call(world: World, request: Request, now_ms: int) -> Call:
    """The call an RPC request makes, described for faults and the log, not yet checked."""
    pairs = _pairs(request)
    params = dict(pairs)
    action = _action(params, request)
    operation = OPERATIONS.get(action)
    items, versions = _json(params.get("Items")), _json(params.get("Versions"))
    identifiers = (
        list(items) if isinstance(items, dict) else numbered(params, "Identifies") or numbered(params, "Identifier")
    )
    body = (
        {"Items": items} if items is not None else {"Identifies": identifiers} if action.startswith("Clear") else None
    )
    return Call(
        world,
        request,
        now_ms,
        "aliyun",
        operation.name if operation else action or "unknown",
        operation.mutating if operation else False,
        _run,
        _fail,
        params,
        pairs=pairs,
        device=_device_name(world, params),
        target=identifiers or None,
        body=body,
        precondition=None if versions is None else {"Versions": versions},
    )


def _run(call: Call) -> Answer:
    action = _action(call.params, call.request)
    try:
        _authenticate(call)
        operation = _operation(action)
        _check_quota(call, operation)
        result = operation.action(call)
    except GatewayError as error:
        return _gateway_answer(call, error)
    except BusinessError as error:
        return _business_answer(call, error)
    except desired.PartlyLandedError as error:
        return _business_answer(call, error.cause, landed=True)
    body = result if operation.is_whole_answer else {"Data": result}
    return Answer(
        body | {"RequestId": _request_id(call), "Success": True},
        "",
        landed=operation.mutating,
        xml_root=_root(call, f"{action}Response"),
    )


def _action(params: Mapping[str, str], request: Request) -> str:
    return params.get("Action") or request.headers.get("x-acs-action", "")


def _operation(action: str) -> Operation:
    if action not in OPERATIONS:
        raise GatewayError("InvalidApi.NotFound")
    return OPERATIONS[action]


def _fail(call: Call, kind: str, argument: str) -> Answer:
    if kind == "throttle":
        return _gateway_answer(call, GatewayError("Throttling.User"))
    if kind == "server_error":
        return _gateway_answer(call, GatewayError("InternalError"))
    return _business_answer(call, BusinessError(argument))


def _authenticate(call: Call) -> None:
    request, world = call.request, call.world
    clocks_ms = [call.now_ms]
    if world.scene.switches["timestamp_clock"] == "either":
        clocks_ms.append(call.now_ms - world.advanced_ms)
    if not _action(call.params, request):
        raise missing("Action")
    version = call.params.get("Version") or request.headers.get("x-acs-version", "")
    if not version:
        raise missing("Version")
    if version != VERSION:
        raise GatewayError("InvalidVersion")
    if _is_acs3(request):
        nonce = auth_aliyun.verify_acs3(request, clocks_ms)
    else:
        nonce = auth_aliyun.verify_v1(request.method, call.pairs, clocks_ms)
    if nonce in world.nonces and not (call.is_copy and world.scene.switches["copy_nonce"] == "ignored"):
        raise GatewayError("SignatureNonceUsed")
    world.nonces.add(nonce)


def _check_quota(call: Call, operation: Operation) -> None:
    if call.world.scene.switches["aliyun_quota"] == "off":
        return
    second = call.now_ms // 1000
    counted_second, count = call.world.quota.get(operation.name, (second, 0))
    count = count + 1 if counted_second == second else 1
    call.world.quota[operation.name] = (second, count)
    if count > operation.per_second:
        raise GatewayError("Throttling.User")


def _gateway_answer(call: Call, error: GatewayError) -> Answer:
    payload = {
        "RequestId": _request_id(call),
        "HostId": call.request.headers.get("host", ""),
        "Code": error.code,
        "Message": error.message,
    }
    return Answer(payload, error.code, status=error.status, xml_root=_root(call, "Error"))


def _business_answer(call: Call, error: BusinessError, *, landed: bool = False) -> Answer:
    payload = {"RequestId": _request_id(call), "Success": False, "Code": error.code, "ErrorMessage": error.message}
    action = call.params.get("Action", "")
    return Answer(payload, error.code, landed=landed, xml_root=_root(call, f"{action}Response"))


def _root(call: Call, name: str) -> str | None:
    """The XML root, or None where the caller gets JSON."""
    wanted = call.params.get("Format", "").lower()
    return None if wanted == "json" or (not wanted and _is_acs3(call.request)) else name


def _is_acs3(request: Request) -> bool:
    return request.headers.get("authorization", "").startswith("ACS3-")


def _request_id(call: Call) -> str:
    return name_uuid("request", call.now_ms, call.world.log.next_seq).upper()


def _pairs(request: Request) -> list[tuple[str, str]]:
    """Query and form parameters, decoded, blank ones kept."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    is_form = "x-www-form-urlencoded" in request.headers.get("content-type", "x-www-form-urlencoded")
    if request.body and is_form:
        pairs += parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return pairs


def _json(text: str | None) -> Json:
    """A parameter's JSON for the log; the text itself when it is none."""
    if text is None:
        return None
    try:
        return strict_json(text)
    except ValueError:
        return text


def _device_name(world: World, params: dict[str, str]) -> str | None:
    if iot_id := params.get("IotId"):
        device = world.aliyun_by_iot_id.get(iot_id)
        return device.identity if device else iot_id
    if params.get("ProductKey") and params.get("DeviceName"):
        return f"{params['ProductKey']}/{params['DeviceName']}"
    return None
