"""The path decides the cloud and the generation of its API."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from reconcile.emulator.aliyun import rpc
from reconcile.emulator.call import Call
from reconcile.emulator.messages import Request
from reconcile.emulator.onenet import classic, current, studio
from reconcile.emulator.onenet.engine import Facade, Route, open_call
from reconcile.emulator.onenet.reply import Reply

if TYPE_CHECKING:
    from reconcile.emulator.world import World


def find(world: World, request: Request, now_ms: int) -> Call | None:
    """The call a request makes; None at a path no cloud serves."""
    path = request.path.rstrip("/")
    if not path:
        return rpc.open_call(world, request, now_ms)
    head = path.split("/", 2)[1].lower()
    match head:
        case "nbiot" | "devices":
            found, facade = classic.find(request.method, path), classic.FACADE
        case "nb-iot" | "device" | "thingmodel":
            found, facade = current.find(request.method, path), current.FACADE
        case "lwm2m-online" | "lwm2m-offline":
            action = dict(parse_qsl(request.query, keep_blank_values=True)).get("action", "")
            found, facade = studio.find(request.method, path, action), studio.FACADE
        case _:
            return None
    if found is None:
        return _unbuilt(world, request, now_ms, facade)
    return open_call(world, request, now_ms, found, facade)


def _unbuilt(world: World, request: Request, now_ms: int, facade: Facade) -> Call:
    """A call of the vendor's which the emulator does not know, logged under its own name."""
    route = Route(f"{request.method} {request.path}", False, lambda _: Reply(8, "not found"))
    return open_call(world, request, now_ms, (route, ""), facade)
