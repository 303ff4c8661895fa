"""The devices of an account, as an inventory takes them: identity on the wire, and facts that are told anyway.

| API     | products                                  | tags                                     | name        |
| ------- | ----------------------------------------- | ---------------------------------------- | ----------- |
| classic | the one of the key, which it never names  | the owner's words, or notes (`other`)    | the IMEI    |
| studio  | those of the project (`projectId`)        | `group`: a group's id                    | device name |
| current | those named, or of `products/...`, or all | none                                     | device name |
|         | of `projectId`                            |                                          |             |

Classic titles are no names: two devices may bear one. On Studio and current an LwM2M product of raw objects gives the
IMEI, any other product `productId` and `deviceName`.
Source: OneNET NB-IoT book list/29, list/20; Studio book QueryProductList, QueryDeviceList.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from reconcile.model.errors import CallFailed, NotSent
from reconcile.model.values import Missing
from reconcile.platforms.onenet.config import Connection
from reconcile.platforms.onenet.directory import Directory
from reconcile.platforms.onenet.model import Api
from reconcile.platforms.onenet.wire.device_answers import DeviceFacts, Point
from reconcile.ports import ListedDevice, Listing

IS_WORD = "true"
"""The value of a tag that is a plain word, as classic tags are: `tags: {outdoor: "true"}`."""

FIRMWARE, MODEL, MANUFACTURER = "/3/0/3", "/3/0/1", "/3/0/0"
"""Resources of the Device object, which the platform reads when a device registers (FAQ-NB register#5)."""


async def listed(directory: Directory, connection: Connection, listing: Listing) -> AsyncIterator[ListedDevice]:
    """The devices of a listing, each once. Raises: CallFailed; NotSent when no API of the entry can list so."""
    found = _from_classic if _is_classic(connection, listing) else _from_project
    seen: set[tuple[tuple[str, str], ...]] = set()
    async for one in found(directory, connection, listing):
        key = tuple(sorted(one.fields.items()))
        if key not in seen:  # pages shift while devices come and go
            seen.add(key)
            yield one


def _is_classic(connection: Connection, listing: Listing) -> bool:
    """Classic lists for a classic queue, unless products are named that only the project's API can tell apart."""
    if connection.side(Api.CLASSIC) is None or connection.cached.api is Api.CURRENT:
        return False
    return connection.things is None or not listing.products


async def _from_classic(directory: Directory, connection: Connection, listing: Listing) -> AsyncIterator[ListedDevice]:
    _check_key_product(connection, listing.products)
    words = [name for name, value in listing.tags.items() if value == IS_WORD]
    async for page in directory.classic_pages(words[0] if words else None):
        wanted = [device for device in page if device.imei is not None and _bears(device, listing)]
        points = await _points(directory, wanted)
        for device in wanted:
            yield _lwm2m(device, device.imei or "", points.get(device.device_id or "", {}))


def _check_key_product(connection: Connection, products: Sequence[str]) -> None:
    own = connection.resource.removeprefix("products/") if connection.resource.startswith("products/") else None
    if len(products) > 1 or (own is not None and any(product != own for product in products)):
        told = f"this key's is {own}" if own else "it never names it"
        raise NotSent(
            f"the classic API lists only the product of its key ({told}). Name one product a platform, or give "
            "projectId and an API that knows products (studio, current)"
        )


def _bears(device: DeviceFacts, listing: Listing) -> bool:
    """Whether the device has all the tags: as a word `name`, `name:value` or `name=value`, or among its notes."""
    return all(
        device.other.get(name) == value
        or bool({f"{name}:{value}", f"{name}={value}"} & device.tags)
        or (value == IS_WORD and name in device.tags)
        for name, value in listing.tags.items()
    )


async def _points(directory: Directory, devices: Sequence[DeviceFacts]) -> dict[str, dict[str, Point]]:
    """Latest data points, one call a page; facts are extras, so a platform that will not tell them stops nothing."""
    ids = [device.device_id for device in devices if device.device_id is not None]
    try:
        return await directory.latest_points(ids) if ids else {}
    except CallFailed:
        return {}


async def _from_project(directory: Directory, connection: Connection, listing: Listing) -> AsyncIterator[ListedDevice]:
    group_id = _group(connection, listing)
    imei_of_product = await _products(directory, connection, listing.products)
    for product_id, has_imei in imei_of_product.items():
        async for page in directory.device_pages(product_id, group_id):
            for device in page:
                if device.name is not None:
                    yield await _of_product(directory, product_id, device, device.name, has_imei=has_imei)


async def _of_product(
    directory: Directory, product_id: str, device: DeviceFacts, name: str, *, has_imei: bool | None
) -> ListedDevice:
    if has_imei and device.imei is None:  # Studio's list does not tell it, the device's own page does
        device = await directory.by_name(product_id, name)
    if has_imei is not False and device.imei is not None:
        return _lwm2m(device, name, {})
    fields = {"productId": product_id, "deviceName": name}
    return ListedDevice(name, fields, {"product": product_id, **_facts(device, {})})


async def _products(directory: Directory, connection: Connection, named: Sequence[str]) -> dict[str, bool | None]:
    """Products to list, and whether their devices go by IMEI; None without a project: those that list one do."""
    if connection.project_id is None:
        own = connection.resource.removeprefix("products/") if connection.resource.startswith("products/") else ""
        wanted = tuple(named) or ((own,) if own else ())
        if not wanted:
            raise NotSent("the current API lists the devices of a product: name products, or give the projectId")
        return dict.fromkeys(wanted)
    known: dict[str, bool | None] = {p.product_id: p.has_imei async for page in directory.product_pages() for p in page}
    missing = [product for product in named if product not in known]
    if missing:
        raise NotSent(f"the project has no product {missing[0]!r}; it has {', '.join(sorted(known)) or 'none'}")
    return {product: known[product] for product in named} if named else known


def _group(connection: Connection, listing: Listing) -> str | None:
    api = connection.things.api if connection.things is not None else None
    if listing.tags and not (api is Api.STUDIO and listing.tags.keys() == {"group"}):
        can = "studio lists by `group` only" if api is Api.STUDIO else "the current API lists by no tag"
        raise NotSent(f"devices cannot be listed by the tags {', '.join(sorted(listing.tags))}: {can}")
    return listing.tags.get("group")


def _lwm2m(device: DeviceFacts, name: str, points: dict[str, Point]) -> ListedDevice:
    assert device.imei is not None
    return ListedDevice(name, {"imei": device.imei}, _facts(device, points))


def _facts(device: DeviceFacts, points: dict[str, Point]) -> dict[str, str]:
    told = {
        "status": device.status,
        "title": device.title,
        "product": device.product_id,
        "firmware": _said(points, FIRMWARE),
        "model": device.model or _said(points, MODEL),
        "manufacturer": device.manufacturer or _said(points, MANUFACTURER),
        "lastContact": _iso(_last_contact(device, points)),
    }
    return {name: value for name, value in told.items() if value}


def _said(points: dict[str, Point], path: str) -> str | None:
    point = points.get(path)
    return point.value if point is not None and isinstance(point.value, str) else None


def _last_contact(device: DeviceFacts, points: dict[str, Point]) -> datetime | None:
    """The later of what the platform says and what its newest data point proves."""
    told = None if isinstance(device.last_uplink, Missing) else device.last_uplink
    return max((at for at in (told, *(point.at for point in points.values())) if at is not None), default=None)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")
