"""An uplink releases cached commands: each is sent once, and answered, refused, or met by silence.

Source: OneNET NB-IoT book, list/10 (retry, trigger_msg), FAQ api#7 (uplinks trigger), FAQ#171 and FAQ#194.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.emulator.faults import DELIVERY, Fault
from reconcile.emulator.onenet import command as state
from reconcile.emulator.onenet import pushes
from reconcile.emulator.onenet.command import Command
from reconcile.emulator.onenet.objects import SUCCESS
from reconcile.emulator.onenet.reply import REASONS
from reconcile.emulator.sleep import sends

if TYPE_CHECKING:
    from reconcile.emulator.onenet.device import Device

UNPERFORMED = frozenset(REASONS) - {SUCCESS, "RESP_ERROR", "TIME_OUT"}
"""Answers of a device that has done nothing; after the others it may have."""


def deliver(device: Device, at_ms: int, uplink: int) -> None:
    """Send what an uplink of that kind releases, in order."""
    switches = device.scene.switches
    device.expire(at_ms)
    notify_retries = switches["notify_retries"] == "yes"
    due = [command for command in device.waiting if command.is_due(at_ms, uplink, notify_retries=notify_retries)]
    for command in due[:1] if switches["uplink_releases"] == "one" else due:
        is_answered = _attempt(device, command, at_ms)
        if not is_answered and switches["delivery"] == "serial":
            return


def repeats(device: Device, faults: tuple[Fault, ...], timeout_s: int) -> int:
    """How often a device carries one command out: more than once when it forgets what it has seen and is not heard."""
    unheard = any(fault.name == "device_answer_lost" for fault in faults)
    if unheard and device.scene.switches["coap_dedup"] == "no":
        return len(sends(timeout_s * 1000))
    return 1


def _attempt(device: Device, command: Command, at_ms: int) -> bool:
    """Send a command once. Silence costs a retry; an answer, good or bad, ends the command."""
    faults = device.scene.faults.pick(DELIVERY, device.imei, "onenet")
    names = {fault.name for fault in faults}
    forced = next((fault.argument for fault in faults if fault.name == "device_answers"), "")
    if command.type == "WRITE" and not device.can_hold(command.content["data"]):
        names.add("device_silent")
    command.attempts += 1
    command.sent_ms = at_ms
    outcome = forced or "TIME_OUT"
    if "device_silent" not in names and forced not in UNPERFORMED:
        for _ in range(repeats(device, faults, command.timeout)):
            outcome = _perform(device, command, at_ms)
    if names & {"device_silent", "device_answer_lost"} or forced == "TIME_OUT":
        _unanswered(device, command, at_ms)
        return False
    _answered(device, command, at_ms, forced or outcome)
    return True


def _answered(device: Device, command: Command, at_ms: int, outcome: str) -> None:
    switches = device.scene.switches
    device.waiting.remove(command)
    command.confirmed_ms = at_ms
    if outcome == "UNDEFINED":
        command.send_status = int(switches["undefined_status"])
        return
    command.confirm_status = outcome
    if outcome != SUCCESS:
        command.result = None
    refused_as_failed = outcome != SUCCESS and switches["negative_answer"] == "failed"
    command.send_status = state.FAILED if refused_as_failed else state.DELIVERED
    command.feedback.append((at_ms, 0))
    pushes.ended(device, command)


def _perform(device: Device, command: Command, at_ms: int) -> str:
    switches, objects = device.scene.switches, device.objects
    match command.type:
        case "WRITE":
            before = objects.values()
            outcome, paths = objects.write(command.path, command.content["data"], command.mode, switches)
            device.changed({path: before.get(path) for path in paths}, at_ms)
            return outcome
        case "EXECUTE":
            args = command.content.get("args") if command.content else None
            return device.execute(command.path, args, at_ms, command.uuid)
        case _:
            outcome, command.result, read = objects.read(command.path, bin2hex=command.bin2hex, switches=switches)
            if switches["instant_points"] == "yes":
                device.report(read, at_ms)
            return outcome


def _unanswered(device: Device, command: Command, at_ms: int) -> None:
    command.result = None
    if command.remain == 0:
        device.waiting.remove(command)
        command.send_status = state.FAILED
        command.confirmed_ms = at_ms
        command.confirm_status = "TIME_OUT"
        pushes.ended(device, command)
        return
    command.remain -= 1
    command.send_status = state.SENT if device.scene.switches["between_retries"] == "sent" else state.WAIT
    if device.scene.switches["retry_position"] == "back":
        device.waiting.remove(command)
        device.waiting.append(command)
