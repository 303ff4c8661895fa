"""Cached commands: create, cancel one, cancel all.

Source: OneNET NB-IoT book, list/9, list/10, list/11 (create), list/14, list/33 (cancel), FAQ api#5 (ten per device).
"""

from __future__ import annotations

from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet import command as state
from reconcile.emulator.onenet import documented as doc
from reconcile.emulator.onenet import parameters as check
from reconcile.emulator.onenet.command import Command
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.reply import (
    INVALID_PARAMETER,
    LOGIC_LIMIT,
    PARAMETER_REQUIRED,
    RefusedError,
    Reply,
    with_data,
)

COMMANDS_PER_DEVICE = doc.LIMITS["cached_commands_per_device"]
_THIRTY_DAYS_MS = 30 * 86_400_000


def write(call: Call) -> Reply:
    """Queue a write (list/10). Types are checked at delivery only (FAQ#49)."""
    instance, mode = check.instance_of(call.params), check.mode(call.params)
    return _enqueue(call, "WRITE", instance, {"data": check.write_data(call)}, mode)


def execute(call: Call) -> Reply:
    """Queue an execute (list/11)."""
    path = check.path_of(call.params, depth=3)
    args = check.execute_args(call)
    return _enqueue(call, "EXECUTE", path, None if args is None else {"args": args})


def read(call: Call) -> Reply:
    """Queue a read (list/9); `bin2hex` shows opaque values as hexadecimal text."""
    return _enqueue(call, "READ", check.path_of(call.params, depth=1), None)


def cancel(call: Call) -> Reply:
    """Cancel one command. Errno when it cannot be: switch `cancel_refusal`; for an unknown uuid: assumed 5108."""
    device = check.device_of(call)
    command = device.commands.get(call.path_argument)
    if command is None:
        raise RefusedError(INVALID_PARAMETER, "uuid")
    if not _may_cancel(call, command):
        refusal = call.world.scene.switches["cancel_refusal"]
        if refusal == "succ":
            return Reply()
        raise RefusedError(int(refusal), "only a waiting command can be cancelled")
    device.cancel(command)
    return Reply(landed=True)


def cancel_all(call: Call) -> Reply:
    """Cancel every waiting command; answers with the outcome per uuid."""
    device = check.device_of(call)
    succ: list[str] = []
    failed: list[str] = []
    for command in list(device.waiting):
        if _may_cancel(call, command):
            device.cancel(command)
            succ.append(command.uuid)
        else:
            failed.append(command.uuid)
    return with_data({"succ": succ, "failed": failed, "total": len(succ) + len(failed)}, landed=bool(succ))


def _may_cancel(call: Call, command: Command) -> bool:
    if command.send_status != state.WAIT:
        return False
    return call.world.scene.switches["cancel_after_valid_time"] == "allow" or call.now_ms < command.valid_ms


def _enqueue(call: Call, kind: str, path: str, content: Json, mode: int = 0) -> Reply:
    params = call.params
    valid_ms, expired_ms = _validity(call)
    retry, timeout = check.retry(call), check.timeout_s(params)
    trigger = check.number(params, doc.TRIGGER)
    device = check.device_of(call)
    _make_room(call, device)
    command = Command(
        call.world.scene.unique(device.imei),
        device.imei,
        kind,
        path,
        dict(params),
        content,
        mode,
        call.now_ms,
        valid_ms,
        expired_ms,
        trigger,
        retry,
        timeout,
        bin2hex=params.get("bin2hex") == "true",
        remain=retry,
    )
    device.enqueue(command)
    return with_data({"uuid": command.uuid}, landed=True)


def _validity(call: Call) -> tuple[int, int]:
    """valid_time, later than now when given, and expired_time, later than valid_time."""
    given_ms = check.zoneless_time(call, "valid_time")
    if given_ms is not None and given_ms <= call.now_ms:
        raise RefusedError(INVALID_PARAMETER, "valid_time must be later than now")
    valid_ms = call.now_ms if given_ms is None else given_ms
    expired_ms = check.zoneless_time(call, "expired_time")
    if expired_ms is None:
        raise RefusedError(PARAMETER_REQUIRED, "expired_time")
    if expired_ms <= valid_ms:
        raise RefusedError(INVALID_PARAMETER, "expired_time must be later than valid_time")
    if call.world.scene.switches["longest_validity"] == "30d" and expired_ms - call.now_ms > _THIRTY_DAYS_MS:
        raise RefusedError(INVALID_PARAMETER, "expired_time must be within 30 days")
    return valid_ms, expired_ms


def _make_room(call: Call, device: Device) -> None:
    switches = call.world.scene.switches
    match switches["limit_counts"]:
        case "waiting":
            counted = [command for command in device.waiting if command.send_status == state.WAIT]
        case "all":
            counted = list(device.commands.values())
        case _:
            counted = device.waiting
    if len(counted) < COMMANDS_PER_DEVICE:
        return
    if switches["cached_limit"] == "refuse":
        raise RefusedError(LOGIC_LIMIT, f"{COMMANDS_PER_DEVICE} cached commands per device")
    oldest = counted[0]
    if oldest.is_open:
        device.cancel(oldest)
    if switches["limit_counts"] == "all":
        del device.commands[oldest.uuid]
