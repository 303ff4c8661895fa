"""From an HTTP request to an engine call and back: what the three façades have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from reconcile.emulator.auth_onenet import parse_token
from reconcile.emulator.call import Call, strict_json
from reconcile.emulator.messages import Answer, Json, Request
from reconcile.emulator.onenet.reply import TEXTS, RefusedError, Reply, unsuccess

if TYPE_CHECKING:
    from reconcile.emulator.world import World

Action = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A vendor's call: our name for it, whether it changes anything, and the engine function."""

    operation: str
    mutating: bool
    action: Action


@dataclass(frozen=True, slots=True)
class Facade:
    """A generation's manners: who is let in, and how a reply is wrapped.

    `refusal(call)` answers callers with bad credentials and is None for the others.
    """

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
    params = dict(parse_qsl(request.query, keep_blank_values=True))
    body, is_body_json = _body(request.body)
    return Call(
        world,
        request,
        now_ms,
        "onenet",
        route.operation,
        route.mutating,
        _runner(route, facade),
        _failer(facade),
        params,
        path_argument=argument,
        device=params.get("imei") or _imei_of_id(world, argument),
        target=argument or _target(route.operation, params) or None,
        body=body,
        precondition=_precondition(request, params),
        is_body_json=is_body_json,
    )


def _runner(route: Route, facade: Facade) -> Callable[[Call], Answer]:
    def run(call: Call) -> Answer:
        refusal = facade.refusal(call)
        if refusal is not None:
            return refusal
        try:
            reply = route.action(call)
        except RefusedError as refused:
            reply = refused.reply
        return facade.wrap(call, reply)

    return run


def _failer(facade: Facade) -> Callable[[Call, str, str], Answer]:
    def fail(call: Call, kind: str, argument: str) -> Answer:
        if kind == "server_error":
            return Answer({"errno": 7, "error": TEXTS[7]}, 7, status=500)
        errno = "15" if kind == "throttle" else argument
        number, _, reason = errno.partition(":")
        if number == "5106":
            return facade.wrap(call, unsuccess(reason or "TIME_OUT", call.world.scene.switches))
        code = int(number) if number.isdecimal() and len(number) < 9 else 7
        return facade.wrap(call, Reply(code, TEXTS.get(code, "unknown error")))

    return fail


def _body(raw: bytes) -> tuple[Json, bool]:
    if not raw:
        return None, True
    try:
        return strict_json(raw), True
    except ValueError:
        return None, False


def _imei_of_id(world: World, device_id: str) -> str | None:
    device = world.onenet_by_id.get(device_id)
    return device.imei if device else None


def _target(operation: str, params: dict[str, str]) -> str:
    """`/obj/inst` of a write, `/obj[/inst[/res]]` of everything else that names one."""
    names = (
        ("obj_id", "obj_inst_id") if operation in ("write_now", "queue_write") else ("obj_id", "obj_inst_id", "res_id")
    )
    return "".join(f"/{params[name]}" for name in names if params.get(name))


def _precondition(request: Request, params: dict[str, str]) -> dict[str, Json] | None:
    """What the platform holds the request against: the token's `et`, and a cached command's validity."""
    found: dict[str, Json] = {name: params[name] for name in ("valid_time", "expired_time", "retry") if name in params}
    if "authorization" in request.headers:
        et = parse_token(request.headers["authorization"]).get("et", "")
        if et.isdecimal() and len(et) <= 12:
            found["et"] = int(et)
    return found or None
