"""The tree of command paths that the classic (`/nbiot`) and the current platform (`/nb-iot`) share.

Source: OneNET NB-IoT book, list/4 to list/14 and list/31 to list/34; API list of the current platform (detail/1483).
"""

from __future__ import annotations

from reconcile.emulator.onenet import cached, history, instant
from reconcile.emulator.onenet import documented as doc
from reconcile.emulator.onenet.table import Endpoint, Route

READ_NOW = Route("read_now", False, instant.read, doc.INSTANT_READ)
WRITE_NOW = Route("write_now", True, instant.write, doc.INSTANT_WRITE)
EXECUTE_NOW = Route("execute_now", True, instant.execute, doc.INSTANT_EXECUTE)
OBSERVE = Route("observe", False, instant.observe, doc.OBSERVING)
DISCOVER = Route("discover", False, instant.discover, doc.DISCOVERY)
RESOURCES = Route("resources", False, instant.resources, doc.LISTED_RESOURCES)
QUEUE_READ = Route("queue_read", False, cached.read, doc.CACHED_READ)
QUEUE_WRITE = Route("queue_write", True, cached.write, doc.CACHED_WRITE)
QUEUE_EXECUTE = Route("queue_execute", True, cached.execute, doc.CACHED_EXECUTE)
INSTANT_TRACE = Route("trace", False, history.instant_trace, doc.OF_DEVICE)

_TREE = (
    ("GET", "", READ_NOW),
    ("POST", "", WRITE_NOW),
    ("POST", "/execute", EXECUTE_NOW),
    ("POST", "/observe", OBSERVE),
    ("GET", "/discover", DISCOVER),
    ("GET", "/offline", QUEUE_READ),
    ("POST", "/offline", QUEUE_WRITE),
    ("POST", "/execute/offline", QUEUE_EXECUTE),
    ("GET", "/offline/history", Route("history", False, history.listing, doc.HISTORY)),
    ("GET", "/offline/history/{uuid}", Route("detail", False, history.detail, doc.OF_DEVICE)),
    ("GET", "/offline/history/{uuid}/piecewise", Route("trace", False, history.trace, doc.OF_DEVICE)),
    ("PUT", "/offline/cancel/all", Route("cancel_all", True, cached.cancel_all, doc.OF_DEVICE)),
    ("PUT", "/offline/cancel/{uuid}", Route("cancel", True, cached.cancel, doc.OF_DEVICE)),
)


def endpoints(root: str) -> tuple[Endpoint, ...]:
    """The tree below `/nbiot` or `/nb-iot`."""
    return tuple(Endpoint(method, f"{root}{suffix}", route) for method, suffix, route in _TREE)
