"""What devices have reported: the latest of many, or the points of one.

Source: OneNET NB-IoT book, list/20 and list/21; API list of the current platform (current-datapoints).
"""

from __future__ import annotations

import re

from reconcile.emulator.call import Call
from reconcile.emulator.clock import BEIJING, beijing, parse_zoneless, to_datetime
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet import devices
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.documented import LIMITS, POINTS
from reconcile.emulator.onenet.inventory import find
from reconcile.emulator.onenet.reply import DeviceCallRefusedError as Refused
from reconcile.emulator.onenet.reply import Reply, with_data

_YEAR_MS = 366 * 86_400_000
_CURSOR = re.compile(r"(\d{1,5})_(\d{1,10})_\d{1,15}")


def latest(call: Call) -> Reply:
    """The newest point of every stream of up to 500 devices; one that never reported has no `datastreams`."""
    found = devices.of_ids(call, LIMITS["datapoint_ids"])
    return with_data({"devices": [_latest(call, device) for device in found]})


def current(call: Call) -> Reply:
    """The same of one device by product and name, on the current platform."""
    device = find(call)
    if isinstance(device, Device):
        return with_data({"devices": [_latest(call, device)]})
    streams = [{"id": key, "at": _at(ms), "value": value} for key, (value, ms) in device.reported.items()]
    return with_data({"devices": [{"id": device.identity, "title": device.name, "datastreams": streams}]})


def of_one(call: Call) -> Reply:
    """The points of one device: of every stream the newest, or those from `start` on, a page at a time."""
    device = devices.named(call)
    paths = _wanted(call, device)
    start_ms, end_ms = _moment(call, "start"), _moment(call, "end")
    if start_ms is None and not call.params.get("limit"):
        return _page([(path, point) for path in paths if (point := device.latest(path, call.real_ms))], "")
    limit, begin = _limit(call), start_ms or 0
    end_ms = call.real_ms if end_ms is None or start_ms is None or end_ms - begin > _YEAR_MS else end_ms
    if start_ms is None:
        found = [
            (path, one) for path in paths for one in device.points.between(path, 0, call.real_ms, call.real_ms)[-limit:]
        ]
        return _page(found, "")
    found = [(path, one) for path in paths for one in device.points.between(path, begin, end_ms, call.real_ms)]
    skipped = _skipped(call)
    shown = found[skipped : skipped + limit]
    more = skipped + limit < len(found)
    return _page(shown, f"25971_{skipped + limit}_{found[skipped + limit][1][0]}" if more else "")


def _latest(call: Call, device: Device) -> dict[str, Json]:
    streams = [
        {"id": _stream(path), "at": _at(point[0]), "value": point[1]}
        for path in device.points.paths(call.real_ms)
        if (point := device.latest(path, call.real_ms))
    ]
    shown: dict[str, Json] = {"id": devices.shown_id(call, device), "title": device.title}
    return shown | ({"datastreams": streams} if streams else {})


def _page(found: list[tuple[str, tuple[int, Json]]], cursor: str) -> Reply:
    streams: dict[str, list[Json]] = {}
    for path, (at_ms, value) in found:
        streams.setdefault(_stream(path), []).append({"at": _at(at_ms), "value": value})
    data: dict[str, Json] = {
        "count": len(found),
        "datastreams": [{"id": stream, "datapoints": points} for stream, points in streams.items()],
    }
    return with_data(data | ({"cursor": cursor} if cursor else {}))


def _wanted(call: Call, device: Device) -> list[str]:
    known = list(device.points.paths(call.real_ms))
    asked = [part for part in call.params.get("datastream_id", "").split(",") if part]
    return [path for path in known if _stream(path) in asked] if asked else known


def _moment(call: Call, name: str) -> int | None:
    value = call.params.get(name, "")
    try:
        return parse_zoneless(value) if value else None
    except ValueError:
        raise Refused(6, name) from None


def _limit(call: Call) -> int:
    value = call.params.get("limit") or str(POINTS.default)
    if not (value.isascii() and value.isdecimal() and len(value) < 6) or not 1 <= int(value) <= (POINTS.highest or 0):
        raise Refused(6, "limit")
    return int(value)


def _skipped(call: Call) -> int:
    """Where the page begins; the cursor is opaque to clients."""
    value = call.params.get("cursor", "")
    found = _CURSOR.fullmatch(value) if value.isascii() else None
    if value and found is None:
        raise Refused(6, "cursor")
    return int(found.group(2)) if found else 0


def _stream(path: str) -> str:
    return path.strip("/").replace("/", "_")


def _at(moment_ms: int) -> str:
    """`2015-12-01 17:10:24.981`, Beijing time."""
    return f"{beijing(moment_ms)}.{to_datetime(moment_ms).astimezone(BEIJING).microsecond // 1000:03d}"
