"""Façade of api.heclouds.com: `/nbiot...` and `/devices...`, master key or token of version 2018-10-31.

Bad credentials are an errno in an answer of HTTP 200: 1 for commands (Error_codes), 3 for devices (API result codes).
"""

from __future__ import annotations

import hmac

from reconcile.emulator.auth_onenet import token_problem
from reconcile.emulator.call import Call
from reconcile.emulator.credentials import ONENET_MASTER_KEY, ONENET_PRODUCT
from reconcile.emulator.messages import Answer
from reconcile.emulator.onenet import devices, suite
from reconcile.emulator.onenet.engine import Facade, Route, errno_answer
from reconcile.emulator.onenet.reply import Reply

_TOKENS = {"2018-10-31": frozenset({ONENET_PRODUCT})}
_BY_IMEI = Route("query_device", False, devices.by_imei)
_STATUS = Route("device_status", False, devices.status)
_LIST = Route("list_devices", False, devices.listing)
_DETAIL = Route("query_device", False, devices.detail)


def find(method: str, path: str) -> tuple[Route, str] | None:
    """The classic call at a path, and the uuid or device id in it."""
    if path == "/nbiot/resources" and method == "GET":
        return suite.RESOURCES, ""
    if path == "/nbiot" or path.startswith("/nbiot/"):
        return suite.find(method, path.removeprefix("/nbiot"))
    match method, path.split("/")[1:]:
        case "GET", ["devices", "getbyimei"]:
            return _BY_IMEI, ""
        case "GET", ["devices", "status"]:
            return _STATUS, ""
        case "GET", ["devices"]:
            return _LIST, ""
        case "GET", ["devices", device_id]:
            return _DETAIL, device_id
    return None


def _refusal(call: Call) -> Answer | None:
    api_key = call.request.headers.get("api-key")
    if api_key is not None:
        good = hmac.compare_digest(api_key.encode(), ONENET_MASTER_KEY.encode())
    else:
        good = not token_problem(call.request.headers.get("authorization", ""), resources=_TOKENS, now_ms=call.now_ms)
    if good:
        return None
    is_command = call.request.path.startswith("/nbiot")
    return errno_answer(call, Reply(1, "auth failed") if is_command else Reply(3, "token鉴权失败"))


FACADE = Facade(_refusal, errno_answer)
