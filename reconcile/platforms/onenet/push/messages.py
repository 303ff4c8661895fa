"""What a push says, as values.

Source: NB-IoT book, manual/httppush: types 1 (data point), 2 (online, offline) and 7 (result of a cached command);
Studio book, push/rule_engine/rule_data: lifeCycle and notify messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TypeAlias

from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.wire import answers, times
from reconcile.platforms.onenet.wire.answers import Unparsable
from reconcile.platforms.onenet.wire.queue_answers import confirm_status, delivery_of


@dataclass(frozen=True, slots=True)
class Sender:
    """Which device a message is about: what of its names the message gives."""

    device_id: str | None = None
    imei: str | None = None
    product_id: str | None = None
    device_name: str | None = None


@dataclass(frozen=True, slots=True)
class PointArrived:
    """A device reported a value; `path` is a resource path, or the stream's own name."""

    sender: Sender
    path: str
    value: Json
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """A device came or went, as far as its registration tells."""

    sender: Sender
    is_online: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class CommandEnded:
    """What became of a cached command. `values` are what a read brought, by path."""

    sender: Sender
    uuid: str
    delivery: DeliveryState | None
    confirmed_at: datetime | None
    values: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PropertiesReported:
    """A thing reported properties: values by identifier."""

    sender: Sender
    values: Mapping[str, Json]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class OtherMessage:
    """A message of a kind that is not read here."""

    kind: str


Message: TypeAlias = PointArrived | PresenceChanged | CommandEnded | PropertiesReported | OtherMessage


def classic_messages(data: Json) -> tuple[Message, ...]:
    """The messages of a classic push: one object, or several in an array where pushes are gathered.

    Raises: Unparsable.
    """
    entries = data if isinstance(data, list) else [data]
    return tuple(_classic(answers.object_of(entry, "msg")) for entry in entries)


def studio_message(data: Json) -> Message:
    """The message of a Studio push. Raises: Unparsable."""
    body = answers.object_of(data, "msg")
    sender = Sender(
        device_id=answers.optional_text(body.get("deviceId")),
        imei=answers.optional_text(body.get("imei")),
        product_id=answers.optional_text(body.get("productId")),
        device_name=answers.optional_text(body.get("deviceName")),
    )
    kind, data = str(body.get("messageType") or body.get("msgType") or ""), body.get("data")
    told = data if isinstance(data, dict) else {}
    if kind == "lifeCycle" and told.get("status") in ("online", "offline"):
        return PresenceChanged(sender, told["status"] == "online", times.from_milliseconds(told.get("time")))
    params = told.get("params")
    if kind == "notify" and isinstance(params, dict) and body.get("notifyType", "property") == "property":
        return _properties(sender, params)
    return OtherMessage(kind)


def _classic(body: JsonObject) -> Message:
    device_id = body.get("dev_id")
    sender = Sender(str(device_id) if device_id is not None else None, answers.optional_text(body.get("imei")))
    match answers.integer(body.get("type"), "type"):
        case 1:
            stream = answers.text(body.get("ds_id"), "ds_id")
            return PointArrived(sender, _path(stream), body.get("value"), times.from_milliseconds(body.get("at")))
        case 2:
            status = answers.integer(body.get("status"), "status")
            if status not in (0, 1):
                raise Unparsable("status is neither 0 nor 1")
            return PresenceChanged(sender, status == 1, times.from_milliseconds(body.get("at")))
        case 7:
            return _ended(sender, body)
        case other:
            return OtherMessage(str(other))


def _ended(sender: Sender, body: JsonObject) -> CommandEnded:
    confirmed = confirm_status(body.get("confirm_status"))
    told = body.get("confirm_body")
    values: dict[str, Json] = {}
    if isinstance(told, dict) and "obj_inst" in told:
        path = f"/{answers.integer(told.get('obj_id'), 'obj_id')}"
        values = answers.read_values(path, told["obj_inst"])
    return CommandEnded(
        sender,
        answers.text(body.get("cmd_id"), "cmd_id"),
        delivery_of(answers.integer(body.get("send_status"), "send_status"), confirmed),
        times.from_milliseconds(body.get("confirm_time")),
        values,
    )


def _properties(sender: Sender, params: JsonObject) -> PropertiesReported:
    """Values by identifier (or by resource path, of `3_0_20`); the time is the latest of them."""
    found: dict[str, Json] = {}
    instants = []
    for name, entry in params.items():
        told = answers.object_of(entry, f"params.{name}")
        found[_path(name)] = told.get("value")
        instants.append(times.from_milliseconds(told.get("time")))
    return PropertiesReported(sender, found, max((at for at in instants if at is not None), default=None))


def _path(stream: str) -> str:
    parts = stream.split("_")
    is_resource = len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts)
    return "/" + "/".join(parts) if is_resource else stream
