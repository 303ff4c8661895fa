"""The parameters of each call, as the vendor's page of that name lists them.

A `Call` is what is signed and sent: parameters of the query, and of the form body where the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Final

from reconcile.model.actions import SetDesired
from reconcile.model.device import Identity
from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject
from reconcile.platforms.aliyun import json_text

API_VERSION: Final = "2018-01-20"
IDENTIFIERS_PER_CALL: Final = 10

_QUERY_BYTES: Final = 1300
"""Items longer than this travel in the form body: percent-encoding makes up to 9 characters of one, and gateways
commonly end a request line at 8 KiB. Assumed for this call; the signature rules cover query and form alike."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the RPC gateway, not yet signed."""

    action: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    def with_query(self, extra: Mapping[str, str]) -> Call:
        """The same call with further parameters."""
        return Call(self.action, {**self.query, **extra}, self.form) if extra else self


def device_parameters(identity: Identity) -> dict[str, str]:
    """`IotId` alone when it is known, else `ProductKey` and `DeviceName`.

    Source: SetDeviceDesiredProperty: IotId wins when both are given, so sending both could only mislead a reader.
    """
    iot_id = identity.get("iotId")
    if iot_id is not None:
        return {"IotId": iot_id}
    return {"ProductKey": identity["productKey"], "DeviceName": identity["deviceName"]}


def common_parameters(instance_id: str | None, extra: Mapping[str, str]) -> dict[str, str]:
    """What every call of an account carries: `IotInstanceId` when the instance has one, and configured extras."""
    return {**extra, "IotInstanceId": instance_id} if instance_id else dict(extra)


def set_desired(identity: Identity, items: JsonObject, versions: Sequence[tuple[str, int]]) -> Call:
    """SetDeviceDesiredProperty. Raises: ValueError, as `set_payload`."""
    return set_of(identity, set_payload(items, versions))


def set_payload(items: JsonObject, versions: Sequence[tuple[str, int]]) -> dict[str, str]:
    """What a set says of values: `Items`, and `Versions`, always sent, `{}` when nothing is to be checked.

    Raises: ValueError for more than 10 items, for none, and for NaN.
    """
    if not 1 <= len(items) <= IDENTIFIERS_PER_CALL:
        raise ValueError(f"{len(items)} items in one set")
    return {"Items": json_text.write(items), "Versions": json_text.write(dict(versions))}


def set_of(identity: Identity, payload: Mapping[str, str]) -> Call:
    """SetDeviceDesiredProperty of a device with that payload."""
    device = device_parameters(identity)
    if len(payload["Items"]) > _QUERY_BYTES:
        return Call("SetDeviceDesiredProperty", device, payload)
    return Call("SetDeviceDesiredProperty", {**device, **payload})


def items_of(action: SetDesired) -> JsonObject:
    """The items of an action by path. Raises: ValueError when a path stands twice, which the page forbids."""
    items: JsonObject = {write.path: write.value for write in action.items}
    if len(items) != len(action.items):
        raise ValueError("two items of one property")
    return items


def clear_desired(identity: Identity, paths: Sequence[str]) -> Call:
    """ClearDeviceDesiredProperty: `Identifies.N` (sic) in the form body, everything else in the query.

    Assumed: a property of a custom module is written `module:identifier`, as in Set; the page has no module parameter.
    """
    if not 1 <= len(paths) <= IDENTIFIERS_PER_CALL:
        raise ValueError(f"{len(paths)} identifiers in one clear")
    return Call("ClearDeviceDesiredProperty", device_parameters(identity), _numbered("Identifies", paths))


def query_desired(identity: Identity, module: str, identifiers: Sequence[str]) -> Call:
    """QueryDeviceDesiredProperty of one module; more than 10 identifiers are asked for by naming none."""
    named = _numbered("Identifier", identifiers) if len(identifiers) <= IDENTIFIERS_PER_CALL else {}
    return Call("QueryDeviceDesiredProperty", {**device_parameters(identity), **_block(module), **named})


def property_status(identity: Identity, module: str) -> Call:
    """QueryDevicePropertyStatus: what the device last reported of one module, all properties."""
    return Call("QueryDevicePropertyStatus", {**device_parameters(identity), **_block(module)})


def device_status(identity: Identity) -> Call:
    """GetDeviceStatus: ONLINE, OFFLINE, UNACTIVE or DISABLE, and since when."""
    return Call("GetDeviceStatus", device_parameters(identity))


def _block(module: str) -> dict[str, str]:
    return {"FunctionBlockId": module} if module else {}


def _numbered(name: str, values: Sequence[str]) -> dict[str, str]:
    return {f"{name}.{number}": value for number, value in enumerate(values, start=1)}
