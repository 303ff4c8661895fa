"""The Aliyun calls. All live at one path, so an action is a variant of the form and not an operation of its own.

Schemas `<Action>Request` and `<Action>Answer` describe each; the answer of an action is that one, `BusinessError`, or
with another status than 200 `GatewayError`.
"""

from __future__ import annotations

from reconcile.emulator.aliyun.errors import GATEWAY
from reconcile.emulator.aliyun.operation import DEVICE, Operation, Parameter
from reconcile.emulator.aliyun.operations import OPERATIONS
from reconcile.emulator.openapi.schemas import Schema, answer, closed, of_shape, reference

_FORMATS = {
    "Args": "json-arguments",
    "DeviceName": "device-name",
    "DeviceName.N": "device-name",
    "FunctionBlockId": "module-id",
    "GroupId": "group-id",
    "Identifier": "service-id",
    "Identifier.N": "identifier",
    "Identifies.N": "identifier",
    "IotId": "iot-id",
    "IotId.N": "iot-id",
    "IotInstanceId": "instance-id",
    "Items": "json-values",
    "ModelVersion": "model-version",
    "NextPageToken": "page-token",
    "NextToken": "page-token",
    "ProductKey": "product-key",
    "PropKey": "tag-key",
    "Props": "json-tags",
    "Versions": "json-versions",
}
"""Names of our own for what a text is; `json-` is a JSON object in it."""

_TEXT: Schema = {"type": "string"}


def paths() -> dict[str, Schema]:
    """`/`, by POST with a form, or by GET with everything in the query."""
    variants = [reference(f"{action}Request") for action in OPERATIONS]
    mapping = {action: f"#/components/schemas/{action}Request" for action in OPERATIONS}
    form = {"oneOf": variants, "discriminator": {"propertyName": "Action", "mapping": mapping}}
    common = {"tags": ["Aliyun"], "security": [{"aliyunV1": []}, {"aliyunACS3": []}], "responses": _responses()}
    return {
        "/": {
            "post": {
                "operationId": "aliyunPost",
                "summary": "An RPC action; the gateway takes its parameters from the query, too.",
                "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
                **common,
            },
            "get": {
                "operationId": "aliyunGet",
                "summary": "An RPC action with all its parameters in the query.",
                "parameters": _query(),
                **common,
            },
        }
    }


def schemas() -> dict[str, Schema]:
    """Request and answer of every action, and the two error envelopes."""
    found: dict[str, Schema] = {}
    for action, operation in OPERATIONS.items():
        found[f"{action}Request"] = _request(operation)
        found[f"{action}Answer"] = _answer(operation)
    members = ("RequestId", "Code", "ErrorMessage")
    found["BusinessError"] = closed(
        {**dict.fromkeys(members, _TEXT), "Success": {"const": False}}, [*members, "Success"]
    )
    names = ("RequestId", "HostId", "Code", "Message", "Recommend")
    found["GatewayError"] = closed(dict.fromkeys(names, _TEXT), names)
    return found


def security() -> dict[str, Schema]:
    """The two signatures; neither can be put down as a key alone."""
    return {
        "aliyunV1": {
            "type": "apiKey",
            "in": "query",
            "name": "Signature",
            "description": "Version 1.0, HMAC-SHA1; AccessKeyId, SignatureNonce, Timestamp and others stand beside it.",
        },
        "aliyunACS3": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "ACS3-HMAC-SHA256, with x-acs-action, x-acs-version and x-acs-date; answers are JSON.",
        },
    }


def _request(operation: Operation) -> Schema:
    members: dict[str, Schema] = {"Action": {"const": operation.action}}
    patterns: dict[str, Schema] = {}
    needed = ["Action"]
    for parameter in operation.parameters:
        members |= _members(parameter)
        if parameter.kind in ("list", "tags"):
            patterns[_pattern(parameter)] = _TEXT
        if parameter.required:
            needed.append(next(iter(_members(parameter))))
    schema: Schema = {
        "type": "object",
        "title": operation.action,
        "description": _about(operation),
        "properties": members,
        "required": needed,
    }
    if set(DEVICE) <= set(operation.parameters):
        schema["anyOf"] = [{"required": ["IotId"]}, {"required": ["ProductKey", "DeviceName"]}]
    return schema | ({"patternProperties": patterns} if patterns else {})


def _about(operation: Operation) -> str:
    effect = "Changes something" if operation.mutating else "Changes nothing"
    return f"{effect}. In the log: {operation.name}. At most {operation.per_second} calls a second."


def _members(parameter: Parameter) -> dict[str, Schema]:
    match parameter.kind:
        case "list":
            return {f"{parameter.name}.{number}": _schema(parameter) for number in (1, 2)}
        case "tags":
            return {f"{parameter.name}.1.TagKey": _TEXT, f"{parameter.name}.1.TagValue": _TEXT}
    return {parameter.name: _schema(parameter)}


def _pattern(parameter: Parameter) -> str:
    end = r"\.Tag(Key|Value)" if parameter.kind == "tags" else ""
    return rf"^{parameter.name}\.[1-9][0-9]{{0,3}}{end}$"


def _schema(parameter: Parameter) -> Schema:
    if parameter.choices:
        return {"enum": list(parameter.choices)}
    match parameter.kind:
        case "integer":
            bounds = {"minimum": parameter.lowest, "maximum": parameter.highest}
            return {"type": "integer"} | {name: bound for name, bound in bounds.items() if bound is not None}
        case "boolean":
            return {"type": "boolean"}
    schema: Schema = {"type": "string"}
    if parameter.kind == "object":
        schema["contentMediaType"] = "application/json"
    name = f"{parameter.name}.N" if parameter.kind == "list" else parameter.name
    return schema | ({"format": _FORMATS[name]} if name in _FORMATS else {})


def _answer(operation: Operation) -> Schema:
    shape = dict(operation.answer) if operation.is_whole_answer else {"Data": operation.answer}
    schema = of_shape(shape | {"RequestId": "string"})
    schema["properties"]["Success"] = {"const": True}
    schema["required"].append("Success")
    return schema


def _query() -> list[Schema]:
    """Action, Format, and whatever any action takes."""
    known: dict[str, Schema] = {}
    for operation in OPERATIONS.values():
        for parameter in operation.parameters:
            known |= {name: {"type": "string"} for name in _members(parameter)}
    head: list[Schema] = [
        {"name": "Action", "in": "query", "required": True, "schema": {"enum": list(OPERATIONS)}},
        {"name": "Format", "in": "query", "schema": {"enum": ["JSON", "XML"]}},
    ]
    return [*head, *({"name": name, "in": "query", "schema": known[name]} for name in sorted(known))]


def _responses() -> Schema:
    answers = [reference(f"{action}Answer") for action in OPERATIONS]
    good = answer(
        "The action's answer, or BusinessError: whether it succeeded stands in Success.",
        {"application/json": {"anyOf": [reference("BusinessError"), *answers]}, "text/xml": None},
    )
    refused = {"application/json": reference("GatewayError"), "text/xml": None}
    statuses = sorted({status for status, _ in GATEWAY.values()} | {429})
    return {"200": good} | {str(status): answer("Refused by the gateway.", refused) for status in statuses}
