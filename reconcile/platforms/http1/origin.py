"""Where requests go: scheme, host and port of an endpoint, and the path before every target."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from socket import gaierror
from urllib.parse import quote, urlsplit

from reconcile.model.late import dataclass
from reconcile.platforms.http1.exchange import Unreached

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """`name` is the host as it is looked up, `host` as the header says it; `path` is encoded, no `/` at its end."""

    is_tls: bool
    name: str
    port: int
    host: str
    path: str


@lru_cache(maxsize=64)
def origin_of(endpoint: str) -> Origin:
    """The origin of a URL. Raises: Unreached when it is none."""
    try:
        url = urlsplit(endpoint)
        name, port = url.hostname or "", url.port
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except ValueError as exc:
        raise Unreached(f"the endpoint is no URL ({exc})") from exc
    if url.scheme not in _PORTS or not name:
        raise Unreached("the endpoint is no URL with http or https and a host")
    shown = f"[{name}]" if ":" in name else name
    host = shown if port in (None, _PORTS[url.scheme]) else f"{shown}:{port}"
    path = quote(url.path, safe="/%:@!$&'()*+,;=~").rstrip("/")
    return Origin(url.scheme == "https", name, port or _PORTS[url.scheme], host, path)


def why_unreached(origin: Origin, failed: Exception) -> str:
    """Why no connection came about, for people: `connection refused: 10.0.0.5:443; …`."""
    place = f"{origin.name}:{origin.port}"
    match failed:
        case gaierror():
            return f"the name {origin.name} is not known to the name service here; check network and endpoint"
        case ssl.SSLError():
            return f"no trusted TLS connection with {place}; check endpoint and certificates"
        case TimeoutError():
            return "no connection came about in time; check network and endpoint"
        case OSError(errno=int() as number):
            return f"{os.strerror(number).lower()}: {place}; check network and endpoint"
        case _:
            return f"{type(failed).__name__}: {place}; check network and endpoint"
