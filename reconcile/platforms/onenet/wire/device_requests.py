"""Calls about devices: one, many, their status and their latest data points, as each generation has them.

Source: OneNET NB-IoT book list/2, list/19, list/20, list/22, list/29 (classic); Studio book, application/QueryDevice*
and QueryProductList; API list of the current platform (shapes seen in public clients).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from reconcile.platforms.onenet.model import Api
from reconcile.platforms.onenet.wire.requests import Family, Pairs, WireRequest

CLASSIC_PAGE = 100
"""Devices a page of the classic list (list/29: 30 by default, at most 100, at most 10,000 pages)."""
PAGE = 100
"""Entries a page of Studio's lists (`limit` from 1 to 100); assumed for the current platform."""
STATUS_BATCH = 1000
POINTS_BATCH = 500


def by_imei(api: Api, imei: str) -> WireRequest:
    """The device of an IMEI: brief on classic (list/22), whole on current (`product_id=0`, seen in a public client).

    Raises: ValueError for Studio, which knows devices by product and name only.
    """
    match api:
        case Api.CLASSIC:
            return WireRequest("GET", "/devices/getbyimei", (("imei", imei),), family=Family.DEVICES)
        case Api.CURRENT:
            return WireRequest("GET", "/device/detail", (("product_id", "0"), ("imei", imei)), family=Family.CURRENT)
    raise ValueError("the Studio API does not find a device by its IMEI")


def detail(device_id: str) -> WireRequest:
    """Everything about one device of the classic platform, its last contact included (list/2)."""
    return WireRequest("GET", f"/devices/{quote(device_id, safe='')}", (), family=Family.DEVICES)


def by_name(api: Api, project_id: str | None, product_id: str, device_name: str) -> WireRequest:
    """Everything about one device of a product, on Studio and current."""
    names = (("product_id", product_id), ("device_name", device_name))
    return application(api, "QueryDeviceDetail", "/device/detail", project_id, names)


def classic_page(page: int, tag: str | None) -> WireRequest:
    """One page of the devices of the key's product, those of a tag if one is given (list/29)."""
    tags = () if tag is None else (("tag", tag),)
    query = (*tags, ("page", str(page)), ("per_page", str(CLASSIC_PAGE)))
    return WireRequest("GET", "/devices", query, family=Family.DEVICES)


def statuses(device_ids: Sequence[str]) -> WireRequest:
    """Online or not, of at most 1000 devices of the classic platform (list/19)."""
    return WireRequest("GET", "/devices/status", (_ids(device_ids, STATUS_BATCH),), family=Family.DEVICES)


def latest_points(device_ids: Sequence[str]) -> WireRequest:
    """The newest data point of every stream of at most 500 devices of the classic platform (list/20)."""
    return WireRequest("GET", "/devices/datapoints", (_ids(device_ids, POINTS_BATCH),), family=Family.DEVICES)


def current_points(product_id: str, device_name: str) -> WireRequest:
    """The newest data point of every stream of one device, on current; assumed: named as its sibling calls are."""
    query = (("product_id", product_id), ("device_name", device_name))
    return WireRequest("GET", "/datapoint/current-datapoints", query, family=Family.CURRENT)


def product_page(api: Api, project_id: str, offset: int) -> WireRequest:
    """One page of a project's products, on Studio and current."""
    return application(api, "QueryProductList", "/project/product-list", project_id, _page(offset), keeps_project=True)


def device_page(
    api: Api, project_id: str | None, product_id: str | None, group_id: str | None, offset: int
) -> WireRequest:
    """One page of devices: of a project, and in it of a product or group, on Studio; of a product, on current."""
    product = () if product_id is None else (("product_id", product_id),)
    group = () if group_id is None else (("group_id", group_id),)
    return application(api, "QueryDeviceList", "/device/list", project_id, (*product, *group, *_page(offset)))


def application(
    api: Api, action: str, path: str, project_id: str | None, query: Pairs, *, keeps_project: bool = False
) -> WireRequest:
    """A read of Studio's `application` namespace, or its path on the current platform, which needs no project."""
    project = () if project_id is None else (("project_id", project_id),)
    if api is Api.STUDIO:
        fixed = (("action", action), ("version", "1"))
        return WireRequest("GET", "/application", (*fixed, *project, *query), family=Family.STUDIO)
    return WireRequest("GET", path, (*project, *query) if keeps_project else query, family=Family.CURRENT)


def _ids(device_ids: Sequence[str], at_most: int) -> tuple[str, str]:
    assert len(device_ids) <= at_most, "batched by the caller"
    return "devIds", ",".join(device_ids)


def _page(offset: int) -> Pairs:
    return ("offset", str(offset)), ("limit", str(PAGE))
