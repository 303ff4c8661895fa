"""The /devices calls that look: detail, list, by IMEI, status.

Source: OneNET NB-IoT book, list/2, list/19, list/22, list/29. Errno here are those of the
multi-protocol table (API result codes), where 1, 3 and 7 mean other things than for commands.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.emulator.call import Call
from reconcile.emulator.clock import beijing, beijing_trace, parse_zoneless
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.documented import LIMITS
from reconcile.emulator.onenet.reply import DeviceCallRefusedError as Refused
from reconcile.emulator.onenet.reply import Reply, with_data

_DAY_MS = 86_400_000


def by_imei(call: Call) -> Reply:
    """The device of an IMEI."""
    imei = call.params.get("imei", "")
    if not imei:
        raise Refused(7, "imei")
    device = call.world.onenet.get(imei)
    if device is None:
        raise Refused(8)
    shown: dict[str, Json] = {
        "id": device.device_id,
        "online": _online(call, device),
        "title": device.title,
        "create_time": beijing(device.created_ms),
        call.world.scene.switches["observe_flag"]: device.observations.is_automatic,
    }
    return with_data(shown | ({"desc": device.about["desc"]} if device.about.get("desc") else {}))


def detail(call: Call) -> Reply:
    """Everything about a device; `last_ct` is its last contact."""
    return with_data(full(call, named(call)))


def status(call: Call) -> Reply:
    """Online or not of up to 1000 devices by id; unknown ids are left out."""
    found = of_ids(call, LIMITS["status_ids"])
    rows = [{"id": shown_id(call, d), "title": d.title, "online": _online(call, d)} for d in found]
    return with_data({"total_count": len(rows), "devices": rows})


def listing(call: Call) -> Reply:
    """One page of devices, by `device_id`, `key_words`, `auth_info`, `tag`, `online`, `begin` and `end` when given."""
    page, per_page = _whole(call, "page", 10000, 1), _whole(call, "per_page", 100, 30)
    found = list(_matching(call))
    rows = [full(call, device) for device in found[(page - 1) * per_page : page * per_page]]
    return with_data({"per_page": per_page, "page": page, "total_count": len(found), "devices": rows})


def named(call: Call) -> Device:
    """The device whose id is in the path, walked up to now."""
    device = call.world.onenet_by_id.get(call.path_argument)
    if device is None:
        raise Refused(8)
    device.settle(call.real_ms)
    return device


def of_ids(call: Call, limit: int) -> list[Device]:
    """The devices of `devIds`, those that exist."""
    ids = [part for part in call.params.get("devIds", "").split(",") if part]
    if not ids:
        raise Refused(7, "devIds")
    if len(ids) > limit:
        raise Refused(20) if limit == LIMITS["status_ids"] else Refused(6, f"devIds: at most {limit}")
    found = [device for device_id in ids if (device := call.world.onenet_by_id.get(device_id))]
    for device in found:
        device.settle(call.real_ms)
    return found


def shown_id(call: Call, device: Device) -> str | int:
    """A device's id as batch calls print it (switch `device_id_type`)."""
    as_number = call.world.scene.switches["device_id_type"] == "int" and device.device_id.isdecimal()
    return int(device.device_id) if as_number else device.device_id


def full(call: Call, device: Device) -> dict[str, Json]:
    """The detail of a device as the classic and the current platform print it."""
    device.settle(call.real_ms)
    contact = beijing_trace if call.world.scene.switches["contact_time"] == "cst" else beijing
    last_ms = device.session.last_uplink(call.real_ms)
    streams = [
        {"id": path.strip("/").replace("/", "_"), "create_time": beijing(device.created_ms)}
        for path in device.points.paths(call.real_ms)
    ]
    shown: dict[str, Json] = {
        "id": device.device_id,
        "online": _online(call, device),
        "title": device.title,
        "desc": "",
        "create_time": beijing(device.created_ms),
        "protocol": "LwM2M",
        "obsv": device.observations.is_automatic,
        "obsv_st": device.observations.is_automatic and device.session.is_registered,
        "private": True,
        "tags": [],
        "auth_info": {device.imei: device.imei},
        "rg_id": device.imei,
        "imsi": device.imei,
        "imsi_old": [device.imei],
        "ack": False,
        "datastreams": streams,
    }
    if last_ms is not None:
        shown |= {"last_ct": contact(last_ms), "act_time": contact(device.session.registered_ms or device.created_ms)}
    return shown | device.about


def _online(call: Call, device: Device) -> bool:
    return device.session.is_shown_online(call.real_ms, call.world.scene.switches)


def _matching(call: Call) -> Iterable[Device]:
    params = call.params
    ids = [part for part in params.get("device_id", "").split(",") if part]
    if len(ids) > LIMITS["listed_ids"]:
        raise Refused(6, "device_id: at most 100")
    begin_ms, end_ms = _day(call, "begin", 0), _day(call, "end", _DAY_MS)
    words, imei, online, tag = (params.get(name, "") for name in ("key_words", "auth_info", "online", "tag"))
    for device in call.world.onenet.values():
        if ids and device.device_id not in ids:
            continue
        if not (device.title.startswith(words) or device.device_id.startswith(words)) or imei not in ("", device.imei):
            continue
        if tag and tag not in device.about.get("tags", ()):
            continue
        if (begin_ms is not None and device.created_ms < begin_ms) or (
            end_ms is not None and device.created_ms >= end_ms
        ):
            continue
        if not online or (online == "true") == _online(call, device):
            yield device


def _day(call: Call, name: str, more_ms: int) -> int | None:
    value = call.params.get(name, "")
    if not value:
        return None
    try:
        return parse_zoneless(f"{value}T00:00:00") + more_ms
    except ValueError:
        raise Refused(6, name) from None


def _whole(call: Call, name: str, highest: int, default: int) -> int:
    value = call.params.get(name) or str(default)
    if not (value.isascii() and value.isdecimal() and len(value) < 6) or not 1 <= int(value) <= highest:
        raise Refused(6, name)
    return int(value)
