"""Façade of openapi.heclouds.com: `/LwM2M-online?action=...` and `/LwM2M-offline?action=...`.

Tokens of version 2020-05-29.

No history, detail or cancel here (table of contents of the LwM2M-IPSO pages). Bad credentials are HTTP 403; the body is
assumed.
"""

from __future__ import annotations

from reconcile.emulator.auth_onenet import token_problem
from reconcile.emulator.call import Call
from reconcile.emulator.credentials import ONENET_USER
from reconcile.emulator.messages import Answer
from reconcile.emulator.onenet import suite
from reconcile.emulator.onenet.engine import Facade, Route, errno_answer
from reconcile.emulator.onenet.parameters import timeout_s
from reconcile.emulator.onenet.reply import UNSUCCESS, Reply
from reconcile.emulator.scene import name_uuid

GATEWAY_TIMEOUT_S = 10
_TOKENS = {"2020-05-29": frozenset({ONENET_USER})}
_ACTIONS = {
    ("lwm2m-online", "GET", "read"): suite.READ_NOW,
    ("lwm2m-online", "POST", "write"): suite.WRITE_NOW,
    ("lwm2m-online", "POST", "execute"): suite.EXECUTE_NOW,
    ("lwm2m-online", "POST", "observe"): suite.OBSERVE,
    ("lwm2m-online", "GET", "discover"): suite.DISCOVER,
    ("lwm2m-online", "GET", "resources"): suite.RESOURCES,
    ("lwm2m-offline", "GET", "read"): suite.QUEUE_READ,
    ("lwm2m-offline", "POST", "write"): suite.QUEUE_WRITE,
    ("lwm2m-offline", "POST", "execute"): suite.QUEUE_EXECUTE,
}


def find(method: str, path: str, action: str) -> tuple[Route, str] | None:
    """The Studio call of a namespace and action; the namespace in any case, `version` may be missing."""
    route = _ACTIONS.get((path.strip("/").lower(), method, action))
    return (route, "") if route else None


def _refusal(call: Call) -> Answer | None:
    problem = token_problem(call.request.headers.get("authorization", ""), resources=_TOKENS, now_ms=call.now_ms)
    if not problem:
        return None
    code = "iot.application.authPermissionDeny"
    request_id = name_uuid("request", call.now_ms, call.world.log.next_seq)
    return Answer({"requestId": request_id, "success": False, "code": code, "msg": problem}, code, status=403)


def _wrap(call: Call, reply: Reply) -> Answer:
    """The engine's reply, unless the gateway gave up waiting for a silent device."""
    is_impatient = call.world.scene.switches["studio_gateway"] == "10s"
    is_silent = reply.errno == UNSUCCESS and not reply.reached
    if is_impatient and is_silent and timeout_s(call.params) > GATEWAY_TIMEOUT_S:
        return Answer({"error": "gateway timeout"}, 504, status=504, landed=reply.landed)
    return errno_answer(call, reply)


FACADE = Facade(_refusal, _wrap)
