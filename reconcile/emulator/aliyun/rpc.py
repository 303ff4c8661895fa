"""The RPC gateway: finds the action, verifies the signature, checks rate and permission, runs the operation.

Source: Aliyun common parameters (help document 30561). The action is in the query or, with ACS3, in `x-acs-action`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from reconcile.emulator import auth_aliyun
from reconcile.emulator.aliyun.desired import PartlyLandedError
from reconcile.emulator.aliyun.envelopes import action_of, business_answer, gateway_answer, is_acs3, success_answer
from reconcile.emulator.aliyun.errors import GATEWAY, BusinessError, GatewayError, missing
from reconcile.emulator.aliyun.operation import Operation
from reconcile.emulator.aliyun.operations import OPERATIONS
from reconcile.emulator.aliyun.parameters import numbered
from reconcile.emulator.aliyun.quota import check_quota
from reconcile.emulator.call import Call, strict_json
from reconcile.emulator.messages import Answer, Json, Request

if TYPE_CHECKING:
    from reconcile.emulator.world import World

VERSION = "2018-01-20"


def open_call(world: World, request: Request, now_ms: int) -> Call:
    """The call an RPC request makes, described for faults and the log, not yet checked."""
    pairs = _pairs(request)
    params = dict(pairs)
    action = action_of(params, request)
    operation = OPERATIONS.get(action)
    items, versions = _json(params.get("Items")), _json(params.get("Versions"))
    identifiers = (
        list(items) if isinstance(items, dict) else numbered(params, "Identifies") or numbered(params, "Identifier")
    )
    body = {"Identifies": identifiers} if action.startswith("Clear") else _written(params)
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
        body=body or None,
        precondition=None if versions is None else {"Versions": versions},
    )


def _run(call: Call) -> Answer:
    action = action_of(call.params, call.request)
    try:
        caller = _authenticate(call)
        operation = _operation(action)
        check_quota(call, operation)
        if operation.mutating and not caller.may_write:
            raise _forbidden(call)
        _check_required(call, operation)
        result = operation.run(call)
    except GatewayError as error:
        return gateway_answer(call, error)
    except BusinessError as error:
        return business_answer(call, error)
    except PartlyLandedError as error:
        return business_answer(call, error.cause, landed=True)
    return success_answer(call, operation, result)


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
        return gateway_answer(call, GatewayError("Throttling.User"))
    if kind == "server_error":
        return gateway_answer(call, GatewayError("InternalError"))
    if argument in GATEWAY or argument.startswith("Missing"):
        return gateway_answer(call, GatewayError(argument))
    return business_answer(call, BusinessError(argument))


def _authenticate(call: Call) -> auth_aliyun.Caller:
    request, world = call.request, call.world
    clocks_ms = [call.now_ms]
    if world.scene.switches["timestamp_clock"] == "either":
        clocks_ms.append(call.now_ms - world.advanced_ms)
    if not action_of(call.params, request):
        raise missing("Action")
    version = call.params.get("Version") or request.headers.get("x-acs-version", "")
    if not version:
        raise missing("Version")
    if version != VERSION:
        raise GatewayError("InvalidVersion")
    if is_acs3(request):
        caller = auth_aliyun.verify_acs3(request, clocks_ms)
    else:
        caller = auth_aliyun.verify_v1(request.method, call.pairs, clocks_ms)
    if caller.nonce in world.nonces and not (call.is_copy and world.scene.switches["copy_nonce"] == "ignored"):
        raise GatewayError("SignatureNonceUsed")
    world.nonces.add(caller.nonce)
    return caller


def _pairs(request: Request) -> list[tuple[str, str]]:
    """Query and form parameters, decoded, blank ones kept."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    is_form = "x-www-form-urlencoded" in request.headers.get("content-type", "x-www-form-urlencoded")
    if request.body and is_form:
        pairs += parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return pairs


def _written(params: dict[str, str]) -> dict[str, Json]:
    """What a call wants to bring about, for the log."""
    return {name: _json(params[name]) for name in ("Items", "Props", "PropKey", "Identifier", "Args") if name in params}


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
