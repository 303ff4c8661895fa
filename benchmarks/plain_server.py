"""A keep-alive server that answers Aliyun's desired-property calls well-formed, checks nothing and keeps nothing.

It is the same for every client and does as little as it can, so that what is measured is the client.
Run: `python -m benchmarks.plain_server PORT`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web


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


async def respond(request: web.BaseRequest) -> web.StreamResponse:
    """Any method, any path: the action stands in the query, the form or a header."""
    fields = dict(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True))
    if request.can_read_body:
        fields |= parse_qsl((await request.read()).decode(), keep_blank_values=True)
    action = fields.get("Action") or request.headers.get("x-acs-action", "")
    return web.json_response(answer(action, fields))


async def _serve(port: int) -> None:
    runner = web.ServerRunner(web.Server(respond, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    import asyncio

    asyncio.run(_serve(int(sys.argv[1])))
