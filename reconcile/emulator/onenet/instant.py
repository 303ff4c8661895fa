"""Instant commands: read, write, execute, discover, observe, resource list.

Source: OneNET NB-IoT book, list/4 to list/8 and list/31. A sleeping device costs the caller a TIME_OUT, here without
the wait.
"""

from __future__ import annotations

from reconcile.emulator.call import Call
from reconcile.emulator.onenet import parameters as check
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.objects import SUCCESS
from reconcile.emulator.onenet.reply import Reply, unsuccess, with_data


def write(call: Call) -> Reply:
    """Write resources of one object instance (list/5)."""
    instance = check.instance_of(call.params)
    mode, patience_s = check.mode(call.params), check.timeout_s(call.params)
    data = check.write_data(call)
    device = check.device_of(call, must_be_registered=True)
    if not _hears(call, device, patience_s):
        return _silence(call)
    outcome, landed = device.objects.write(instance, data, mode, call.world.scene.switches)
    return _answered(call, outcome, Reply(landed=landed))


def read(call: Call) -> Reply:
    """Read an object, an instance or a resource (list/4)."""
    path, patience_s = check.path_of(call.params, depth=1), check.timeout_s(call.params)
    device = check.device_of(call, must_be_registered=True)
    if not _hears(call, device, patience_s):
        return _silence(call)
    switches = call.world.scene.switches
    as_hex = switches["opaque_read"] == "hex"
    outcome, result = device.objects.read(path, bin2hex=as_hex, time_unit=switches["time_read"])
    return _answered(call, outcome, with_data(result))


def execute(call: Call) -> Reply:
    """Execute a resource (list/6)."""
    path, patience_s = check.path_of(call.params, depth=3), check.timeout_s(call.params)
    args = check.execute_args(call)
    device = check.device_of(call, must_be_registered=True)
    if not _hears(call, device, patience_s):
        return _silence(call)
    outcome = device.execute(path, args, call.real_ms, None)
    return _answered(call, outcome, Reply(landed=outcome == SUCCESS))


def observe(call: Call) -> Reply:
    """Accept an observation (list/7); the emulator sends no notifications."""
    check.path_of(call.params, depth=1)
    patience_s = check.timeout_s(call.params)
    device = check.device_of(call, must_be_registered=True)
    return Reply() if _hears(call, device, patience_s) else _silence(call)


def discover(call: Call) -> Reply:
    """Instances and resource ids of one object, asked of the device (list/8)."""
    path, patience_s = check.path_of(call.params, depth=1), check.timeout_s(call.params)
    device = check.device_of(call, must_be_registered=True)
    if not _hears(call, device, patience_s):
        return _silence(call)
    found = device.objects.tree(path)
    return with_data(
        [
            {"obj_inst_id": instance, "res_id": sorted(res_ids)}
            for instances in found.values()
            for instance, res_ids in sorted(instances.items())
        ]
    )


def resources(call: Call) -> Reply:
    """The platform's own list of resources, no round trip to the device (list/31). The key is `item`, singular."""
    device = check.device_of(call)
    path = f"/{check.number(call.params, 'obj_id', 0, 65535)}" if call.params.get("obj_id") else ""
    item = [
        {
            "obj_id": obj,
            "instances": [{"inst_id": inst, "resources": sorted(ids)} for inst, ids in sorted(found.items())],
        }
        for obj, found in sorted(device.objects.tree(path).items())
    ]
    return with_data({"total_count": len(item), "item": item})


def _hears(call: Call, device: Device, patience_s: int) -> bool:
    return device.is_reachable(call.real_ms, patience_s) and call.fault("device_silent") is None


def _silence(call: Call) -> Reply:
    return unsuccess("TIME_OUT", call.world.scene.switches)


def _answered(call: Call, outcome: str, success: Reply) -> Reply:
    switches = call.world.scene.switches
    if call.fault("device_answer_lost"):
        return unsuccess("TIME_OUT", switches, landed=success.landed)
    return success if outcome == SUCCESS else unsuccess(outcome, switches, landed=success.landed)
