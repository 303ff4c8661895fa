"""A relay between a client and its cloud that counts requests and spoils answers, for the conformance kit.

It knows nothing of any vendor: what it does to a request happens to requests on real networks too.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

FAULTS = (
    "lose_request",
    "lose_answer",
    "cut_answer",
    "garble_answer",
    "empty_answer",
    "wrong_json",
    "error_before",
    "error_after",
    "redirect",
)
"""What can become of a request. Those named `before`, `lose_request` and `redirect` never reach the cloud."""

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was on the wire. `target` is path and query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Relay:
    """Listens on loopback while its `with` block runs. `fault` befalls requests that `spoils` says yes to."""

    cloud: str
    requests: list[Request] = field(default_factory=list)
    fault: str = ""
    spoils: Callable[[Request], bool] = lambda _request: True
    clock_ahead: timedelta = timedelta()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where a client finds it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def pass_on(self, request: Request) -> _Answer:
        """The cloud's own answer, its clock moved by `clock_ahead`."""
        parts = urlsplit(self.cloud)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            connection.putheader(name, value)
        connection.endheaders(request.body or None)
        answer = connection.getresponse()
        body = answer.read()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
        if date := answer.getheader("date"):
            kept.append(("Date", format_datetime(parsedate_to_datetime(date) + self.clock_ahead, usegmt=True)))
        connection.close()
        return _Answer(answer.status, kept, body)


def _handler(relay: Relay) -> type[BaseHTTPRequestHandler]:
    def serve(here: BaseHTTPRequestHandler) -> None:
        body = here.rfile.read(int(here.headers.get("content-length") or 0))
        request = Request(here.command, here.path, dict(here.headers.items()), body)
        relay.requests.append(request)
        spoiled = relay.fault if relay.fault and relay.spoils(request) else ""
        answer = _spoiled(relay, request, spoiled)
        if answer is None:
            here.close_connection = True
            return
        here.send_response_only(answer.status)
        for name, value in answer.headers:
            here.send_header(name, value)
        missing = 64 if spoiled == "cut_answer" else 0
        here.send_header("Content-Length", str(len(answer.body) + missing))
        here.end_headers()
        here.wfile.write(answer.body)
        here.close_connection = here.close_connection or bool(missing)

    verbs = {f"do_{verb}": serve for verb in ("GET", "POST", "PUT", "DELETE", "PATCH")}
    return type("Handler", (BaseHTTPRequestHandler,), {"protocol_version": "HTTP/1.1", **verbs})


def _spoiled(relay: Relay, request: Request, fault: str) -> _Answer | None:
    """What the client gets; None is a closed connection."""
    if fault == "lose_request":
        return None
    if fault == "error_before":
        return _Answer(500, [], b"{}")
    if fault == "redirect":
        return _Answer(307, [("Location", f"{relay.url}/elsewhere")], b"")
    answer = relay.pass_on(request)
    match fault:
        case "lose_answer":
            return None
        case "garble_answer":
            return _Answer(200, answer.headers, b"<html>\xff\xfe not for machines")
        case "empty_answer":
            return _Answer(200, answer.headers, b"")
        case "wrong_json":
            return _Answer(200, answer.headers, json.dumps([{"errno": "?"}, None]).encode())
        case "error_after":
            return _Answer(502, [], b"bad gateway")
        case _:
            return answer
