"""Thing-model calls of Studio and the current platform.

Source: Studio book, application/*DeviceDesiredProperty, QueryDeviceProperty, common/QueryThingModel; API list of the
current platform, whose bodies were seen in public clients: bare values, no project.
"""

from __future__ import annotations

import json

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.model import Api
from reconcile.platforms.onenet.wire.device_requests import application
from reconcile.platforms.onenet.wire.requests import Family, WireRequest


@dataclass(frozen=True, slots=True)
class ThingName:
    """A device of a product; `project_id` is Studio's, the current platform has none."""

    project_id: str | None
    product_id: str
    device_name: str


def set_desired(api: Api, thing: ThingName, values: JsonObject) -> WireRequest:
    """Sets desired values, bare ones: the current platform refuses `{"value": ...}` as a wrong type."""
    return _post(api, "SetDeviceDesiredProperty", "set-device-desired-property", thing, values)


def query_desired(api: Api, thing: ThingName, identifiers: list[str]) -> WireRequest:
    """Desired values with their versions."""
    return _post(api, "QueryDeviceDesiredProperty", "query-device-desired-property", thing, list(identifiers))


def delete_desired(api: Api, thing: ThingName, versions: dict[str, int]) -> WireRequest:
    """Deletes desired values, each only while it has that version."""
    params: JsonObject = {identifier: {"version": version} for identifier, version in versions.items()}
    return _post(api, "DeleteDeviceDesiredProperty", "delete-device-desired-property", thing, params)


def query_reported(api: Api, thing: ThingName) -> WireRequest:
    """The newest reported value of every property."""
    names = (("product_id", thing.product_id), ("device_name", thing.device_name))
    return application(api, "QueryDeviceProperty", "/thingmodel/query-device-property", thing.project_id, names)


def thing_model(api: Api, product_id: str) -> WireRequest:
    """The thing model of a product."""
    query = (("product_id", product_id),)
    if api is Api.STUDIO:
        fixed = (("action", "QueryThingModel"), ("version", "1"))
        return WireRequest("GET", "/common", (*fixed, *query), family=Family.STUDIO)
    return WireRequest("GET", "/thingmodel/query-thing-model", query, family=Family.CURRENT)


def _post(api: Api, action: str, path: str, thing: ThingName, params: Json) -> WireRequest:
    named: JsonObject = {"product_id": thing.product_id, "device_name": thing.device_name, "params": params}
    if api is Api.STUDIO:
        project: JsonObject = {"project_id": thing.project_id}
        fixed = (("action", action), ("version", "1"))
        return WireRequest("POST", "/application", fixed, _encoded({**project, **named}), family=Family.STUDIO)
    return WireRequest("POST", f"/thingmodel/{path}", (), _encoded(named), family=Family.CURRENT)


def _encoded(body: JsonObject) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
