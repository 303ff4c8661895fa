"""A keep-alive server that answers Aliyun's desired-property calls and OneNET's queued writes well-formed.

It checks nothing and keeps nothing.

It is the same for every client and does as little as it can, so that what is measured is the client.
Run: `python -m benchmarks.plain_server PORT`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

QUEUED = {
    "errno": 0,
    "code": 0,
    "error": "succ",
    "msg": "succ",
    "data": {"uuid": "42742677-adc3-54ca-83a1-5aaaf71482f8"},
}


def answer(action: str, fields: Mapping[str, str]) -> dict[str, object]:
    """The body of a success; versions are those the call expected, plus one."""
    body: dict[str, object] = {"RequestId": "57b144cf-09fc-4916-a272-a62902d5b207", "Success": True, "Code": ""}
    match action:
        case "SetDeviceDesiredProperty":
            expected = json.loads(fields.get("Versions") or "{}")
            versions = {name: expected.get(name, 0) + 1 for name in json.loads(fields.get("Items") or "{}")}
            body["Data"] = {"MessageId": "1361212030152028161", "Versions": json.dumps(versions)}
        case "QueryDeviceDesiredProperty":
            body["Data"] = {"List": {"DesiredPropertyInfo": []}}
        case "QueryDevicePropertyStatus":
            body["Data"] = {"List": {"PropertyStatusInfo": []}}
        case _:
            body["Data"] = {"Status": "ONLINE", "Timestamp": 1795248000000}
    return body


@dataclass(slots=True)
class Window:
    """When the first set arrived and the last one was answered: what sending costs without start-up."""

    count: int = 0
    first_s: float = 0.0
    last_s: float = 0.0

    def note(self) -> None:
        """Counts a set."""
        self.last_s = time.perf_counter()
        self.first_s = self.first_s if self.count else self.last_s
        self.count += 1

    def close(self) -> dict[str, float]:
        """The window, and a new one begins."""
        told = {"count": self.count, "seconds": self.last_s - self.first_s}
        self.count = 0
        return told


WINDOW = Window()


async def respond(request: web.BaseRequest) -> web.StreamResponse:
    """Any method, any path: the action stands in the query, the form or a header."""
    if request.path == "/_window":
        return web.json_response(WINDOW.close())
    if request.path.endswith("/offline"):
        WINDOW.note()
        return web.json_response(QUEUED)
    fields = dict(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True))
    if request.can_read_body:
        fields |= parse_qsl((await request.read()).decode(), keep_blank_values=True)
    action = fields.get("Action") or request.headers.get("x-acs-action", "")
    if action == "SetDeviceDesiredProperty":
        WINDOW.note()
    return web.json_response(answer(action, fields))


async def _serve(port: int) -> None:
    runner = web.ServerRunner(web.Server(respond, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    import asyncio

    asyncio.run(_serve(int(sys.argv[1])))
