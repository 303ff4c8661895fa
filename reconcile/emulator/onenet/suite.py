"""The tree of command paths that the classic (`/nbiot`) and the current platform (`/nb-iot`) share.

Source: OneNET NB-IoT book, list/4 to list/14 and list/31 to list/34; API list of the current platform (detail/1483).
"""

from __future__ import annotations

from reconcile.emulator.onenet import cached, history, instant
from reconcile.emulator.onenet.engine import Route

READ_NOW = Route("read_now", False, instant.read)
WRITE_NOW = Route("write_now", True, instant.write)
EXECUTE_NOW = Route("execute_now", True, instant.execute)
OBSERVE = Route("observe", False, instant.observe)
DISCOVER = Route("discover", False, instant.discover)
RESOURCES = Route("resources", False, instant.resources)
QUEUE_READ = Route("queue_read", False, cached.read)
QUEUE_WRITE = Route("queue_write", True, cached.write)
QUEUE_EXECUTE = Route("queue_execute", True, cached.execute)

_FIXED = {
    ("GET", ""): READ_NOW,
    ("POST", ""): WRITE_NOW,
    ("POST", "/execute"): EXECUTE_NOW,
    ("POST", "/observe"): OBSERVE,
    ("GET", "/discover"): DISCOVER,
    ("GET", "/offline"): QUEUE_READ,
    ("POST", "/offline"): QUEUE_WRITE,
    ("POST", "/execute/offline"): QUEUE_EXECUTE,
    ("GET", "/offline/history"): Route("history", False, history.listing),
    ("PUT", "/offline/cancel/all"): Route("cancel_all", True, cached.cancel_all),
}
_DETAIL = Route("detail", False, history.detail)
_TRACE = Route("trace", False, history.trace)
_CANCEL = Route("cancel", True, cached.cancel)


def find(method: str, suffix: str) -> tuple[Route, str] | None:
    """The call at a path below `/nbiot` or `/nb-iot`, and the uuid in it."""
    route = _FIXED.get((method, suffix))
    if route is not None:
        return route, ""
    match method, suffix.split("/")[1:]:
        case "GET", ["offline", "history", uuid]:
            return _DETAIL, uuid
        case "GET", ["offline", "history", uuid, "piecewise"]:
            return _TRACE, uuid
        case "PUT", ["offline", "cancel", uuid]:
            return _CANCEL, uuid
    return None
