"""The /devices calls: by IMEI, detail, list, status.

Source: OneNET NB-IoT book, list/2, list/19, list/22, list/28. Errno here are those of the multi-protocol table
(API result codes), where 3, 6 and 7 mean other things than for commands.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.emulator.call import Call
from reconcile.emulator.clock import beijing
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.reply import Reply, with_data


def by_imei(call: Call) -> Reply:
    """The device of an IMEI."""
    imei = call.params.get("imei", "")
    if not imei:
        return Reply(7, "parameter required: imei")
    device = call.world.onenet.get(imei)
    return with_data(_brief(call, device)) if device else Reply(8, "not found")


def detail(call: Call) -> Reply:
    """Everything about a device; `last_ct` is its last contact."""
    device = call.world.onenet_by_id.get(call.path_argument)
    return with_data(full(call, device)) if device else Reply(8, "not found")


def status(call: Call) -> Reply:
    """Online or not of up to 1000 devices by id; unknown ids are left out."""
    ids = [part for part in call.params.get("devIds", "").split(",") if part]
    if not ids:
        return Reply(7, "parameter required: devIds")
    if len(ids) > 1000:
        return Reply(20, "max 1000 devices per call")
    found = [device for device_id in ids if (device := call.world.onenet_by_id.get(device_id))]
    rows = [{"id": d.device_id, "title": d.title, "online": d.is_online(call.real_ms)} for d in found]
    return with_data({"total_count": len(rows), "devices": rows})


def listing(call: Call) -> Reply:
    """One page of devices, by `device_id`, `key_words`, `auth_info` or `online` when given."""
    try:
        page, per_page = int(call.params.get("page") or 1), int(call.params.get("per_page") or 30)
    except ValueError:
        return Reply(6, "invalid parameter: page")
    if not (1 <= page <= 10000 and 1 <= per_page <= 100):
        return Reply(6, "invalid parameter: per_page")
    found = list(_matching(call))
    rows = [full(call, device) for device in found[(page - 1) * per_page : page * per_page]]
    return with_data({"per_page": per_page, "page": page, "total_count": len(found), "devices": rows})


def _matching(call: Call) -> Iterable[Device]:
    params = call.params
    ids = set(params["device_id"].split(",")) if params.get("device_id") else None
    words, imei, online = params.get("key_words", ""), params.get("auth_info", ""), params.get("online", "")
    for device in call.world.onenet.values():
        if ids is not None and device.device_id not in ids:
            continue
        if not (device.title.startswith(words) or device.device_id.startswith(words)) or imei not in ("", device.imei):
            continue
        if not online or (online == "true") == device.is_online(call.real_ms):
            yield device


def _brief(call: Call, device: Device) -> dict[str, Json]:
    created = beijing(call.world.scene.base_ms)
    return {
        "id": device.device_id,
        "online": device.is_online(call.real_ms),
        "title": device.title,
        "desc": "",
        "create_time": created,
        "observe_status": True,
    }


def full(call: Call, device: Device) -> dict[str, Json]:
    """The detail of a device as the classic and the current platform print it."""
    device.settle(call.real_ms)
    last_ms = device.last_uplink(call.real_ms)
    streams = [{"id": path.strip("/").replace("/", "_")} for path in device.objects.values()]
    shown = {key: value for key, value in _brief(call, device).items() if key != "observe_status"} | {
        "protocol": "LwM2M",
        "obsv": True,
        "obsv_st": True,
        "private": True,
        "tags": [],
        "auth_info": {device.imei: device.imei},
        "rg_id": device.imei,
        "imsi": device.imei,
        "datastreams": streams,
    }
    if last_ms is not None:
        shown |= {"last_ct": beijing(last_ms), "act_time": beijing(call.world.scene.base_ms)}
    return shown
