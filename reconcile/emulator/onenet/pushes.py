"""What the platform would push over HTTP: kept as a list, sent nowhere.

Source: OneNET NB-IoT book, manual/httppush: types 1 (data point), 2 (online, offline), 7 (cached command).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.command import Command
from reconcile.emulator.onenet.reply import REASONS

if TYPE_CHECKING:
    from reconcile.emulator.onenet.device import Device

_NB_IOT = 10
_CONFIRM = 2


def point(device: Device, path: str, at_ms: int, value: Json) -> None:
    """A data point has arrived, or will at `at_ms`."""
    stream = path.strip("/").replace("/", "_")
    _push(device, {"type": 1, "imei": device.imei, "ds_id": stream, "at": at_ms, "value": value})


def presence(device: Device, at_ms: int, *, is_online: bool) -> None:
    """The device came online, or is offline by its lifetime or its own word."""
    _push(device, {"type": 2, "status": int(is_online), "login_type": _NB_IOT, "at": at_ms})


def ended(device: Device, command: Command) -> None:
    """A cached command was confirmed, or (switch `push_ended`) expired or was cancelled."""
    confirm = command.confirm_status
    if confirm is None and device.scene.switches["push_ended"] == "no":
        return
    message: dict[str, Json] = {
        "type": 7,
        "cmd_id": command.uuid,
        "imei": device.imei,
        "cmd_type": _CONFIRM,
        "send_status": command.send_status,
    }
    if command.sent_ms is not None:
        message["send_time"] = command.sent_ms
    if confirm is not None:
        message |= {"confirm_time": command.confirmed_ms, "confirm_status": REASONS.get(confirm, -1)}
    if command.result is not None:
        obj_id = int(command.path.split("/")[1])
        message["confirm_body"] = {"obj_id": obj_id, "obj_inst": command.result}
    _push(device, message)


def _push(device: Device, message: dict[str, Json]) -> None:
    device.scene.pushes.append({"dev_id": int(device.device_id) if device.device_id.isdecimal() else 0} | message)
