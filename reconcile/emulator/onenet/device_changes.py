"""The /devices calls that change something: create, update, delete.

Source: OneNET NB-IoT book, list/1, list/3, list/28; errno of the multi-protocol table (API result codes).
"""

from __future__ import annotations

import re

from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.devices import named
from reconcile.emulator.onenet.reply import DeviceCallRefusedError as Refused
from reconcile.emulator.onenet.reply import Reply, with_data

_EDITABLE = {"title": str, "desc": str, "tags": list, "location": dict, "private": bool, "other": dict}


def create(call: Call) -> Reply:
    """A new device, not yet registered. The IMEI has 15 digits (4 for a test device with a `chip`), the IMSI 1-15."""
    told = _told(call)
    title, auth = told.get("title"), told.get("auth_info")
    for name in ("title", "protocol", "auth_info"):
        if not told.get(name):
            raise Refused(7, name)
    if str(told["protocol"]).lower() != "lwm2m":
        raise Refused(22)
    if not isinstance(title, str):
        raise Refused(6, "title")
    if not isinstance(auth, dict) or len(auth) != 1:
        raise Refused(6, "auth_info")
    imei, imsi = next(iter(auth.items()))
    if not re.fullmatch(r"[1-9]\d{14}|\d{4}", imei) or not re.fullmatch(r"\d{1,15}", str(imsi)):
        raise Refused(6, "auth_info")
    if len(imei) == 4 and told.get("chip") not in range(1, 7):
        raise Refused(6, "chip")
    if imei in call.world.onenet:
        raise Refused(12, "auth_info")
    device = call.world.add_onenet(
        {"imei": imei, "title": title, "online": False, "obsv": told.get("obsv", True)}, call.real_ms
    )
    device.about.update({name: value for name, value in _edits(told).items() if name != "title"})
    return with_data({"device_id": device.device_id}, landed=True)


def update(call: Call) -> Reply:
    """Change what users may write about a device; its IMEI stays (release note 2019-05)."""
    device, told = named(call), _told(call)
    auth = told.get("auth_info")
    if isinstance(auth, dict) and list(auth) != [device.imei]:
        raise Refused(21, "auth_info")
    edits = _edits(told)
    device.title = str(edits.pop("title", device.title))
    device.about.update(edits)
    return Reply(landed=True)


def delete(call: Call) -> Reply:
    """Take a device away, with its commands."""
    call.world.remove_onenet(named(call))
    return Reply(landed=True)


def _told(call: Call) -> dict[str, Json]:
    if not call.is_body_json:
        raise Refused(4)
    if not isinstance(call.body, dict) or not call.body:
        raise Refused(9)
    return call.body


def _edits(told: dict[str, Json]) -> dict[str, Json]:
    found = {name: told[name] for name in _EDITABLE if told.get(name) is not None}
    wrong = next((name for name, value in found.items() if not isinstance(value, _EDITABLE[name])), "")
    if wrong:
        raise Refused(6, wrong)
    return found
