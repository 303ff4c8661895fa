"""Cached commands as the platform lists, describes, traces and withdraws them.

Every record may name its IMEI; one of another device makes the whole answer unusable.
Source: OneNET NB-IoT book list/12, list/13, list/33, list/34.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedCommand
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import Json
from reconcile.platforms.onenet.wire import answers, times
from reconcile.platforms.onenet.wire.answers import Unparsable

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


@dataclass(frozen=True, slots=True)
class CachedCommand:
    """A cached command as the history or its detail shows it (list/12, list/13)."""

    uuid: str
    type: str
    send_status: int
    confirm_status: str | None
    expired_at: datetime | None
    confirmed_at: datetime | None
    result: Json = None

    @property
    def delivery(self) -> DeliveryState | None:
        """How far it got; None when the platform's words do not say (status 8, or 5 without a confirmation).

        Delivered (5) counts only with SUCCESS: whether a device's refusal ends as 5 or 6 is not documented
        (emulator switch negative_answer).
        """
        return delivery_of(self.send_status, self.confirm_status)

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
class Trace:
    """One line of a command's log; `stage` is received, sent, confirmed or forwarded, None for other words."""

    at: datetime | None
    stage: str | None
    log: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of a device's waiting commands: uuids withdrawn, and those that could not be."""

    cancelled: tuple[str, ...]
    failed: tuple[str, ...]


_STAGES = (
    ("received command", "received"),
    ("send command", "sent"),
    ("received confirm message", "confirmed"),
    ("feedback message", "forwarded"),
)


def delivery_of(send_status: int, confirm_status: str | None) -> DeliveryState | None:
    """How far a command got, from the platform's two words; None when they do not say."""
    if send_status == 5 and confirm_status is not None:
        return DeliveryState.CONFIRMED if confirm_status == REASONS[0] else DeliveryState.FAILED
    return _SIMPLE.get(send_status)


def history(data: Json, imei: str) -> tuple[int, tuple[CachedCommand, ...]]:
    """How many commands match, and those of this page. Raises: Unparsable."""
    body = answers.object_of(data, "data")
    items = answers.array_of(body.get("items"), "data.items")
    commands = tuple(_command(item, None, imei) for item in items)
    return answers.integer(body.get("total_count"), "data.total_count"), commands


def detail(data: Json, uuid: str, imei: str) -> CachedCommand:
    """The command of that uuid; the detail need not repeat the uuid. Raises: Unparsable."""
    return _command(data, uuid, imei)


def trace(data: Json) -> tuple[Trace, ...]:
    """The log of a command, in the platform's order. Raises: Unparsable."""
    entries = [answers.object_of(entry, "data[]") for entry in answers.array_of(data, "data of a trace")]
    return tuple(_trace(entry) for entry in entries)


def withdrawn(data: Json) -> Withdrawn:
    """What cancelling all of a device's waiting commands came to. Raises: Unparsable."""
    body = answers.object_of(data, "data")
    return Withdrawn(*(_uuids(body.get(name), f"data.{name}") for name in ("succ", "failed")))


def _uuids(value: Json, place: str) -> tuple[str, ...]:
    return tuple(answers.text(uuid, f"{place}[]") for uuid in answers.array_of(value, place))


def _trace(entry: Mapping[str, Json]) -> Trace:
    log = str(entry.get("log") or "")
    stage = next((name for words, name in _STAGES if log.lower().startswith(words)), None)
    return Trace(times.from_wire(entry.get("time")), stage, log)


def _command(item: Json, uuid: str | None, imei: str) -> CachedCommand:
    body = answers.object_of(item, "a command")
    named = body.get("cmd_uuid")
    found = uuid if uuid is not None else named
    kind = body.get("type")
    if not isinstance(found, str) or not isinstance(kind, str):
        raise Unparsable("a command has no cmd_uuid or type")
    if body.get("imei", imei) != imei or (named is not None and named != found):
        raise Unparsable("it is about another device or command")
    return CachedCommand(
        found,
        kind,
        answers.integer(body.get("send_status"), "send_status"),
        confirm_status(body.get("confirm_status")),
        times.from_wire(body.get("expired_time")),
        times.from_wire(body.get("confirm_time")),
        body.get("cmd_result"),
    )


def confirm_status(status: Json) -> str | None:
    """A name in the history, a number in pushes; both are read."""
    if isinstance(status, int) and not isinstance(status, bool):
        return REASONS[status] if 0 <= status < len(REASONS) else str(status)
    return status.upper() if isinstance(status, str) and status else None
