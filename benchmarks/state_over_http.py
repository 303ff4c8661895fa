"""A state over HTTP with locks, as Terraform's `http` backend asks for: in a thread, for one state."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Kept(ThreadingHTTPServer):
    """The state's bytes and the lock, as whoever holds it described it."""

    state: bytes = b""
    lock: bytes = b""


class _Answers(BaseHTTPRequestHandler):
    server: Kept

    def do_GET(self) -> None:
        self._answer(200 if self.server.state else 404, self.server.state)

    def do_POST(self) -> None:
        self.server.state = self._body()
        self._answer(200)

    def do_LOCK(self) -> None:
        wanted = self._body()
        if self.server.lock:
            self._answer(423, self.server.lock)
        else:
            self.server.lock = wanted
            self._answer(200)

    def do_UNLOCK(self) -> None:
        self._body()
        self.server.lock = b""
        self._answer(200)

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def kept() -> Iterator[Kept]:
    """The server while the block runs."""
    server = Kept(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
