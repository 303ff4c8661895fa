"""Instant commands: read, write, execute, observe, discover, resource list, trace.

Source: OneNET NB-IoT book, list/4 to list/8, list/31, list/32. A sleeping device costs the caller a TIME_OUT, here
without the wait (switch `instant_waits`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet import delivery
from reconcile.emulator.onenet import documented as doc
from reconcile.emulator.onenet import parameters as check
from reconcile.emulator.onenet.command import Instant
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.objects import SUCCESS
from reconcile.emulator.onenet.reply import (
    BUSY,
    INVALID_PARAMETER,
    PARAMETER_REQUIRED,
    RefusedError,
    Reply,
    unsuccess,
    with_data,
)

Performed = tuple[str, Reply]
"""A device's outcome, and the reply if that is SUCCESS."""


def write(call: Call) -> Reply:
    """Write resources of one object instance (list/5)."""
    instance = check.instance_of(call.params)
    mode, timeout_s = check.mode(call.params), check.timeout_s(call.params)
    data = check.write_data(call)

    def perform(device: Device) -> Performed:
        if not device.can_hold(data):
            return "TIME_OUT", Reply()
        before = device.objects.values()
        outcome, paths = device.objects.write(instance, data, mode, call.world.scene.switches)
        device.changed({path: before.get(path) for path in paths}, call.real_ms)
        _store(call, device, paths)
        return outcome, Reply(landed=bool(paths))

    return _command(call, "WRITE", instance, timeout_s, perform)


def read(call: Call) -> Reply:
    """Read an object, an instance or a resource (list/4)."""
    path, timeout_s = check.path_of(call.params, depth=1), check.timeout_s(call.params)
    switches = call.world.scene.switches

    def perform(device: Device) -> Performed:
        outcome, found, paths = device.objects.read(path, bin2hex=switches["opaque_read"] == "hex", switches=switches)
        _store(call, device, paths)
        return outcome, with_data(found)

    return _command(call, "READ", path, timeout_s, perform)


def execute(call: Call) -> Reply:
    """Execute a resource (list/6)."""
    path, timeout_s = check.path_of(call.params, depth=3), check.timeout_s(call.params)
    args = check.execute_args(call)
    if args is None and call.world.scene.switches["execute_body"] == "required":
        raise RefusedError(PARAMETER_REQUIRED, "args")

    def perform(device: Device) -> Performed:
        outcome = device.execute(path, args, call.real_ms, None)
        return outcome, Reply(landed=outcome == SUCCESS)

    return _command(call, "EXECUTE", path, timeout_s, perform)


def observe(call: Call) -> Reply:
    """Begin or end an observation (list/8). Anything but true for `cancel` begins one."""
    path, timeout_s = check.path_of(call.params, depth=1), check.timeout_s(call.params)
    is_end = check.text(call.params, doc.CANCEL) == "true"
    rule = _observe_rule(call, path)

    def perform(device: Device) -> Performed:
        if not (device.objects.is_open or device.objects.paths(path)):
            return "NOT_FOUND", Reply()
        if is_end:
            device.observations.cancel(path)
        else:
            device.observations.start(path, rule)
        return SUCCESS, Reply(landed=True)

    return _command(call, "OBSERVE", path, timeout_s, perform)


def discover(call: Call) -> Reply:
    """Instances and resource ids of one object, asked of the device (list/31); the platform's list follows."""
    path, timeout_s = check.path_of(call.params, depth=1), check.timeout_s(call.params)
    asked = "/".join(path.split("/")[:3])

    def perform(device: Device) -> Performed:
        device.unlisted.difference_update(device.objects.paths(asked))
        found = device.objects.tree(asked)
        rows = [
            {"obj_inst_id": instance, "res_id": sorted(res_ids)}
            for instances in found.values()
            for instance, res_ids in sorted(instances.items())
        ]
        return SUCCESS, with_data(rows)

    device = check.device_of(call, must_be_registered=True)
    if call.world.scene.switches["resource_list"] == "emptied":
        device.unlisted.update(device.objects.paths(asked))
    return _command(call, "", asked, timeout_s, perform)


def resources(call: Call) -> Reply:
    """The platform's own list of resources, no round trip to the device (list/7). The key is `item`, singular."""
    device = check.device_of(call)
    path = f"/{check.number(call.params, doc.OBJ)}" if call.params.get("obj_id") else ""
    item = [
        {
            "obj_id": obj,
            "instances": [{"inst_id": inst, "resources": sorted(ids)} for inst, ids in sorted(found.items())],
        }
        for obj, found in sorted(device.objects.tree(path, frozenset(device.unlisted)).items())
    ]
    return with_data({"total_count": len(item), "item": item})


def _command(call: Call, kind: str, path: str, timeout_s: int, perform: Callable[[Device], Performed]) -> Reply:
    """Send a command to the device, as often as the platform repeats it, and wait for the answer."""
    switches = call.world.scene.switches
    device = check.device_of(call, must_be_registered=True)
    if switches["instant_in_flight"] == "busy" and call.real_ms < device.busy_until_ms:
        raise RefusedError(BUSY)
    forced = next((fault.argument for fault in call.faults if fault.name == "device_answers"), "")
    heard_ms = device.session.heard_after(call.real_ms, timeout_s)
    if heard_ms is None or call.fault("device_silent") or forced == "TIME_OUT":
        outcome, reply = "TIME_OUT", Reply()
    elif forced in delivery.UNPERFORMED:
        outcome, reply = forced, Reply()
    else:
        for _ in range(delivery.repeats(device, call.faults, timeout_s)):
            outcome, reply = perform(device)
        outcome = "TIME_OUT" if call.fault("device_answer_lost") else forced or outcome
    waited_s = timeout_s if outcome == "TIME_OUT" else (heard_ms or 0) / 1000
    device.busy_until_ms = call.real_ms + int(waited_s * 1000)
    made = unsuccess(outcome, switches, landed=reply.landed) if outcome != SUCCESS else reply
    if kind:
        made = _traced(
            call, device, Instant(call.world.scene.unique(device.imei), kind, path, call.real_ms, outcome), made
        )
    return replace(made, waited_s=waited_s)


def _traced(call: Call, device: Device, instant: Instant, reply: Reply) -> Reply:
    device.note(instant)
    if call.world.scene.switches["instant_uuid"] == "absent":
        return reply
    found: Json = reply.data if isinstance(reply.data, dict) else {}
    return replace(reply, data=found | {"uuid": instant.uuid}, has_data=True) if not reply.data else reply


def _store(call: Call, device: Device, paths: tuple[str, ...]) -> None:
    if call.world.scene.switches["instant_points"] == "yes":
        device.report(paths, call.real_ms)


def _observe_rule(call: Call, path: str) -> dict[str, float]:
    """gt, lt and st, after the rules of list/8: pmax >= pmin, lt + 2 st < gt, all of them on one resource only."""
    params = call.params
    if params.get("pmin") and params.get("pmax"):
        pmin, pmax = check.number(params, doc.PMIN), check.number(params, doc.PMAX)
        if not 0 < pmin <= pmax:
            raise RefusedError(INVALID_PARAMETER, "pmax must not be below pmin, both above 0")
    elif params.get("pmin") or params.get("pmax"):
        check.number(params, doc.PMIN if params.get("pmin") else doc.PMAX)
    given = {one.name: check.real(params, one) for one in (doc.GREATER, doc.LESS, doc.STEP)}
    rule = {name: value for name, value in given.items() if value is not None}
    if rule and path.count("/") != 3:
        raise RefusedError(PARAMETER_REQUIRED, "res_id, which gt, lt and st need")
    if "gt" in rule and "lt" in rule and not rule["lt"] + 2 * rule.get("st", 0.0) < rule["gt"]:
        raise RefusedError(INVALID_PARAMETER, "lt + 2 st must be below gt")
    return rule
