"""What the clouds answer, read strictly: anything that is not the documented shape is `Unparsable`, never a guess.

Source: OneNET NB-IoT book list/4, list/9 to list/14, list/2, list/28; the envelope of the current platform is assumed
to be either (emulator switch g3_envelope).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconcile.model.observed import ObservedCommand
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import UNKNOWN, Json, JsonObject, Missing
from reconcile.platforms.onenet.wire import times

REASONS: tuple[str, ...] = (
    "SUCCESS", "METHOD_NOT_ALLOWED", "FORBIDDEN", "NOT_FOUND", "INTERNAL_SERVER_ERROR", "TIME_OUT", "REQ_PARAM_ERROR",
    "RESP_ERROR", "UNAUTHORIZED", "BAD_REQUEST", "NOT_ACCEPTABLE", "UNSUPPORTED_CONTENT_FORMAT", "OFFLINE",
    "ADDR_OCCUPIED",
)  # fmt: skip
"""confirm_status by number, which are also the sub-reasons of errno 5106 (Error_codes)."""

_SIMPLE = {
    1: DeliveryState.QUEUED,
    2: DeliveryState.CANCELLED,
    3: DeliveryState.SENT,
    4: DeliveryState.EXPIRED,
    6: DeliveryState.FAILED,
}
_ONLINE_STATUS = 2


class Unparsable(ValueError):
    """An answer of HTTP 200 that is not what the page promises. The text names the place, never the content."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`errno`/`error` or `code`/`msg`, as `code` and `text`, and the data."""

    code: str
    text: str
    data: Json = None

    @property
    def is_success(self) -> bool:
        """True for errno 0 and code 0."""
        return self.code == "0"


@dataclass(frozen=True, slots=True)
class CachedCommand:
    """A cached command as the history or its detail shows it (list/12, list/13)."""

    uuid: str
    type: str
    send_status: int
    confirm_status: str | None
    expired_at: datetime | None
    confirmed_at: datetime | None

    @property
    def delivery(self) -> DeliveryState | None:
        """How far it got; None when the platform's words do not say (status 8, or 5 without a confirmation).

        Delivered (5) counts only with SUCCESS: whether a device's refusal ends as 5 or 6 is not documented
        (emulator switch negative_answer).
        """
        if self.send_status == 5 and self.confirm_status is not None:
            return DeliveryState.CONFIRMED if self.confirm_status == REASONS[0] else DeliveryState.FAILED
        return _SIMPLE.get(self.send_status)

    @property
    def evidence(self) -> str:
        """The platform's own words."""
        status = f"send_status {self.send_status}"
        return f"{status}, confirm_status {self.confirm_status}" if self.confirm_status else status

    def observed(self, delivery: DeliveryState) -> ObservedCommand:
        """The fact in our words: `write`, `execute` or `read`; the expiry is the marker that recovery matches."""
        return ObservedCommand(
            self.uuid, self.type.lower(), delivery, self.expired_at, self.confirmed_at, self.evidence
        )


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What the platform knows of a device's reachability."""

    device_id: str | None
    is_online: bool | Missing
    last_uplink: datetime | Missing


def envelope(content: bytes) -> Envelope:
    """The envelope of an answer. Raises: Unparsable."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise Unparsable("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise Unparsable("the answer is not an object")
    for code_name, text_name in (("errno", "error"), ("code", "msg")):
        code = answer.get(code_name)
        if isinstance(code, (int, str)) and not isinstance(code, bool):
            return Envelope(str(code), str(answer.get(text_name) or ""), answer.get("data"))
    raise Unparsable("the answer has neither errno nor code")


def uuid_of(data: Json) -> str:
    """The uuid of a command just queued. Raises: Unparsable."""
    uuid = _object(data, "data").get("uuid")
    if not isinstance(uuid, str) or not uuid:
        raise Unparsable("data.uuid is missing")
    return uuid


def history(data: Json) -> tuple[int, tuple[CachedCommand, ...]]:
    """How many commands match, and those of this page. Raises: Unparsable."""
    body = _object(data, "data")
    items = body.get("items")
    if not isinstance(items, list):
        raise Unparsable("data.items is missing")
    commands = tuple(_command(item, None) for item in items)
    return _integer(body.get("total_count"), "data.total_count"), commands


def detail(data: Json, uuid: str) -> CachedCommand:
    """The command of that uuid; the detail does not repeat the uuid. Raises: Unparsable."""
    return _command(data, uuid)


def device(data: Json) -> DeviceFacts:
    """Online or not, and the last contact, of a brief or whole description of a device. Raises: Unparsable."""
    body = _object(data, "data")
    online, status = body.get("online"), body.get("status")
    is_online: bool | Missing = UNKNOWN
    if isinstance(online, bool):
        is_online = online
    elif isinstance(status, int) and not isinstance(status, bool):
        is_online = status == _ONLINE_STATUS
    device_id = body.get("id", body.get("did"))
    # `last_ct` is classic; the name on the current platform is assumed to be one of the two.
    last = times.from_wire(body.get("last_ct")) or times.from_wire(body.get("last_time")) or UNKNOWN
    return DeviceFacts(str(device_id) if isinstance(device_id, (str, int)) else None, is_online, last)


def read_values(instance: str, data: Json) -> dict[str, Json]:
    """Values by path of the resources of one object instance. Raises: Unparsable.

    A multiple-instance resource comes as `res_inst`; it is returned as an object by instance id.
    """
    if not isinstance(data, list):
        raise Unparsable("data of a read is not an array")
    obj, _, wanted = instance.rpartition("/")
    found: dict[str, Json] = {}
    for entry in data:
        body = _object(entry, "data[]")
        if _integer(body.get("obj_inst_id"), "obj_inst_id") != int(wanted):
            continue
        for res_id, value in _resources(body.get("res")):
            found[f"{obj}/{wanted}/{res_id}"] = value
    return found


def _resources(entries: Json) -> Sequence[tuple[int, Json]]:
    if not isinstance(entries, list):
        raise Unparsable("res of a read is not an array")
    return [_resource(_object(entry, "res[]")) for entry in entries]


def _resource(body: JsonObject) -> tuple[int, Json]:
    res_id = _integer(body.get("res_id"), "res_id")
    if "val" in body:
        return res_id, body["val"]
    instances = body.get("res_inst")
    if not isinstance(instances, list):
        raise Unparsable("a resource has neither val nor res_inst")
    each = [_object(entry, "res_inst[]") for entry in instances]
    return res_id, {str(_integer(one.get("res_inst_id"), "res_inst_id")): one.get("val") for one in each}


def _command(item: Json, uuid: str | None) -> CachedCommand:
    body = _object(item, "a command")
    found = uuid if uuid is not None else body.get("cmd_uuid")
    kind = body.get("type")
    if not isinstance(found, str) or not isinstance(kind, str):
        raise Unparsable("a command has no cmd_uuid or type")
    return CachedCommand(
        found,
        kind,
        _integer(body.get("send_status"), "send_status"),
        _confirm_status(body),
        times.from_wire(body.get("expired_time")),
        times.from_wire(body.get("confirm_time")),
    )


def _confirm_status(body: Mapping[str, Json]) -> str | None:
    """A name in the history, a number in pushes; both are read."""
    status = body.get("confirm_status")
    if isinstance(status, int) and not isinstance(status, bool):
        return REASONS[status] if 0 <= status < len(REASONS) else str(status)
    return status.upper() if isinstance(status, str) and status else None


def _object(value: Json, place: str) -> JsonObject:
    if not isinstance(value, dict):
        raise Unparsable(f"{place} is not an object")
    return value


def _integer(value: Json, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise Unparsable(f"{place} is not a number")
    try:
        return int(value)
    except ValueError:
        raise Unparsable(f"{place} is not a number") from None
