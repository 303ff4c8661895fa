"""The path decides the cloud and the generation of its API."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from reconcile.emulator.aliyun import rpc
from reconcile.emulator.call import Call
from reconcile.emulator.messages import Request
from reconcile.emulator.onenet import classic, current, studio
from reconcile.emulator.onenet.engine import open_call
from reconcile.emulator.onenet.reply import Reply
from reconcile.emulator.onenet.table import Endpoint, Route

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
            facade = classic.FACADE
        case "nb-iot" | "device" | "thingmodel" | "datapoint" | "project":
            facade = current.FACADE
        case name if name in studio.NAMESPACES and path.count("/") == 1:
            action = dict(parse_qsl(request.query, keep_blank_values=True)).get("action", "")
            found = studio.FACADE.table.find(request.method, path.lower(), action)
            return open_call(world, request, now_ms, found or _unbuilt(request, action), studio.FACADE)
        case _:
            return None
    if path == "/devices/nbiot" and world.scene.switches["devices_nbiot"] == "accept":
        path = "/nbiot"
    found = facade.table.find(request.method, path)
    return open_call(world, request, now_ms, found or _unbuilt(request), facade)


def endpoints() -> dict[str, tuple[Endpoint, ...]]:
    """Every OneNET call the emulator knows, with its parameters, by façade: classic, studio, current."""
    return {facade.name: facade.table.endpoints for facade in (classic.FACADE, studio.FACADE, current.FACADE)}


def _unbuilt(request: Request, action: str = "") -> tuple[Route, str]:
    """A call of the vendor's which the emulator does not know, logged under its own name."""
    head = request.path.split("/", 2)[1].lower()
    is_thing = head in ("device", "thingmodel", "datapoint", "project", "application", "common")
    name = action if action.isascii() and action.isalnum() else f"{request.method} {request.path}"
    reply = Reply("invalidParameter", "no such call") if is_thing else Reply(8, "not found")
    family = "thing" if is_thing else "devices" if head == "devices" else "command"
    return Route(name, False, lambda _: reply, family=family), ""
