"""Looking into a device's queue of cached commands, and withdrawing from it: classic and current only.

Source: OneNET NB-IoT book list/12 to list/14, list/33, list/34; the current platform has the same tree.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from reconcile.platforms.onenet.model import Api
from reconcile.platforms.onenet.wire import times
from reconcile.platforms.onenet.wire.requests import ROOTS, WireRequest

HISTORY_PAGE = 100
"""Commands a page. Assumed: the book gives no maximum, sibling list calls allow 100."""


def history(api: Api, imei: str, start: datetime, end: datetime, page: int) -> WireRequest:
    """One page of a device's cached commands, oldest first so that new ones do not shift the pages (list/12)."""
    query = (
        ("imei", imei),
        ("start", times.to_wire(start)),
        ("end", times.to_wire(end)),
        ("page", str(page)),
        ("per_page", str(HISTORY_PAGE)),
        ("sort", "ASC"),
    )
    return WireRequest("GET", f"{_offline(api)}/history", query)


def detail(api: Api, imei: str, uuid: str) -> WireRequest:
    """One cached command (list/13)."""
    return WireRequest("GET", f"{_offline(api)}/history/{quote(uuid, safe='')}", (("imei", imei),))


def trace(api: Api, imei: str, uuid: str) -> WireRequest:
    """The log of one cached command, stage by stage (list/34)."""
    return WireRequest("GET", f"{_offline(api)}/history/{quote(uuid, safe='')}/piecewise", (("imei", imei),))


def cancel(api: Api, imei: str, uuid: str) -> WireRequest:
    """Withdraw one waiting command, no body (list/14)."""
    return WireRequest("PUT", f"{_offline(api)}/cancel/{quote(uuid, safe='')}", (("imei", imei),))


def cancel_all(api: Api, imei: str) -> WireRequest:
    """Withdraw every waiting command of a device, whoever queued it, no body (list/33)."""
    return WireRequest("PUT", f"{_offline(api)}/cancel/all", (("imei", imei),))


def _offline(api: Api) -> str:
    if api is Api.STUDIO:
        raise ValueError("the Studio API can neither list nor cancel cached commands")
    return f"{ROOTS[api]}/offline"
