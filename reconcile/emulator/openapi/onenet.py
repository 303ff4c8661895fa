"""The OneNET calls of all three generations, from the catalogues that requests are routed and checked by.

On Studio a path holds several calls, told apart by `action`: there the operation of a path has the parameters of all of
them, and a description of one call alone is `operation` of its endpoint.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.documented import Parameter
from reconcile.emulator.onenet.table import Endpoint
from reconcile.emulator.openapi.schemas import Schema, answer, closed, reference
from reconcile.emulator.routes import endpoints

_SECURITY = {"classic": ["onenetMasterKey", "onenetToken"], "studio": ["onenetToken"], "current": ["onenetToken"]}
_TEXT: Schema = {"type": "string"}
_FORMATS = {
    "devIds": "device-ids",
    "device_id": "device-id",
    "device_name": "onenet-device",
    "imei": "imei",
    "product_id": "onenet-product",
    "project_id": "onenet-project",
    "uuid": "command-uuid",
}
_TYPES: dict[str, Schema] = {
    "time": {"type": "string", "format": "zoneless-time"},
    "date": {"type": "string", "format": "date"},
}
_RESOURCE = {
    "type": "object",
    "properties": {
        "res_id": {"type": "integer", "minimum": 0, "maximum": 65535},
        "val": {"type": ["string", "number", "boolean"]},
        "type": {"enum": [1, 2]},
    },
    "required": ["res_id", "val"],
}
_ARRAYS: dict[str, Schema] = {"data": _RESOURCE, "params": {"type": "string"}}


def paths() -> dict[str, Schema]:
    """Every path of the three generations."""
    found: dict[str, Schema] = {}
    for generation, known in endpoints().items():
        grouped: dict[tuple[str, str], list[Endpoint]] = {}
        for one in known:
            grouped.setdefault((one.path, one.method.lower()), []).append(one)
        for (path, method), several in grouped.items():
            found.setdefault(path, {})[method] = operation(generation, several)
    return found


def operation(generation: str, several: Sequence[Endpoint]) -> Schema:
    """The operation that some endpoints of one method and path make together."""
    first = several[0]
    words = "".join(part.strip("{}").title().replace("-", "") for part in first.path.split("/"))
    made: Schema = {
        "operationId": f"{generation}{first.method.title()}{words}",
        "tags": [f"OneNET {generation}"],
        "summary": ", ".join(dict.fromkeys(one.route.operation for one in several)),
        "security": [{name: []} for name in _SECURITY[generation]],
        "parameters": _parameters(several),
        "responses": _responses(generation, first.route.family),
    }
    bodies = [body for one in several if (body := _body(one.route.parameters))["properties"]]
    if bodies:
        schema = bodies[0] if len(bodies) == 1 else {"anyOf": bodies}
        is_required = all(body["required"] for body in bodies) and len(bodies) == len(several)
        made["requestBody"] = {"required": is_required, "content": {"application/json": {"schema": schema}}}
    return made


def schemas() -> dict[str, Schema]:
    """The envelopes."""
    told = {"type": ["string", "integer"]}
    return {
        "Errno": closed({"errno": {"type": "integer"}, "error": _TEXT, "data": {}}, ["errno", "error"]),
        "StudioSuccess": closed({"requestId": _TEXT, "success": {"const": True}, "data": {}}, ["requestId", "success"]),
        "StudioFailure": closed(
            {"requestId": _TEXT, "success": {"const": False}, "code": _TEXT, "msg": _TEXT},
            ["requestId", "success", "code", "msg"],
        ),
        "Code": closed({"code": told, "msg": _TEXT, "request_id": _TEXT, "data": {}}, ["code", "msg", "request_id"]),
        "GatewayWord": closed({"error": _TEXT}, ["error"]),
    }


def security() -> dict[str, Schema]:
    """The master key, and the token whose version depends on the generation."""
    about = (
        "version, res, et, method and sign; versions 2018-10-31 (classic), 2020-05-29 (Studio), 2022-05-01 (current)."
    )
    return {
        "onenetMasterKey": {"type": "apiKey", "in": "header", "name": "api-key"},
        "onenetToken": {"type": "apiKey", "in": "header", "name": "authorization", "description": about},
    }


def _parameters(several: Sequence[Endpoint]) -> list[Json]:
    found: dict[str, Schema] = {}
    for one in several:
        for parameter in one.route.parameters:
            if parameter.place == "query":
                is_required = all(_demands(other, parameter.name) for other in several)
                found[parameter.name] = _parameter(parameter.name, "query", _schema(parameter), required=is_required)
    head: list[Json] = []
    if several[0].argument:
        name = several[0].argument
        path_schema = _schema(Parameter(name)) | {"minLength": 1}
        head.append(_parameter(name, "path", path_schema, required=True))
    if several[0].action:
        actions = {"enum": [one.action for one in several]}
        head.append(_parameter("action", "query", actions, required=True))
    return [*head, *found.values()]


def _demands(one: Endpoint, name: str) -> bool:
    return any(known.name == name and known.is_required for known in one.route.parameters)


def _parameter(name: str, place: str, schema: Schema, *, required: bool) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _body(parameters: Sequence[Parameter]) -> Schema:
    told = [one for one in parameters if one.place == "body"]
    return {
        "type": "object",
        "properties": {one.name: _schema(one) for one in told},
        "required": [one.name for one in told if one.is_required],
    }


def _schema(parameter: Parameter) -> Schema:
    if parameter.choices:
        return {"enum": list(parameter.choices)}
    if parameter.type == "array":
        schema: Schema = {"type": "array", "items": _ARRAYS.get(parameter.name, {})}
        return schema | ({"minItems": 1} if parameter.is_required else {})
    schema = dict(_TYPES.get(parameter.type, {"type": parameter.type}))
    bounds = {"minimum": parameter.lowest, "maximum": parameter.highest, "default": parameter.default}
    schema |= {name: bound for name, bound in bounds.items() if bound is not None}
    return schema | ({"format": _FORMATS[parameter.name]} if parameter.name in _FORMATS else {})


def _responses(generation: str, family: str) -> Schema:
    match generation, family:
        case "studio", "thing":
            names = ["StudioSuccess", "StudioFailure"]
        case "current", "thing":
            names = ["Code"]
        case "current", _:
            names = ["Errno", "Code"]
        case _:
            names = ["Errno"]
    good = {"anyOf": [reference(name) for name in names]} if len(names) > 1 else reference(names[0])
    found = {"200": answer("Done, or refused: the envelope tells.", {"application/json": good})}
    if generation == "studio":
        refused = answer("Bad credentials.", {"application/json": reference("StudioFailure")})
        impatient = answer("With switch studio_gateway.", {"application/json": reference("GatewayWord")})
        found |= {"403": refused, "504": impatient}
    throttled = answer("With switches onenet_rate and throttle_signal.", {"application/json": reference("GatewayWord")})
    failed = answer("With a scripted fault.", {"application/json": reference("Errno")})
    return found | {"429": throttled, "500": failed}
