"""Which calls of a OneNET account the client makes, by the configured generations, and which role needs each.

Source: OneNET NB-IoT book list/2 to list/14, list/20, list/22, list/29; Studio book, api/application; API list of the
current platform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconcile.model.examination import CallUse
from reconcile.platforms.onenet.model import Api

if TYPE_CHECKING:
    from reconcile.platforms.onenet.config import Connection

_BOTH: Final = ("plan", "apply")
_LISTED: Final = ("listing",)
_COMMANDS: Final = {Api.CLASSIC: "/nbiot", Api.CURRENT: "/nb-iot"}


def calls_of(connection: Connection) -> tuple[CallUse, ...]:
    """Every call with the role that needs it: devices by IMEI, the queue, the radio, things, listings."""
    return (
        *_device_calls(connection),
        *_queue_calls(connection),
        *_radio_calls(connection),
        *_thing_calls(connection),
        *_project_calls(connection),
    )


def _device_calls(connection: Connection) -> tuple[CallUse, ...]:
    match device_api(connection):
        case Api.CLASSIC:
            return (
                CallUse("query_device", "GET /devices/getbyimei, GET /devices/{id}", _BOTH),
                # Presence of many devices at once is cheaper from the list.
                CallUse("list_devices", "GET /devices", (*_BOTH, *_LISTED)),
                CallUse("latest_data", "GET /devices/datapoints", (*_BOTH, *_LISTED)),
            )
        case Api.CURRENT:
            return (CallUse("query_device", "GET /device/detail", _BOTH),)
        case _:  # nobody is found by an IMEI: the cloud's clock is learned from the list of resources
            return (CallUse("resources", "GET /LwM2M-online?action=resources", ("apply",)),)


def _project_calls(connection: Connection) -> tuple[CallUse, ...]:
    """Lists by product or project. By name a device is asked for to learn the clock, and where a list tells no IMEI."""
    if connection.things is None:
        return ()
    if connection.things.api is Api.STUDIO:
        products, devices, detail = (
            f"GET /application?action={name}" for name in ("QueryProductList", "QueryDeviceList", "QueryDeviceDetail")
        )
    else:
        products, devices, detail = "GET /project/product-list", "GET /device/list", "GET /device/detail"
    is_named = connection.things.api is device_api(connection)  # among the device calls
    roles = _LISTED if is_named else ("apply", *_LISTED)
    listed = CallUse("QueryProductList", products, _LISTED)
    return (
        *((listed,) if connection.project_id is not None else ()),
        CallUse("list_devices", devices, _LISTED),
        CallUse("query_device", detail, roles),
    )


def _queue_calls(connection: Connection) -> tuple[CallUse, ...]:
    root = _COMMANDS.get(connection.cached.api)
    if root is None:
        return ()
    return (
        CallUse("history", f"GET {root}/offline/history", _BOTH),
        CallUse("detail", f"GET {root}/offline/history/{{uuid}}", _BOTH),
        CallUse("queue_write", f"POST {root}/offline", ("apply",), is_mutating=True),
        CallUse("queue_execute", f"POST {root}/execute/offline", ("apply",), is_mutating=True),
        CallUse("cancel", f"PUT {root}/offline/cancel/{{uuid}}", ("apply",), is_mutating=True),
    )


def _radio_calls(connection: Connection) -> tuple[CallUse, ...]:
    api = connection.instant.api
    return (
        CallUse("read_now", _instant(api, "GET", "read"), _BOTH),
        CallUse("write_now", _instant(api, "POST", "write"), ("apply",), is_mutating=True),
        CallUse("execute_now", _instant(api, "POST", "execute"), ("apply",), is_mutating=True),
    )


def _thing_calls(connection: Connection) -> tuple[CallUse, ...]:
    if connection.things is None:
        return ()
    if connection.things.api is Api.STUDIO:
        names = (
            "QueryDeviceDesiredProperty",
            "QueryDeviceProperty",
            "SetDeviceDesiredProperty",
            "DeleteDeviceDesiredProperty",
        )
        query, reported, set_, delete = (f"/application?action={name}" for name in names)
    else:
        names = (
            "query-device-desired-property",
            "query-device-property",
            "set-device-desired-property",
            "delete-device-desired-property",
        )
        query, reported, set_, delete = (f"/thingmodel/{name}" for name in names)
    return (
        CallUse("query_desired", f"POST {query}", _BOTH),
        CallUse("property_status", f"GET {reported}", _BOTH),
        CallUse("set_desired", f"POST {set_}", ("apply",), is_mutating=True),
        CallUse("clear_desired", f"POST {delete}", ("apply",), is_mutating=True),
    )


def device_api(connection: Connection) -> Api | None:
    """Where devices are asked for by their IMEI; None on Studio alone."""
    side = connection.side(connection.cached.api, Api.CLASSIC, Api.CURRENT)
    return None if side is None or side.api is Api.STUDIO else side.api


def _instant(api: Api, method: str, verb: str) -> str:
    if api is Api.STUDIO:
        return f"{method} /LwM2M-online?action={verb}"
    return f"{method} {_COMMANDS[api]}" + ("/execute" if verb == "execute" else "")
