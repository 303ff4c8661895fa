"""Façade of iot-api.heclouds.com: `/nb-iot...`, `/device...`, `/thingmodel...`, `/project...`, tokens 2022-05-01.

Bad credentials are HTTP 200 with code 10403 (observed on the live host). The envelope of /nb-iot is switch
`g3_envelope`. Three codes are known from clients (10403, 10415, 10417), the others are assumed.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.emulator.auth_onenet import parse_token, token_problem
from reconcile.emulator.call import Call
from reconcile.emulator.credentials import ONENET_PRODUCT, ONENET_PROJECT, ONENET_USER
from reconcile.emulator.messages import Answer, Json
from reconcile.emulator.onenet import datapoints, devices, inventory, properties, suite
from reconcile.emulator.onenet import documented as doc
from reconcile.emulator.onenet.device import Device
from reconcile.emulator.onenet.engine import Facade, errno_answer
from reconcile.emulator.onenet.reply import Reply, with_data
from reconcile.emulator.onenet.table import Action, Endpoint, Route, Table
from reconcile.emulator.scene import name_uuid

CODES = {
    "authPermissionDeny": 10403,
    "resourePermissionDeny": 10404,
    "parameterRequired": 10405,
    "parameterMissing": 10405,
    "invalidParameter": 10406,
    "productNotFound": 10409,
    "deviceNotFound": 10410,
    "setPropertyFailed": 10411,
    "setDesiredPeropertyFailed": 10412,
    "queryDesiredProperyFailed": 10413,
    "deleteDesiredPeropertyFailed": 10414,
    "callTmService": 10415,
    "getTmProperties": 10416,
    "thingModelNotFound": 10417,
    "queryCurrentData": 10418,
}
"""Failures by the names Studio gives them; all but 10403, 10415 and 10417 are assumed numbers."""

_OF_DEVICE = (doc.PRODUCT, doc.DEVICE_NAME)
_POSTED = tuple(one.in_body for one in _OF_DEVICE)
_EITHER = (doc.Parameter("product_id"), doc.Parameter("device_name"), doc.Parameter("imei"))
_LISTED = (doc.PRODUCT, doc.Parameter("device_name"), doc.OFFSET, doc.LIMIT)


def _device_detail(call: Call) -> Reply:
    """By product and name, or by IMEI alone (`product_id=0`, seen in a public client)."""
    imei = call.params.get("imei") or call.params.get("device_name", "")
    device = call.world.onenet.get(imei)
    if device is None and not call.params.get("imei"):
        found = inventory.find(call)
        if not isinstance(found, Device):
            shown = inventory.detail(call, found)
            known = {"did": found.identity, "pid": found.product_id, "name": found.name}
            return with_data(known | {key: value for key, value in shown.items() if not key.startswith("product_")})
        device = found
    if device is None:
        return Reply("deviceNotFound", "device does not exist")
    listed = inventory.detail(call, device)
    shown = {name: value for name, value in devices.full(call, device).items() if name not in ("last_ct", "act_time")}
    shown |= {name: listed[name] for name in ("status", "created_time", "active_time", "last_time")}
    known = {"did": device.device_id, "name": device.name, "imei": device.imei, "pid": device.product_id}
    return with_data(shown | known)


def _listing(call: Call) -> Reply:
    found, meta = inventory.page(call, product_required=True)
    rows: list[dict[str, Json]] = [
        {"did": one.device_id if isinstance(one, Device) else one.identity, "pid": one.product_id, "name": one.name}
        | {
            key: value
            for key, value in inventory.row(call, one).items()
            if key in ("status", "created_time", "last_time")
        }
        | ({"imei": one.imei} if one.imei else {})
        for one in found
    ]
    return _page(call, rows, meta)


def _products(call: Call) -> Reply:
    inventory.text(inventory.asked(call), "project_id")
    rows, meta = inventory.products(call)
    return _page(call, rows, meta)


def _page(call: Call, rows: list[dict[str, Json]], meta: Mapping[str, int]) -> Reply:
    """Rows, and (switch `list_total`) where they lie."""
    is_told = call.world.scene.switches["list_total"] == "told"
    return with_data({"list": rows, **(meta if is_told else {})})


def _latest(call: Call) -> Reply:
    return with_data(properties.latest(call))


def _desired(call: Call) -> Reply:
    return with_data(properties.desired(call))


def _thing(operation: str, action: Action, *parameters: doc.Parameter, mutating: bool = False) -> Route:
    return Route(operation, mutating, action, parameters, "thing")


_NAMES = {
    "query-thing-model": ("GET", _thing("thing_model", properties.thing_model, doc.PRODUCT)),
    "set-device-property": (
        "POST",
        _thing("write_now", properties.set_now, *_POSTED, doc.PARAMS, mutating=True),
    ),
    "query-device-property-detail": (
        "POST",
        _thing("read_now", properties.read_now, *_POSTED, doc.IDENTIFIERS.required),
    ),
    "query-device-property": ("GET", _thing("property_status", _latest, *_OF_DEVICE)),
    "set-device-desired-property": (
        "POST",
        _thing("set_desired", properties.set_desired, *_POSTED, doc.PARAMS, mutating=True),
    ),
    "query-device-desired-property": (
        "POST",
        _thing("query_desired", _desired, *_POSTED, doc.IDENTIFIERS),
    ),
    "delete-device-desired-property": (
        "POST",
        _thing("clear_desired", properties.delete_desired, *_POSTED, doc.PARAMS, mutating=True),
    ),
}

TABLE = Table(
    (
        *suite.endpoints("/nb-iot"),
        Endpoint("GET", "/device/detail", _thing("query_device", _device_detail, *_EITHER)),
        Endpoint("GET", "/device/list", _thing("list_devices", _listing, *_LISTED)),
        Endpoint(
            "GET",
            "/project/product-list",
            _thing("QueryProductList", _products, doc.PROJECT, doc.OFFSET, doc.LIMIT),
        ),
        Endpoint("GET", "/datapoint/current-datapoints", _thing("latest_data", datapoints.current, *_OF_DEVICE)),
        *(Endpoint(method, f"/thingmodel/{name}", route) for name, (method, route) in _NAMES.items()),
    )
)


def _refusal(call: Call) -> Answer | None:
    header = call.request.headers.get("authorization", "")
    products = {f"products/{product}" for product in call.world.onenet_products}
    resources = {"2022-05-01": frozenset({ONENET_USER, ONENET_PROJECT, ONENET_PRODUCT, *products})}
    if call.world.scene.switches["device_token_on_g3"] == "accept" and call.device:  # noqa: S105 - a switch
        product, _, name = call.device.rpartition("/")
        resource = f"products/{product}/devices/{name}" if product else f"{ONENET_PRODUCT}/devices/{name}"
        resources["2018-10-31"] = frozenset({resource})
    token = parse_token(header) if header else {}
    if token.get("version") == "2018-10-31" and "2018-10-31" not in resources:
        return _code_answer(call, Reply("authPermissionDeny", "authentication failed:token version not supported"))
    problem = token_problem(header, resources=resources, now_ms=call.now_ms)
    if problem:
        return _code_answer(call, Reply("authPermissionDeny", f"authentication failed:{problem}"))
    return _foreign_product(call, token.get("res", ""))


def _foreign_product(call: Call, resource: str) -> Answer | None:
    """A product's token opens that product only."""
    told = call.body if isinstance(call.body, dict) else call.params
    product = str(told.get("product_id") or "")
    if not resource.startswith("products/") or product in ("", "0") or resource.split("/")[1] == product:
        return None
    return _code_answer(call, Reply("resourePermissionDeny", "no permission for this product"))


def _wrap(call: Call, reply: Reply) -> Answer:
    is_command = call.request.path.startswith("/nb-iot")
    if is_command and call.world.scene.switches["g3_envelope"] == "errno":
        return errno_answer(call, reply)
    return _code_answer(call, reply)


def _code_answer(call: Call, reply: Reply) -> Answer:
    code = reply.errno if isinstance(reply.errno, int) else CODES.get(reply.errno, 10400)
    if reply.error == properties.NOT_ONLINE:
        code = int(call.world.scene.switches["g3_offline_code"])
    request_id = name_uuid("request", call.now_ms, call.world.log.next_seq)
    payload = {"code": code, "msg": reply.error, "request_id": request_id, "data": reply.data}
    return Answer(payload, code, landed=reply.landed)


FACADE = Facade("current", TABLE, _refusal, _wrap)
