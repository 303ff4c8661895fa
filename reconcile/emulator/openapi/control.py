"""The emulator's own calls, which no cloud has."""

from __future__ import annotations

from dataclasses import dataclass

from reconcile.emulator.messages import Json
from reconcile.emulator.openapi.schemas import Schema, answer, closed

_OBJECT: Schema = {"type": "object"}
_OBJECTS: Schema = {"type": "array", "items": _OBJECT}
_RULES = closed({"rules": _OBJECTS}, ["rules"])
_OK: Schema = {"type": "object", "required": ["ok"], "properties": {"ok": {"const": True}, "now": {"type": "string"}}}
_DEVICE: Schema = {
    "type": "object",
    "required": ["cloud", "online", "last_uplink", "values", "executions", "queue", "desired", "reported"],
}


@dataclass(frozen=True, slots=True)
class ControlCall:
    """A control call; a path part in braces is a parameter."""

    method: str
    path: str
    about: str
    answer: Schema
    body: Schema | None = None
    query: tuple[tuple[str, Schema], ...] = ()


_KIND = {"enum": ["register", "update", "notify", "report"]}
_UPLINK = closed({"kind": _KIND}, [])
_OR_LEAVE = closed({"kind": {"enum": [*_KIND["enum"], "deregister"]}}, [])
_ONENET, _ALIYUN = "/_emulator/devices/onenet/{imei}", "/_emulator/devices/aliyun/{productKey}/{deviceName}"
_THING = "/_emulator/devices/onenet/{product_id}/{device_name}"
_AFTER: tuple[tuple[str, Schema], ...] = (("after", {"type": "integer", "minimum": 0}),)
_SECONDS = {"type": "number", "minimum": 0, "maximum": 10 * 366 * 86400}
CALLS = (
    ControlCall("get", "/_emulator/health", "Whether it is there, and its clock.", _OK),
    ControlCall("get", "/_emulator/openapi.json", "This description.", _OBJECT),
    ControlCall(
        "get",
        "/_emulator/log",
        "Every request in order, later than `after`.",
        _OBJECTS,
        query=_AFTER,
    ),
    ControlCall("get", "/_emulator/pushes", "What OneNET would push over HTTP, in order.", _OBJECTS, query=_AFTER),
    ControlCall("get", "/_emulator/devices", "The truth of all devices.", {"type": "array", "items": _DEVICE}),
    ControlCall("get", _ONENET, "The truth of a device.", _DEVICE),
    ControlCall("get", _THING, "The truth of a device of a OneJSON product.", _DEVICE),
    ControlCall("get", _ALIYUN, "The truth of a device.", _DEVICE),
    ControlCall("post", f"{_ONENET}/uplink", "The device speaks now.", _DEVICE, _OR_LEAVE),
    ControlCall("post", f"{_THING}/uplink", "The device speaks now.", _DEVICE, _OR_LEAVE),
    ControlCall("post", f"{_ALIYUN}/uplink", "The device speaks now.", _DEVICE, _UPLINK),
    ControlCall("post", f"{_ONENET}/console", "Somebody else changes the device.", _DEVICE, _OBJECT),
    ControlCall("post", f"{_THING}/console", "Somebody else changes the device.", _DEVICE, _OBJECT),
    ControlCall("post", f"{_ALIYUN}/console", "Somebody else sets desired values.", _DEVICE, _OBJECT),
    ControlCall("post", "/_emulator/clock", "Moves the clock.", _OK, closed({"advance_s": _SECONDS}, ["advance_s"])),
    ControlCall("get", "/_emulator/faults", "The fault script in force.", _RULES),
    ControlCall("post", "/_emulator/faults", "Replaces the fault script.", _RULES, _RULES),
    ControlCall("get", "/_emulator/switches", "Every open question with its answers.", _OBJECTS),
    ControlCall("post", "/_emulator/switches", "Sets switches.", _OBJECTS, _OBJECT),
    ControlCall("post", "/_emulator/reset", "Back to the population.", _OK),
)
_FORMATS = {
    "imei": "imei",
    "product_id": "onenet-product",
    "device_name": "onenet-device",
    "productKey": "product-key",
    "deviceName": "device-name",
}


def paths() -> dict[str, Schema]:
    """All control calls by path."""
    found: dict[str, Schema] = {}
    for call in CALLS:
        found.setdefault(call.path, {})[call.method] = _operation(call)
    return found


def schemas() -> dict[str, Schema]:
    """What a control call without sense gets."""
    return {"ControlError": closed({"error": {"type": "string"}}, ["error"])}


def _operation(call: ControlCall) -> Schema:
    names = [part[1:-1] for part in call.path.split("/") if part.startswith("{")]
    parameters: list[Json] = [_parameter(name, "path", _path_schema(name)) for name in names]
    parameters += [_parameter(name, "query", schema) for name, schema in call.query]
    refused = answer(
        "No sense, or no such device.", {"application/json": {"$ref": "#/components/schemas/ControlError"}}
    )
    operation: Schema = {
        "operationId": f"{call.method}{call.path.replace('/', '_').replace('{', '').replace('}', '')}",
        "tags": ["Control"],
        "summary": call.about,
        "security": [],
        "responses": {"200": answer("Done.", {"application/json": call.answer}), "400": refused, "404": refused},
    }
    if parameters:
        operation["parameters"] = parameters
    if call.body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": call.body}}}
    return operation


def _path_schema(name: str) -> Schema:
    kind = _FORMATS[name]
    return {"type": "string", "minLength": 1, "format": kind}


def _parameter(name: str, place: str, schema: Schema) -> Schema:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}
