"""Devices as the control calls show them: the truth, not what a cloud would say."""

from __future__ import annotations

from reconcile.emulator.aliyun.device import Device as AliyunDevice
from reconcile.emulator.clock import iso
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.command import STATE_NAMES, Command
from reconcile.emulator.onenet.device import Device as OneNetDevice
from reconcile.emulator.onenet.thing import Thing


def onenet(device: OneNetDevice, now_ms: int) -> dict[str, Json]:
    """An NB-IoT device; the keys of the other cloud are there and empty."""
    return {
        "cloud": "onenet",
        "imei": device.imei,
        "device_id": device.device_id,
        "online": device.session.is_online(now_ms),
        "reachable": device.session.heard_after(now_ms, 0) is not None,
        "last_uplink": _moment(device.session.last_uplink(now_ms)),
        "values": device.objects.values(),
        "executions": device.executions,
        "queue": [_command(command) for command in device.commands.values()],
        "instants": [instant.view() for instant in device.instants.values()],
        "desired": {},
        "reported": {},
    }


def thing(device: Thing, now_ms: int) -> dict[str, Json]:
    """A device of a OneJSON product."""
    return {
        "cloud": "onenet",
        "productId": device.product_id,
        "deviceName": device.name,
        "online": device.session.is_online(now_ms),
        "reachable": device.hears(now_ms, 0),
        "last_uplink": _moment(device.session.last_uplink(now_ms)),
        "values": device.values,
        "executions": [],
        "queue": [],
        "desired": {
            key: {"value": wish.value, "version": wish.version, "time": iso(wish.time_ms)}
            for key, wish in device.desired.items()
        },
        "reported": {key: {"value": value, "time": iso(at_ms)} for key, (value, at_ms) in device.reported.items()},
    }


def aliyun(device: AliyunDevice, now_ms: int) -> dict[str, Json]:
    """An Aliyun device; a cleared desired value is null and keeps its version."""
    return {
        "cloud": "aliyun",
        "productKey": device.product_key,
        "deviceName": device.device_name,
        "iotId": device.iot_id,
        "online": device.is_online(now_ms),
        "status": device.status(now_ms),
        "last_uplink": _moment(device.last_uplink(now_ms)),
        "values": device.values,
        "tags": device.tags,
        "executions": device.executions,
        "queue": [],
        "desired": {
            key: {"value": wish.value if wish.is_set else None, "version": wish.version, "time": iso(wish.time_ms)}
            for key, wish in device.desired.items()
        },
        "reported": {key: {"value": value, "time": iso(at_ms)} for key, (value, at_ms) in device.reported.items()},
    }


def _command(command: Command) -> dict[str, Json]:
    return {
        "uuid": command.uuid,
        "type": command.type,
        "path": command.path,
        "content": command.content,
        "state": STATE_NAMES.get(command.send_status, "undefined"),
        "send_status": command.send_status,
        "confirm_status": command.confirm_status,
        "create_time": iso(command.created_ms),
        "valid_time": iso(command.valid_ms),
        "expired_time": iso(command.expired_ms),
        "send_time": _moment(command.sent_ms),
        "confirm_time": _moment(command.confirmed_ms),
        "trigger_msg": command.trigger,
        "retry": command.retry,
        "remain": command.remain,
        "attempts": command.attempts,
    }


def _moment(moment_ms: int | None) -> str | None:
    return None if moment_ms is None else iso(moment_ms)
