"""The toy cloud itself, on loopback: things with desired values, each with a version that a write must name."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "toy-token-5b1e"  # of a toy
WORKSPACE = "main"


class ToyCloud:
    """Serves while its `with` block runs. `things` maps a name to its desired values with versions, and what it reports."""

    def __init__(self, *names):
        self.things = {name: {"desired": {}, "reported": {}} for name in names}
        self.log = []

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method, path, authorization, body):
        """Status and JSON of one request."""
        self.log.append((method, path))
        match path.strip("/").split("/"):
            case _ if authorization != f"Bearer {TOKEN}":
                return 401, {"error": "token"}
            case [workspace, "things"] if workspace == WORKSPACE:
                return 200, {"things": sorted(self.things)}
            case [workspace, "things", name, *rest] if workspace == WORKSPACE and name in self.things:
                thing = self.things[name]
            case _:
                return 404, {"error": "unknown thing"}
        if method == "GET" and not rest:
            return 200, thing
        if method == "PATCH" and rest == ["desired"]:
            return self._set(thing, json.loads(body))
        return 405, {"error": "method"}

    def _set(self, thing, body):
        desired = thing["desired"]
        if any(desired.get(name, {"version": 0})["version"] != version for name, version in body["versions"].items()):
            return 409, {"error": "version"}
        for name, value in body["items"].items():
            desired[name] = {"value": value, "version": body["versions"][name] + 1}
            thing["reported"][name] = value
        return 200, {"versions": {name: desired[name]["version"] for name in body["items"]}}


def _handler(cloud):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, told = cloud.answer(self.command, self.path, self.headers.get("authorization"), body)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PATCH = _serve  # noqa: N815  # names of the standard library

        def log_message(self, *_):
            """Says nothing."""

    return Handler
