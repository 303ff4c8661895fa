"""Façade of openapi.heclouds.com: `/{namespace}?action=...`, tokens of version 2020-05-29.

Namespaces LwM2M-online and LwM2M-offline have the commands, but no history, detail or cancel (table of contents of the
LwM2M-IPSO pages); application and common have the thing model. Bad credentials are HTTP 403; the body is assumed.
"""

from __future__ import annotations

from reconcile.emulator.auth_onenet import parse_token, token_problem
from reconcile.emulator.call import Call
from reconcile.emulator.credentials import ONENET_GROUPS, ONENET_USER
from reconcile.emulator.messages import Answer, Json
from reconcile.emulator.onenet import documented as doc
from reconcile.emulator.onenet import inventory, properties, suite
from reconcile.emulator.onenet.engine import Facade, errno_answer
from reconcile.emulator.onenet.reply import AUTH_FAILED, TEXTS, Reply, with_data
from reconcile.emulator.onenet.table import Action, Endpoint, Route, Table
from reconcile.emulator.scene import name_uuid

GATEWAY_TIMEOUT_S = 10
NAMESPACES = ("lwm2m-online", "lwm2m-offline", "application", "common")
_OF_DEVICE = (doc.PROJECT, doc.PRODUCT, doc.DEVICE_NAME)
_POSTED = tuple(one.in_body for one in _OF_DEVICE)


def _in_project(action: Action) -> Action:
    """An application call, which names its project."""

    def run(call: Call) -> Reply:
        inventory.text(inventory.asked(call), "project_id")
        return action(call)

    return run


def _detail(call: Call) -> Reply:
    return with_data(inventory.detail(call, inventory.find(call)))


def _status(call: Call) -> Reply:
    return with_data({"status": inventory.status(call, inventory.find(call))})


def _listing(call: Call) -> Reply:
    group = _group_of_token(call) or call.params.get("group_id", "")
    found, meta = inventory.page(call, product_required=False, group=group)
    return with_data({"list": [inventory.row(call, one) for one in found], "meta": meta})


def _products(call: Call) -> Reply:
    rows, meta = inventory.products(call)
    return with_data({"list": rows, "meta": meta})


def _latest(call: Call) -> Reply:
    rows = properties.latest(call)
    return with_data({"list": [row | {"time": str(row["time"])} if "time" in row else row for row in rows]})


def _desired(call: Call) -> Reply:
    return with_data({"params": properties.desired(call)})


def _thing(operation: str, action: Action, *parameters: doc.Parameter, mutating: bool = False) -> Route:
    return Route(operation, mutating, action, parameters, "thing")


def _application(method: str, action: str, route: Route) -> Endpoint:
    return Endpoint(method, "/application", Route(
        route.operation, route.mutating, _in_project(route.action), route.parameters, "thing"
    ), action)  # fmt: skip


TABLE = Table(
    (
        Endpoint("GET", "/lwm2m-online", suite.READ_NOW, "read"),
        Endpoint("POST", "/lwm2m-online", suite.WRITE_NOW, "write"),
        Endpoint("POST", "/lwm2m-online", suite.EXECUTE_NOW, "execute"),
        Endpoint("POST", "/lwm2m-online", suite.OBSERVE, "observe"),
        Endpoint("GET", "/lwm2m-online", suite.DISCOVER, "discover"),
        Endpoint("GET", "/lwm2m-online", suite.RESOURCES, "resources"),
        Endpoint("GET", "/lwm2m-offline", suite.QUEUE_READ, "read"),
        Endpoint("POST", "/lwm2m-offline", suite.QUEUE_WRITE, "write"),
        Endpoint("POST", "/lwm2m-offline", suite.QUEUE_EXECUTE, "execute"),
        Endpoint("GET", "/common", _thing("query_device", _detail, doc.PRODUCT, doc.DEVICE_NAME), "QueryDeviceDetail"),
        Endpoint("GET", "/common", _thing("thing_model", properties.thing_model, doc.PRODUCT), "QueryThingModel"),
        _application("GET", "QueryDeviceDetail", _thing("query_device", _detail, *_OF_DEVICE)),
        _application("GET", "QueryDeviceStatus", _thing("device_status", _status, *_OF_DEVICE)),
        _application(
            "GET", "QueryProductList", _thing("QueryProductList", _products, doc.PROJECT, doc.OFFSET, doc.LIMIT)
        ),
        _application(
            "GET",
            "QueryDeviceList",
            _thing(
                "list_devices",
                _listing,
                doc.PROJECT,
                doc.Parameter("product_id"),
                doc.Parameter("device_name"),
                doc.GROUP,
                doc.OFFSET,
                doc.LIMIT,
            ),
        ),
        _application("GET", "QueryDeviceProperty", _thing("property_status", _latest, *_OF_DEVICE)),
        _application(
            "POST", "SetDeviceProperty", _thing("write_now", properties.set_now, *_POSTED, doc.PARAMS, mutating=True)
        ),
        _application(
            "POST",
            "QueryDevicePropertyDetail",
            _thing("read_now", properties.read_now, *_POSTED, doc.IDENTIFIERS.required),
        ),
        _application(
            "POST",
            "SetDeviceDesiredProperty",
            _thing("set_desired", properties.set_desired, *_POSTED, doc.PARAMS, mutating=True),
        ),
        _application(
            "POST", "QueryDeviceDesiredProperty", _thing("query_desired", _desired, *_POSTED, doc.IDENTIFIERS)
        ),
        _application(
            "POST",
            "DeleteDeviceDesiredProperty",
            _thing("clear_desired", properties.delete_desired, *_POSTED, doc.PARAMS, mutating=True),
        ),
    )
)


def _refusal(call: Call) -> Answer | None:
    header, group = call.request.headers.get("authorization", ""), _group_of_token(call)
    opened = {ONENET_USER, f"{ONENET_GROUPS}{group}"} if group else {ONENET_USER}
    problem = token_problem(header, resources={"2020-05-29": frozenset(opened)}, now_ms=call.now_ms)
    if problem:
        return _failure(call, "authPermissionDeny", problem, status=403)
    if len(call.request.body) > doc.LIMITS["studio_body_bytes"]:
        return _failure(call, "invalidParameter", "request body above 4 MB")
    return _foreign_device(call, group) if group else None


def _group_of_token(call: Call) -> str:
    """The group whose devices alone a token opens; empty for a user's."""
    resource = parse_token(call.request.headers.get("authorization", "")).get("res", "")
    return resource.removeprefix(ONENET_GROUPS) if resource.startswith(ONENET_GROUPS) else ""


def _foreign_device(call: Call, group: str) -> Answer | None:
    world, name = call.world, call.device or ""
    device = world.things.get(name) or world.onenet.get(name)
    if device is None or group in device.groups:
        return None
    if _is_thing_call(call):
        return _failure(call, "resourePermissionDeny", "the device is not of this group")
    return errno_answer(call, Reply(AUTH_FAILED, TEXTS[AUTH_FAILED]))


def _wrap(call: Call, reply: Reply) -> Answer:
    """The engine's reply, unless the gateway gave up waiting for the device."""
    is_impatient = call.world.scene.switches["studio_gateway"] == "10s"
    if is_impatient and reply.waited_s > GATEWAY_TIMEOUT_S:
        error = {"error": "gateway timeout"}
        return Answer(error, 504, status=504, landed=reply.landed, delay_s=GATEWAY_TIMEOUT_S)
    if not _is_thing_call(call):
        return errno_answer(call, reply)
    if reply.errno != 0:
        return _failure(call, str(reply.errno), reply.error, landed=reply.landed)
    payload: dict[str, Json] = {"requestId": _request_id(call), "success": True}
    has_data = reply.has_data or call.world.scene.switches["empty_data"] == "null"
    return Answer(payload | ({"data": reply.data} if has_data else {}), 0, landed=reply.landed)


def _failure(call: Call, name: str, text: str, *, status: int = 200, landed: bool = False) -> Answer:
    space = "common" if call.request.path.lower().startswith("/common") else "application"
    code = name if name.startswith("iot.") else f"iot.{space}.{name}"
    payload = {"requestId": _request_id(call), "success": False, "code": code, "msg": text}
    return Answer(payload, code, status=status, landed=landed)


def _is_thing_call(call: Call) -> bool:
    return call.request.path.lower().strip("/") in ("application", "common")


def _request_id(call: Call) -> str:
    return name_uuid("request", call.now_ms, call.world.log.next_seq).replace("-", "")


FACADE = Facade("studio", TABLE, _refusal, _wrap)
