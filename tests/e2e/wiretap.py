"""A relay between the command line and the clouds that keeps every request byte for byte."""

from __future__ import annotations

import socket
import socketserver
import threading
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Seen:
    """One request as it was on the wire."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str

    @property
    def form(self):
        """Parameters of the URL, and of a form in the body."""
        return self.query | dict(parse_qsl(self.body, keep_blank_values=True))


class Wiretap:
    """Listens on loopback while its `with` block runs, and passes everything on."""

    def __init__(self, url):
        self._target = (urlsplit(url).hostname, urlsplit(url).port)
        self._streams = []

    def __enter__(self):
        tap = self

        class Relay(socketserver.BaseRequestHandler):
            def handle(self):
                stream = bytearray()
                tap._streams.append(stream)
                with socket.create_connection(tap._target) as onward:
                    back = threading.Thread(target=_pump, args=(onward, self.request, None))
                    back.start()
                    _pump(self.request, onward, stream)
                    back.join()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def seen(self, method, path):
        """The requests with that method and path, in order."""
        found = [request for stream in self._streams for request in _requests(bytes(stream))]
        return [request for request in found if (request.method, request.path) == (method, path)]


def _pump(source, sink, kept):
    try:
        while data := source.recv(65536):
            if kept is not None:
                kept += data
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:  # one side has left; the other learns it by its own read
        pass


def _requests(stream):
    while stream:
        head, _, rest = stream.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size_bytes = int(headers.get("content-length", 0))
        method, target, _ = first.split(" ")
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        yield Seen(method, parts.path, query, headers, rest[:size_bytes].decode())
        stream = rest[size_bytes:]
