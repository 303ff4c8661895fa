"""From an HTTP request to an engine call and back: what the three façades have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from reconcile.emulator.auth_onenet import parse_token
from reconcile.emulator.call import Call, strict_json
from reconcile.emulator.messages import Answer, Json, Request
from reconcile.emulator.onenet import rate
from reconcile.emulator.onenet.reply import CURRENT_TEXTS, DEVICE_TEXTS, TEXTS, RefusedError, Reply, unsuccess
from reconcile.emulator.onenet.table import Route, Table

if TYPE_CHECKING:
    from reconcile.emulator.world import World


@dataclass(frozen=True, slots=True)
class Facade:
    """A generation's manners: where its calls lie, who is let in, and how a reply is wrapped.

    `refusal(call)` answers callers with bad credentials and is None for the others.
    """

    name: str
    table: Table
    refusal: Callable[[Call], Answer | None]
    wrap: Callable[[Call, Reply], Answer]


def errno_answer(_call: Call, reply: Reply) -> Answer:
    """The errno/error/data envelope."""
    payload: dict[str, Json] = {"errno": reply.errno, "error": reply.error}
    if reply.has_data:
        payload["data"] = reply.data
    return Answer(payload, reply.errno, landed=reply.landed)


def open_call(world: World, request: Request, now_ms: int, found: tuple[Route, str], facade: Facade) -> Call:
    """The call a request makes, described for faults and the log, not yet checked.

    `found` is a route and the uuid or device id in its path.
    """
    route, argument = found
    body, is_body_json = _body(request.body)
    params = _parameters(world, request, body)
    if route.family == "thing":
        device, target, precondition = _thing(world, params, body)
    else:
        device = params.get("imei") or _imei_of_id(world, argument)
        target, precondition = argument or _target(route.operation, params) or None, _precondition(request, params)
    return Call(
        world,
        request,
        now_ms,
        "onenet",
        route.operation,
        route.mutating,
        _runner(route, facade),
        _failer(route, facade),
        params,
        path_argument=argument,
        device=device,
        target=target,
        body=body,
        precondition=precondition,
        is_body_json=is_body_json,
    )


def _runner(route: Route, facade: Facade) -> Callable[[Call], Answer]:
    def run(call: Call) -> Answer:
        refusal = facade.refusal(call) or rate.refusal(call, facade.name, _throttled(route, facade))
        if refusal is not None:
            return refusal
        try:
            reply = route.action(call)
        except RefusedError as refused:
            reply = refused.reply
        answer = facade.wrap(call, reply)
        if call.world.scene.switches["instant_waits"] == "yes" and reply.waited_s:
            return replace(answer, delay_s=answer.delay_s or reply.waited_s)
        return replace(answer, delay_s=0.0) if answer.delay_s else answer

    return run


def _throttled(route: Route, facade: Facade) -> Callable[[Call], Answer]:
    fail = _failer(route, facade)
    return lambda call: fail(call, "throttle", "")


def _failer(route: Route, facade: Facade) -> Callable[[Call, str, str], Answer]:
    texts = {"devices": DEVICE_TEXTS, "thing": CURRENT_TEXTS}.get(route.family, TEXTS)

    def fail(call: Call, kind: str, argument: str) -> Answer:
        if kind == "server_error":
            return Answer({"errno": 7, "error": TEXTS[7]}, 7, status=500)
        if kind == "throttle":
            if call.world.scene.switches["throttle_signal"] == "http429":
                return Answer({"error": "too many requests"}, 429, status=429)
            return facade.wrap(call, Reply(15, DEVICE_TEXTS[15]))
        number, _, reason = argument.partition(":")
        if number == "5106":
            return facade.wrap(call, unsuccess(reason or "TIME_OUT", call.world.scene.switches))
        if not number.isdecimal() or len(number) > 8:
            return facade.wrap(call, Reply(number, reason or number) if route.family == "thing" else Reply(7, texts[7]))
        return facade.wrap(call, Reply(int(number), reason or texts.get(int(number), "unknown error")))

    return fail


def _body(raw: bytes) -> tuple[Json, bool]:
    if not raw:
        return None, True
    try:
        return strict_json(raw), True
    except ValueError:
        return None, False


def _parameters(world: World, request: Request, body: Json) -> Mapping[str, str]:
    """The query's parameters, and with switch `parameters_in` those of a JSON body that the query does not have."""
    params = dict(parse_qsl(request.query, keep_blank_values=True))
    if world.scene.switches["parameters_in"] == "query" or not isinstance(body, dict):
        return params
    told = {name: _as_text(value) for name, value in body.items() if isinstance(value, (str, int, float))}
    return told | params


def _as_text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _thing(world: World, params: Mapping[str, str], body: Json) -> tuple[str | None, Json, Json]:
    """Device, identifiers and conditions of a thing-model call, wherever it carries them."""
    told = body if isinstance(body, dict) else {}
    product, name = (str(told.get(key) or params.get(key) or "") for key in ("product_id", "device_name"))
    asked, identity = told.get("params"), f"{product}/{name}" if product and name else None
    if params.get("imei") in world.onenet:
        identity = params["imei"]
    elif identity in world.onenet_by_name:
        identity = world.onenet_by_name[identity].imei
    if isinstance(asked, dict):
        versions = {key: one["version"] for key, one in asked.items() if isinstance(one, dict) and "version" in one}
        return identity, list(asked), {"versions": versions} if versions else None
    return identity, asked if isinstance(asked, list) else None, None


def _imei_of_id(world: World, device_id: str) -> str | None:
    device = world.onenet_by_id.get(device_id)
    return device.imei if device else None


def _target(operation: str, params: Mapping[str, str]) -> str:
    """`/obj/inst` of a write, `/obj[/inst[/res]]` of everything else that names one."""
    names = (
        ("obj_id", "obj_inst_id") if operation in ("write_now", "queue_write") else ("obj_id", "obj_inst_id", "res_id")
    )
    return "".join(f"/{params[name]}" for name in names if params.get(name))


def _precondition(request: Request, params: Mapping[str, str]) -> dict[str, Json] | None:
    """What the platform holds the request against: the token's `et`, and a cached command's validity."""
    found: dict[str, Json] = {name: params[name] for name in ("valid_time", "expired_time", "retry") if name in params}
    if "authorization" in request.headers:
        et = parse_token(request.headers["authorization"]).get("et", "")
        if et.isdecimal() and len(et) <= 12:
            found["et"] = int(et)
    return found or None
