"""Devices as each generation describes them, and the latest data points of the classic platform.

Source: OneNET NB-IoT book list/2, list/19, list/20, list/22, list/29; Studio book application/QueryDeviceDetail,
QueryDeviceList, QueryProductList. The current platform's names are those seen in public clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from reconcile.model.late import dataclass
from reconcile.model.values import UNKNOWN, Json, JsonObject, Missing
from reconcile.platforms.onenet.wire import answers, times
from reconcile.platforms.onenet.wire.answers import Unparsable

STATUSES = {1: "inactive", 2: "online", 3: "offline"}
"""Studio and current: `status` of a device."""

LWM2M, ONEJSON = 4, 1
"""Studio: `protocol` and `data_type` of a product."""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a platform says of one device; what it does not say is None, UNKNOWN or empty. Keys are never kept.

    `product_id` and `name` are how Studio and current call it, `device_id` how classic does. `other` are the owner's
    own notes, `tags` the owner's words.
    """

    device_id: str | None = None
    is_online: bool | Missing = UNKNOWN
    last_uplink: datetime | Missing = UNKNOWN
    imei: str | None = None
    product_id: str | None = None
    name: str | None = None
    title: str | None = None
    status: str | None = None
    model: str | None = None
    manufacturer: str | None = None
    tags: frozenset[str] = frozenset()
    other: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Product:
    """A product of a project. `has_imei`: its devices are LwM2M objects, addressed by IMEI."""

    product_id: str
    has_imei: bool


@dataclass(frozen=True, slots=True)
class Point:
    """The newest value of one datastream, as text or as the platform had it, and when it arrived."""

    value: Json
    at: datetime | None


def device(data: Json, imei: str | None = None) -> DeviceFacts:
    """One device. Raises: Unparsable, also when it has another IMEI than the one asked for."""
    body = answers.object_of(data, "data")
    found = _device(body)
    if imei is not None and found.imei not in (None, imei):
        raise Unparsable("it is about another device")
    return found


def classic_page(data: Json) -> tuple[int, tuple[DeviceFacts, ...]]:
    """How many devices match, and those of this page (list/29). Raises: Unparsable."""
    body = answers.object_of(data, "data")
    rows = [answers.object_of(row, "devices[]") for row in answers.array_of(body.get("devices"), "data.devices")]
    return answers.integer(body.get("total_count"), "data.total_count"), tuple(_device(row) for row in rows)


def device_page(data: Json) -> tuple[int | None, tuple[DeviceFacts, ...]]:
    """How many devices there are, where that is told, and those of this page. Raises: Unparsable."""
    total, rows = _page(data)
    return total, tuple(_device(row) for row in rows)


def product_page(data: Json) -> tuple[int | None, tuple[Product, ...]]:
    """How many products there are, where that is told, and those of this page. Raises: Unparsable."""
    total, rows = _page(data)
    return total, tuple(_product(row) for row in rows)


def statuses(data: Json) -> dict[str, bool]:
    """Online or not, by device id; unknown ids are left out (list/19). Raises: Unparsable."""
    found: dict[str, bool] = {}
    for row in answers.array_of(answers.object_of(data, "data").get("devices"), "data.devices"):
        body = answers.object_of(row, "devices[]")
        online = body.get("online")
        if not isinstance(online, bool):
            raise Unparsable("online is not true or false")
        found[answers.text(body.get("id"), "id")] = online
    return found


def latest_points(data: Json) -> dict[str, dict[str, Point]]:
    """Newest points by device id and resource path; a device without data has no `datastreams` (list/20).

    Streams that are no resource (`temperature`) are passed over. Raises: Unparsable.
    """
    found: dict[str, dict[str, Point]] = {}
    for row in answers.array_of(answers.object_of(data, "data").get("devices"), "data.devices"):
        body = answers.object_of(row, "devices[]")
        streams = answers.array_of(body.get("datastreams") or [], "datastreams")
        found[answers.text(body.get("id"), "id")] = points(streams)
    return found


def points(streams: Json) -> dict[str, Point]:
    """Newest points by resource path, of streams called `3200_0_5501`. Raises: Unparsable."""
    found: dict[str, Point] = {}
    for entry in answers.array_of(streams, "datastreams"):
        body = answers.object_of(entry, "datastreams[]")
        ids = str(body.get("id")).split("_")
        if len(ids) == 3 and all(part.isascii() and part.isdigit() for part in ids):
            found["/" + "/".join(ids)] = Point(body.get("value"), times.from_wire(body.get("at")))
    return found


def _page(data: Json) -> tuple[int | None, list[JsonObject]]:
    """Rows of `data.list`, and `data.meta.total` of Studio or `data.total` if there is one."""
    body = answers.object_of(data, "data")
    rows = [answers.object_of(row, "list[]") for row in answers.array_of(body.get("list"), "data.list")]
    meta = body.get("meta")
    total = meta.get("total") if isinstance(meta, dict) else body.get("total", body.get("total_count"))
    return (None if total is None else answers.integer(total, "total")), rows


def _product(body: JsonObject) -> Product:
    protocol, data_type = body.get("protocol"), body.get("data_type")
    has_imei = protocol is not None and answers.integer(protocol, "protocol") == LWM2M
    is_onejson = data_type is not None and answers.integer(data_type, "data_type") == ONEJSON
    return Product(answers.text(body.get("product_id", body.get("pid")), "product_id"), has_imei and not is_onejson)


def _device(body: JsonObject) -> DeviceFacts:
    device_id = body.get("id", body.get("did"))
    other = body.get("other")
    tags = body.get("tags")
    online, status = _status(body)
    # `last_ct` is classic, `last_time` Studio; the name on the current platform is assumed to be one of the two.
    last = times.from_wire(body.get("last_ct")) or times.from_wire(body.get("last_time")) or UNKNOWN
    product = body.get("product_id", body.get("pid"))
    return DeviceFacts(
        device_id=str(device_id) if isinstance(device_id, (str, int)) else None,
        is_online=online,
        last_uplink=last,
        imei=_imei(body),
        product_id=str(product) if isinstance(product, (str, int)) and product else None,
        name=answers.optional_text(body.get("device_name")) or answers.optional_text(body.get("name")),
        title=answers.optional_text(body.get("title")),
        status=status,
        model=answers.optional_text(body.get("model")),
        manufacturer=answers.optional_text(body.get("manu_id")),
        tags=frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset(),
        other={k: str(v) for k, v in other.items() if isinstance(v, (str, int))} if isinstance(other, dict) else {},
    )


def _status(body: JsonObject) -> tuple[bool | Missing, str | None]:
    online, status = body.get("online"), body.get("status")
    if isinstance(online, bool):
        return online, "online" if online else "offline"
    if isinstance(status, str) and status.isascii() and status.isdigit():
        status = int(status)
    if isinstance(status, int) and not isinstance(status, bool) and status in STATUSES:
        return status == 2, STATUSES[status]
    return UNKNOWN, None


def _imei(body: JsonObject) -> str | None:
    """The endpoint name of an LwM2M device is its IMEI; `auth_info` is `{imei: imsi}`, and other text elsewhere."""
    for name in ("imei", "rg_id"):
        found = body.get(name)
        if isinstance(found, str) and found:
            return found.partition(";")[0]
    info = body.get("auth_info")
    if isinstance(info, dict) and len(info) == 1:
        return next(iter(info))
    return None
