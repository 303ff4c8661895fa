"""The RPC gateway: finds the action, verifies the signature, runs the operation, wraps the answer.

Source: Aliyun common parameters (help document 30561). The action is in the query or, with ACS3, in `x-acs-action`.
JSON is answered for `Format=json` in any case and to ACS3; XML to signature version 1 without `Format`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from reconcile.emulator import auth_aliyun
from reconcile.emulator.aliyun.desired import PartlyLandedError
from reconcile.emulator.aliyun.errors import GATEWAY, PLACEHOLDER, BusinessError, GatewayError, missing
from reconcile.emulator.aliyun.operation import Operation
from reconcile.emulator.aliyun.operations import OPERATIONS
from reconcile.emulator.aliyun.parameters import numbered
from reconcile.emulator.aliyun.quota import check_quota
from reconcile.emulator.call import Call, strict_json
from reconcile.emulator.messages import Answer, Json, Request
from reconcile.emulator.scene import name_uuid

if TYPE_CHECKING:
    from reconcile.emulator.world import World

VERSION = "2018-01-20"


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
        caller = _authenticate(call)
        operation = _operation(action)
        check_quota(call, operation)
        if operation.mutating and not caller.may_write:
            raise _forbidden(call)
        _check_required(call, operation)
        result = operation.run(call)
    except GatewayError as error:
        return _gateway_answer(call, error)
    except BusinessError as error:
        return _business_answer(call, error)
    except PartlyLandedError as error:
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


def _check_required(call: Call, operation: Operation) -> None:
    """The parameters that the gateway insists on, of which a list needs one element."""
    switches = call.world.scene.switches
    for parameter in operation.parameters:
        if not parameter.required or (parameter.waived_by and switches[parameter.waived_by] == "no"):
            continue
        is_there = call.params.get(parameter.name) or (
            parameter.kind in ("list", "tags") and any(name.startswith(f"{parameter.name}.") for name in call.params)
        )
        if not is_there:
            raise missing(parameter.name)


def _forbidden(call: Call) -> BusinessError | GatewayError:
    if call.world.scene.switches["permission_denied"] == "gateway":
        return GatewayError("NoPermission")
    return BusinessError("iot.common.RamActionPermissionDeny")


def _fail(call: Call, kind: str, argument: str) -> Answer:
    if kind == "throttle":
        return _gateway_answer(call, GatewayError("Throttling.User"))
    if kind == "server_error":
        return _gateway_answer(call, GatewayError("InternalError"))
    if argument in GATEWAY or argument.startswith("Missing"):
        return _gateway_answer(call, GatewayError(argument))
    return _business_answer(call, BusinessError(argument))


def _authenticate(call: Call) -> auth_aliyun.Caller:
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
        caller = auth_aliyun.verify_acs3(request, clocks_ms)
    else:
        caller = auth_aliyun.verify_v1(request.method, call.pairs, clocks_ms)
    if caller.nonce in world.nonces and not (call.is_copy and world.scene.switches["copy_nonce"] == "ignored"):
        raise GatewayError("SignatureNonceUsed")
    world.nonces.add(caller.nonce)
    return caller


def _gateway_answer(call: Call, error: GatewayError) -> Answer:
    code, status, message = _as_switched(error, call.world.scene.switches)
    payload = {
        "RequestId": _request_id(call),
        "HostId": call.request.headers.get("host", ""),
        "Code": code,
        "Message": message,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={code}",
    }
    wait = call.world.scene.switches["retry_after"]
    headers = (("x-acs-retry-after", wait),) if code.startswith("Throttling") and wait != "absent" else ()
    return Answer(payload, code, status=status, xml_root=_root(call, "Error"), headers=headers)


def _as_switched(error: GatewayError, switches: Mapping[str, str]) -> tuple[str, int, str]:
    """Code, HTTP status and message, where pages of different products disagree."""
    match error.code:
        case "InvalidSecurityToken.Expired":
            error = GatewayError(switches["expired_token_code"])
        case "InvalidApi.NotFound":
            error = GatewayError(switches["unknown_action_code"])
        case "Throttling.User":
            error = GatewayError(switches["throttle_code"])
            return error.code, int(switches["throttle_status"]), error.message
    if error.code == "InvalidAccessKeyId.NotFound":
        return error.code, int(switches["unknown_key_status"]), error.message
    return error.code, error.status, error.message


def _business_answer(call: Call, error: BusinessError, *, landed: bool = False) -> Answer:
    wanted = call.world.scene.switches["desired_error_code"]
    code = wanted if wanted != "placeholder" and error.code.startswith(PLACEHOLDER) else error.code
    payload = {"RequestId": _request_id(call), "Success": False, "Code": code, "ErrorMessage": error.message}
    action = _action(call.params, call.request)
    return Answer(payload, code, landed=landed, xml_root=_root(call, f"{action}Response"))


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
