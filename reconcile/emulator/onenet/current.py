"""Façade of iot-api.heclouds.com: `/nb-iot...` and `/device/detail`, token of version 2022-05-01.

Bad credentials are HTTP 200 with code 10403 (observed on the live host). The envelope of /nb-iot is switch
`g3_envelope`.
"""

from __future__ import annotations

from reconcile.emulator.auth_onenet import parse_token, token_problem
from reconcile.emulator.call import Call
from reconcile.emulator.credentials import ONENET_PRODUCT, ONENET_USER
from reconcile.emulator.messages import Answer
from reconcile.emulator.onenet import devices, suite
from reconcile.emulator.onenet.engine import Facade, Route, errno_answer
from reconcile.emulator.onenet.reply import Reply, with_data
from reconcile.emulator.scene import name_uuid

_TOKENS = {"2022-05-01": frozenset({ONENET_USER, ONENET_PRODUCT})}


def find(method: str, path: str) -> tuple[Route, str] | None:
    """The current platform's call at a path, and the uuid in it."""
    if path == "/nb-iot" or path.startswith("/nb-iot/"):
        return suite.find(method, path.removeprefix("/nb-iot"))
    if (method, path) == ("GET", "/device/detail"):
        return _DEVICE_DETAIL, ""
    if path.startswith("/thingmodel/"):
        return Route(path.removeprefix("/thingmodel/"), False, _no_thing_model), ""
    return None


def _device_detail(call: Call) -> Reply:
    imei = call.params.get("imei") or call.params.get("device_name", "")
    device = call.world.onenet.get(imei)
    if device is None:
        return Reply(10410, "device not found")
    status = 2 if device.is_online(call.real_ms) else 3
    return with_data(
        devices.full(call, device)
        | {
            "did": device.device_id,
            "name": device.imei,
            "imei": device.imei,
            "pid": call.params.get("product_id", ""),
            "status": status,
        }
    )


def _no_thing_model(_call: Call) -> Reply:
    return Reply(10417, "product thing model not found")


_DEVICE_DETAIL = Route("query_device", False, _device_detail)


def _refusal(call: Call) -> Answer | None:
    header = call.request.headers.get("authorization", "")
    resources = _TOKENS
    if call.world.scene.switches["device_token_on_g3"] == "accept" and call.device:  # noqa: S105 - a switch
        resources = _TOKENS | {"2018-10-31": frozenset({f"{ONENET_PRODUCT}/devices/{call.device}"})}
    if header and parse_token(header).get("version") == "2018-10-31" and "2018-10-31" not in resources:
        return _code_answer(call, Reply(10403, "authentication failed:token version not supported"))
    problem = token_problem(header, resources=resources, now_ms=call.now_ms)
    return _code_answer(call, Reply(10403, f"authentication failed:{problem}")) if problem else None


def _wrap(call: Call, reply: Reply) -> Answer:
    is_command = call.request.path.startswith("/nb-iot")
    if is_command and call.world.scene.switches["g3_envelope"] == "errno":
        return errno_answer(call, reply)
    return _code_answer(call, reply)


def _code_answer(call: Call, reply: Reply) -> Answer:
    request_id = name_uuid("request", call.now_ms, call.world.log.next_seq)
    payload = {"code": reply.errno, "msg": reply.error, "request_id": request_id, "data": reply.data}
    return Answer(payload, reply.errno, landed=reply.landed)


FACADE = Facade(_refusal, _wrap)
