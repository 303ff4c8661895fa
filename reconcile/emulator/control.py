"""The control calls below `/_emulator`: truth of the devices, the clock, faults, switches, the log."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from reconcile.emulator import views
from reconcile.emulator.aliyun.device import Device as AliyunDevice
from reconcile.emulator.aliyun.values import WrittenFloat
from reconcile.emulator.call import strict_json
from reconcile.emulator.clock import iso
from reconcile.emulator.faults import FaultError, parse_rules
from reconcile.emulator.messages import Answer, Json, Request
from reconcile.emulator.onenet.command import UPLINKS
from reconcile.emulator.onenet.device import Device as OneNetDevice
from reconcile.emulator.onenet.thing import Thing
from reconcile.emulator.openapi.document import document
from reconcile.emulator.switches import SwitchError, settings
from reconcile.emulator.switches import views as switch_views

if TYPE_CHECKING:
    from reconcile.emulator.world import World


_LONGEST_S = 10 * 366 * 86400


class _BadRequestError(Exception):
    pass


class _NoDeviceError(Exception):
    pass


def answer(world: World, request: Request, now_ms: int) -> Answer:
    """The answer to a control call; 400 with a message for one without sense, 404 for an unknown path or device."""
    try:
        payload = _dispatch(world, request, [unquote(part) for part in request.path.split("/")[2:]], now_ms)
    except (_BadRequestError, FaultError, SwitchError) as exc:
        return Answer({"error": str(exc)}, 400, status=400)
    except _NoDeviceError as exc:
        return Answer({"error": str(exc)}, 404, status=404)
    return Answer({"error": "no such control call"}, 404, status=404) if payload is None else Answer(payload, 200)


def _dispatch(world: World, request: Request, parts: list[str], now_ms: int) -> Json:
    match request.method, parts:
        case "GET", ["health"]:
            return {"ok": True, "now": iso(now_ms)}
        case "GET", ["openapi.json"]:
            return document()
        case "GET", ["log"]:
            return world.log.after(_after(request))
        case "GET", ["pushes"]:
            world.settle(now_ms)
            return [push for push in world.scene.pushes[_after(request) :] if push.get("at", 0) <= now_ms]
        case "GET", ["devices"]:
            world.settle(now_ms)
            return [
                *(views.onenet(d, now_ms) for d in world.onenet.values()),
                *(views.thing(d, now_ms) for d in world.things.values()),
                *(views.aliyun(d, now_ms) for d in world.aliyun.values()),
            ]
        case _, ["devices", *which]:
            return _device(world, request, which, now_ms)
        case "POST", ["clock"]:
            return _advance(world, _object(request.body), now_ms)
        case "GET", ["faults"]:
            return {"rules": [rule.view() for rule in world.scene.faults.rules]}
        case "POST", ["faults"]:
            world.scene.faults.rules = parse_rules(_object(request.body))
            return {"rules": [rule.view() for rule in world.scene.faults.rules]}
        case "GET", ["switches"]:
            return switch_views(world.scene.switches)
        case "POST", ["switches"]:
            world.scene.switches.update(settings(_object(request.body), onto=world.scene.switches))
            return switch_views(world.scene.switches)
        case "POST", ["reset"]:
            world.reset()
            return {"ok": True}
    return None


def _device(world: World, request: Request, which: list[str], now_ms: int) -> Json:
    match which:
        case ["onenet", product, name, *rest] if f"{product}/{name}" in world.things:
            return _thing(world.things[f"{product}/{name}"], request, rest, now_ms)
        case ["onenet", imei, *rest]:
            if imei in world.onenet:
                return _onenet(world.onenet[imei], request, rest, now_ms)
            found = f"no OneNET device {imei!r}"
        case ["aliyun", product, name, *rest]:
            if f"{product}/{name}" in world.aliyun:
                return _aliyun(world, world.aliyun[f"{product}/{name}"], request, rest, now_ms)
            found = f"no Aliyun device {f'{product}/{name}'!r}"
        case _:
            found = (
                "no device at that path; they are devices/onenet/IMEI, devices/onenet/PRODUCTID/DEVICENAME and "
                "devices/aliyun/PRODUCTKEY/DEVICENAME"
            )
    raise _NoDeviceError(f"{found}. GET /_emulator/devices lists those there are.")


def _onenet(device: OneNetDevice, request: Request, rest: list[str], now_ms: int) -> Json:
    device.settle(now_ms)
    match request.method, rest:
        case "GET", []:
            pass
        case "POST", ["uplink"]:
            device.uplink(_uplink_kind(request.body), now_ms)
        case "POST", ["console"]:
            changes = _object(request.body)
            for path in changes:
                if len([part for part in path.split("/")[1:] if part.isdecimal()]) != 3:
                    raise _BadRequestError(f"{path!r} is not a resource path /obj/inst/res")
            device.put(changes, now_ms)
        case _:
            return None
    return views.onenet(device, now_ms)


def _thing(device: Thing, request: Request, rest: list[str], now_ms: int) -> Json:
    device.settle(now_ms)
    match request.method, rest:
        case "GET", []:
            pass
        case "POST", ["uplink"]:
            device.uplink(_uplink_kind(request.body), now_ms)
        case "POST", ["console"]:
            device.put(_object(request.body), now_ms)
        case _:
            return None
    return views.thing(device, now_ms)


def _aliyun(world: World, device: AliyunDevice, request: Request, rest: list[str], now_ms: int) -> Json:
    device.settle(now_ms)
    match request.method, rest:
        case "GET", []:
            pass
        case "POST", ["uplink"]:
            if _uplink_kind(request.body) == "deregister":
                raise _BadRequestError("a device of Aliyun has no registration to end")
            device.uplink(now_ms)
        case "POST", ["console"]:
            _console(world, device, _object(request.body), now_ms)
        case _:
            return None
    return views.aliyun(device, now_ms)


def _console(world: World, device: AliyunDevice, items: dict[str, Json], now_ms: int) -> None:
    """Somebody else sets desired values in the cloud, without a version check."""
    for key, value in items.items():
        if value is None:
            device.clear_desired(key, now_ms, world.scene.switches["null_version"])
        else:
            device.set_desired(
                key, WrittenFloat(repr(value)) if isinstance(value, float) else value, now_ms, same_raises=True
            )
    device.notice([key for key, value in items.items() if value is not None], now_ms)


def _advance(world: World, body: dict[str, Json], now_ms: int) -> Json:
    seconds = body.get("advance_s")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= _LONGEST_S:
        raise _BadRequestError(f"advance_s is a number of seconds from 0 to {_LONGEST_S}")
    advance_ms = int(seconds * 1000)
    world.advanced_ms += advance_ms
    return {"ok": True, "now": iso(now_ms + advance_ms)}


def _uplink_kind(body: bytes) -> str:
    kind = _object(body).get("kind", "update")
    if not isinstance(kind, str) or kind not in UPLINKS:
        raise _BadRequestError(f"kind is one of {', '.join(UPLINKS)}, not {kind!r}")
    return str(kind)


def _object(body: bytes) -> dict[str, Json]:
    try:
        parsed = strict_json(body or b"{}")
    except ValueError as exc:
        raise _BadRequestError(f"body is not JSON: {exc}") from exc
    if not isinstance(parsed, dict):
        raise _BadRequestError("body is not a JSON object")
    return parsed


def _after(request: Request) -> int:
    return _whole(dict(parse_qsl(request.query)).get("after", "0"))


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise _BadRequestError(f"after is a sequence number, not {text!r}")
    return int(text)
