"""Façade of api.heclouds.com: `/nbiot...` and `/devices...`, master key or token of version 2018-10-31.

Bad credentials are an errno in an answer of HTTP 200: 1 for commands (Error_codes), 3 for devices (API result codes).
"""

from __future__ import annotations

import hmac

from reconcile.emulator.auth_onenet import token_problem
from reconcile.emulator.call import Call
from reconcile.emulator.credentials import ONENET_MASTER_KEY, ONENET_PRODUCT
from reconcile.emulator.messages import Answer
from reconcile.emulator.onenet import datapoints, device_changes, devices, suite
from reconcile.emulator.onenet import documented as doc
from reconcile.emulator.onenet.engine import Facade, errno_answer
from reconcile.emulator.onenet.reply import Reply
from reconcile.emulator.onenet.table import Action, Endpoint, Route, Table

_TOKENS = {"2018-10-31": frozenset({ONENET_PRODUCT})}


def _route(operation: str, action: Action, *parameters: doc.Parameter, mutating: bool = False) -> Route:
    return Route(operation, mutating, action, parameters, "devices")


_LISTED = (
    doc.Parameter("key_words"),
    doc.Parameter("auth_info"),
    doc.Parameter("tag"),
    doc.Parameter("online", "boolean"),
    doc.PAGE,
    doc.PER_PAGE,
    doc.Parameter("device_id"),
    doc.Parameter("begin", "date"),
    doc.Parameter("end", "date"),
)
_POINTS = (doc.Parameter("datastream_id"), doc.START, doc.END, doc.POINTS, doc.Parameter("cursor"))
_WRITTEN = tuple(
    one.in_body
    for one in (
        doc.Parameter("title"),
        doc.Parameter("desc"),
        doc.Parameter("tags", "array"),
        doc.Parameter("location", "object"),
        doc.Parameter("private", "boolean"),
        doc.Parameter("auth_info", "object"),
        doc.Parameter("other", "object"),
    )
)
_CREATED = (*_WRITTEN, doc.Parameter("protocol", choices=("LwM2M", "LWM2M"), is_required=True).in_body)

TABLE = Table(
    (
        *suite.endpoints("/nbiot"),
        Endpoint("GET", "/nbiot/resources", suite.RESOURCES),
        Endpoint("GET", "/nbiot/open/online/history/{uuid}/piecewise", suite.INSTANT_TRACE),
        Endpoint("GET", "/devices", _route("list_devices", devices.listing, *_LISTED)),
        Endpoint("POST", "/devices", _route("CreateDevice", device_changes.create, *_CREATED, mutating=True)),
        Endpoint("GET", "/devices/getbyimei", _route("query_device", devices.by_imei, doc.IMEI)),
        Endpoint("GET", "/devices/status", _route("device_status", devices.status, doc.DEVICE_IDS)),
        Endpoint("GET", "/devices/datapoints", _route("latest_data", datapoints.latest, doc.DEVICE_IDS)),
        Endpoint("GET", "/devices/{device_id}", _route("query_device", devices.detail)),
        Endpoint(
            "PUT", "/devices/{device_id}", _route("UpdateDevice", device_changes.update, *_WRITTEN, mutating=True)
        ),
        Endpoint("DELETE", "/devices/{device_id}", _route("DeleteDevice", device_changes.delete, mutating=True)),
        Endpoint("GET", "/devices/{device_id}/datapoints", _route("device_data", datapoints.of_one, *_POINTS)),
    )
)


def _refusal(call: Call) -> Answer | None:
    api_key = call.request.headers.get("api-key")
    if api_key is not None:
        good = hmac.compare_digest(api_key.encode(), ONENET_MASTER_KEY.encode())
    else:
        good = not token_problem(call.request.headers.get("authorization", ""), resources=_TOKENS, now_ms=call.now_ms)
    if good:
        return None
    is_command = call.request.path.startswith("/nbiot")
    return errno_answer(call, Reply(1, "auth failed") if is_command else Reply(3, "token鉴权失败"))


FACADE = Facade("classic", TABLE, _refusal, errno_answer)
