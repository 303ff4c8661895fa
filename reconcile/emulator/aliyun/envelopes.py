"""The envelopes: a success, and the two families of errors; and who gets XML.

Source: Aliyun common parameters (help document 30561), error codes (87387), gateway errors (48054). JSON is answered
for `Format=json` in any case and to ACS3, XML to signature version 1 without `Format`.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.emulator.aliyun.errors import PLACEHOLDER, BusinessError, GatewayError
from reconcile.emulator.aliyun.operation import Operation
from reconcile.emulator.call import Call
from reconcile.emulator.messages import Answer, Json, Request
from reconcile.emulator.scene import name_uuid


def success_answer(call: Call, operation: Operation, result: Json) -> Answer:
    """What an action returned, under Data unless it is the answer itself."""
    body = result if operation.is_whole_answer else {"Data": result}
    return Answer(
        body | {"RequestId": _request_id(call), "Success": True},
        "",
        landed=operation.mutating,
        xml_root=_root(call, f"{operation.action}Response"),
    )


def gateway_answer(call: Call, error: GatewayError) -> Answer:
    """Refused by the gateway: Message and not ErrorMessage, no Success, a status of its own."""
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


def business_answer(call: Call, error: BusinessError, *, landed: bool = False) -> Answer:
    """Refused by the service: HTTP 200, Success false."""
    wanted = call.world.scene.switches["desired_error_code"]
    code = wanted if wanted != "placeholder" and error.code.startswith(PLACEHOLDER) else error.code
    payload = {"RequestId": _request_id(call), "Success": False, "Code": code, "ErrorMessage": error.message}
    action = action_of(call.params, call.request)
    return Answer(payload, code, landed=landed, xml_root=_root(call, f"{action}Response"))


def _root(call: Call, name: str) -> str | None:
    """The XML root, or None where the caller gets JSON."""
    wanted = call.params.get("Format", "").lower()
    return None if wanted == "json" or (not wanted and is_acs3(call.request)) else name


def action_of(params: Mapping[str, str], request: Request) -> str:
    """The action's name: in the query, the form, or a header."""
    return params.get("Action") or request.headers.get("x-acs-action", "")


def is_acs3(request: Request) -> bool:
    """Whether a request is signed with version 3."""
    return request.headers.get("authorization", "").startswith("ACS3-")


def _request_id(call: Call) -> str:
    return name_uuid("request", call.now_ms, call.world.log.next_seq).upper()
