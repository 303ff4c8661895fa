"""The LwM2M commands of each generation, as data: method, path, query, body.

Source: OneNET NB-IoT book list/4 to list/11, list/31 (classic); Studio book LwM2M-IPSO (studio); API list of the
current platform, the classic tree with `nb-iot` for `nbiot`. "url parameters" travel in the query string.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import quote

from reconcile.model.actions import ExecuteNow, QueueExecute, Queueing, QueueWrite, WriteNow
from reconcile.model.desired import WriteMode
from reconcile.model.late import dataclass
from reconcile.platforms.onenet.model import Api, ids
from reconcile.platforms.onenet.wire import body, times

Pairs: TypeAlias = "tuple[tuple[str, str], ...]"

ROOTS = {Api.CLASSIC: "/nbiot", Api.CURRENT: "/nb-iot"}


class Family(StrEnum):
    """Which error table an answer follows; 1, 3 and 7 mean different things in the first two."""

    COMMAND = "command"
    DEVICES = "devices"
    STUDIO = "studio"
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
        """Path and query as they travel; times keep their colons and lists their commas, as on the vendor's pages."""
        pairs = "&".join(f"{name}={_quoted(value)}" for name, value in self.query)
        return f"{self.url_path}?{pairs}" if pairs else self.url_path


def _quoted(value: str) -> str:
    return value if value.isascii() and value.isalnum() else quote(value, safe=":,")


def read_now(api: Api, imei: str, path: str, timeout_s: int) -> WireRequest:
    """Instant read of an object, an object instance or a resource (list/4)."""
    return _command("GET", api, "online", "read", (("imei", imei), *_target(path), _timeout(timeout_s)))


def discover(api: Api, imei: str, path: str, timeout_s: int) -> WireRequest:
    """Instant discover of an object or an object instance: the device is asked which resources it has (list/31)."""
    query = (("imei", imei), *_target(path), _timeout(timeout_s))
    return _call("GET", api, "online", "discover", query)


def observe(
    api: Api, imei: str, path: str, timeout_s: int, *, is_cancel: bool, attributes: Mapping[str, str]
) -> WireRequest:
    """Instant subscription, or its end; `attributes` are pmin, pmax, gt, lt, st as text (list/8)."""
    query = (("imei", imei), ("cancel", "true" if is_cancel else "false"), *_target(path))
    return _call("POST", api, "online", "observe", (*query, *attributes.items(), _timeout(timeout_s)), b"{}")


def resources(api: Api, imei: str) -> WireRequest:
    """The platform's own list of a device's resources; no radio exchange (list/7). The current API has no such call.

    Raises: ValueError for the current API.
    """
    if api is Api.CURRENT:
        raise ValueError("the current API has no list of resources")
    return _call("GET", api, "online", "resources", (("imei", imei),))


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


@dataclass(frozen=True, slots=True)
class ReadLater:
    """A cached read of an object, an object instance or a resource."""

    path: str
    timeout_s: int
    queueing: Queueing


def queue_read(
    api: Api, imei: str, wanted: ReadLater, valid_from: datetime | None, expires_at: datetime
) -> WireRequest:
    """Cached read; opaque values are asked for as hexadecimal text (list/9)."""
    query = (("imei", imei), *_validity(valid_from, expires_at), *_target(wanted.path), ("bin2hex", "true"))
    return _command("GET", api, "offline", "read", (*query, *_queueing(wanted.queueing, wanted.timeout_s)))


def _command(method: str, api: Api, cache: str, verb: str, query: Pairs, content: bytes | None = None) -> WireRequest:
    """Read, write, execute: where a path names only the last of them."""
    if api is Api.STUDIO:
        return _call(method, api, cache, verb, query, content)
    path = ROOTS[api] + ("/execute" if verb == "execute" else "") + ("/offline" if cache == "offline" else "")
    return WireRequest(method, path, query, content)


def _call(method: str, api: Api, cache: str, verb: str, query: Pairs, content: bytes | None = None) -> WireRequest:
    if api is Api.STUDIO:
        return WireRequest(method, f"/LwM2M-{cache}", (("action", verb), ("version", "1"), *query), content)
    return WireRequest(method, f"{ROOTS[api]}/{verb}", query, content)


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
