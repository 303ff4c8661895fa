"""Every call we make, for each generation, as data: method, path, query, body.

Source: OneNET NB-IoT book list/4 to list/14, list/2, list/28 (classic); Studio book LwM2M-IPSO (studio); API list of
the current platform, the classic tree with `nb-iot` for `nbiot`. "url parameters" travel in the query string.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import quote

from reconcile.model.actions import ExecuteNow, QueueExecute, Queueing, QueueWrite, WriteNow
from reconcile.model.desired import WriteMode
from reconcile.platforms.onenet.model import Api, ids
from reconcile.platforms.onenet.wire import body, times

Pairs: TypeAlias = "tuple[tuple[str, str], ...]"

HISTORY_PAGE = 100
"""Commands a page. Assumed: the book gives no maximum, sibling list calls allow 100."""

_ROOTS = {Api.CLASSIC: "/nbiot", Api.CURRENT: "/nb-iot"}


class Family(StrEnum):
    """Which error table an answer follows; numbers 1, 3 and 7 mean different things in the first two."""

    COMMAND = "command"
    DEVICES = "devices"
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One HTTP request without origin and credentials."""

    method: str
    url_path: str
    query: Pairs
    body: bytes | None = None
    family: Family = Family.COMMAND

    @property
    def target(self) -> str:
        """Path and query as they travel; times keep their colons, as on the vendor's pages."""
        pairs = "&".join(f"{name}={_quoted(value)}" for name, value in self.query)
        return f"{self.url_path}?{pairs}" if pairs else self.url_path


def _quoted(value: str) -> str:
    return value if value.isascii() and value.isalnum() else quote(value, safe=":")


def read_now(api: Api, imei: str, instance: str, timeout_s: int) -> WireRequest:
    """Instant read of one object instance (list/4)."""
    return _command("GET", api, "online", "read", (("imei", imei), *_target(instance), _timeout(timeout_s)))


def write_now(api: Api, imei: str, action: WriteNow) -> WireRequest:
    """Instant write of resources of one object instance (list/5)."""
    query = (("imei", imei), *_target(action.instance), _mode(action.write_mode), _timeout(action.timeout_s))
    return _command("POST", api, "online", "write", query, body.write_body(action.writes))


def execute_now(api: Api, imei: str, action: ExecuteNow) -> WireRequest:
    """Instant execute (list/6)."""
    query = (("imei", imei), *_target(action.path), _timeout(action.timeout_s))
    return _command("POST", api, "online", "execute", query, body.execute_body(action.args))


def queue_write(
    api: Api, imei: str, action: QueueWrite, valid_from: datetime | None, expires_at: datetime
) -> WireRequest:
    """Cached write (list/10); `valid_from` None leaves valid_time to the platform (its own now)."""
    validity = _validity(valid_from, expires_at)
    query = (("imei", imei), *validity, *_target(action.instance), _mode(action.write_mode))
    tail = _queueing(action.queueing, action.timeout_s)
    return _command("POST", api, "offline", "write", (*query, *tail), body.write_body(action.writes))


def queue_execute(
    api: Api, imei: str, action: QueueExecute, valid_from: datetime | None, expires_at: datetime
) -> WireRequest:
    """Cached execute (list/11)."""
    query = (("imei", imei), *_validity(valid_from, expires_at), *_target(action.path))
    tail = _queueing(action.queueing, action.timeout_s)
    return _command("POST", api, "offline", "execute", (*query, *tail), body.execute_body(action.args))


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
    return WireRequest("GET", f"{_inspecting(api)}/offline/history", query)


def detail(api: Api, imei: str, uuid: str) -> WireRequest:
    """One cached command (list/13)."""
    return WireRequest("GET", f"{_inspecting(api)}/offline/history/{quote(uuid, safe='')}", (("imei", imei),))


def cancel(api: Api, imei: str, uuid: str) -> WireRequest:
    """Withdraw one waiting command, no body (list/14)."""
    return WireRequest("PUT", f"{_inspecting(api)}/offline/cancel/{quote(uuid, safe='')}", (("imei", imei),))


def device_by_imei(api: Api, imei: str) -> WireRequest:
    """The device of an IMEI: brief on classic (list/28), whole on current (`product_id=0`, seen in a public client)."""
    if api is Api.CURRENT:
        return WireRequest("GET", "/device/detail", (("product_id", "0"), ("imei", imei)), family=Family.CURRENT)
    return WireRequest("GET", "/devices/getbyimei", (("imei", imei),), family=Family.DEVICES)


def device_detail(device_id: str) -> WireRequest:
    """Everything about one device of the classic platform, its last contact included (list/2)."""
    return WireRequest("GET", f"/devices/{quote(device_id, safe='')}", (), family=Family.DEVICES)


def _command(method: str, api: Api, cache: str, verb: str, query: Pairs, content: bytes | None = None) -> WireRequest:
    if api is Api.STUDIO:
        action = (("action", verb), ("version", "1"))
        return WireRequest(method, f"/LwM2M-{cache}", (*action, *query), content)
    path = _ROOTS[api] + ("/execute" if verb == "execute" else "") + ("/offline" if cache == "offline" else "")
    return WireRequest(method, path, query, content)


def _inspecting(api: Api) -> str:
    if api is Api.STUDIO:
        raise ValueError("the Studio API can neither list nor cancel cached commands")
    return _ROOTS[api]


def _target(path: str) -> Pairs:
    return tuple(
        (name, str(number)) for name, number in zip(("obj_id", "obj_inst_id", "res_id"), ids(path), strict=False)
    )


def _mode(mode: WriteMode) -> tuple[str, str]:
    return "mode", "1" if mode is WriteMode.REPLACE else "2"


def _timeout(timeout_s: int) -> tuple[str, str]:
    return "timeout", str(timeout_s)


def _validity(valid_from: datetime | None, expires_at: datetime) -> Pairs:
    expiry = ("expired_time", times.to_wire(expires_at))
    return (expiry,) if valid_from is None else (("valid_time", times.to_wire(valid_from)), expiry)


def _queueing(queueing: Queueing, timeout_s: int) -> Pairs:
    return ("retry", str(queueing.retry)), _timeout(timeout_s), ("trigger_msg", str(queueing.trigger_msg))
