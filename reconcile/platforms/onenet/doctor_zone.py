"""Which zone the platform's times are in, proved by one command that is queued for later and withdrawn at once.

Premise: a request and an answer may use different zones, so an expiry that is echoed proves nothing. Rule: create_time
against the clock of the Date header gives the zone of answers; the expiry sent against the one shown then gives that
of requests; a window that contains the command gives that of the history's start and end.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reconcile.model.examination import Capability, Mark
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.doctor_queue import Queue, Window
from reconcile.platforms.onenet.wire import times

_BEIJING = timedelta(hours=8)
_UTC = timedelta()
_QUARTER_S = 900


@dataclass(frozen=True, slots=True)
class Zones:
    """Offsets from UTC: of times told, of times taken, and of the history's window (None: in neither window)."""

    told: timedelta
    taken: timedelta
    history: timedelta | None

    def capability(self) -> Capability:
        """Beijing everywhere is what the client assumes; UTC for all that is taken is the emulator's other answer."""
        history = "none" if self.history is None else _shown(self.history)
        evidence = {"create_time": _shown(self.told), "valid_time": _shown(self.taken), "history": history}
        if self.told == self.taken == self.history == _BEIJING:
            return Capability("onenet.zone", "beijing", Mark.OK, ("history_zone", "beijing"), evidence)
        if self.taken == self.history == _UTC:
            return Capability("onenet.zone", "utc", Mark.PROBLEM, ("history_zone", "utc"), evidence)
        return Capability("onenet.zone", "mixed", Mark.PROBLEM, None, evidence)


async def zones(queue: Queue, uuid: str, window: Window, asked_at: datetime) -> tuple[Zones | None, JsonObject]:
    """The zones, and the command's detail; None when the detail has no readable times. Raises: CallFailed."""
    detail = await queue.detail(uuid)
    created, expires = _plain(detail.get("create_time")), _plain(detail.get("expired_time"))
    if created is None or expires is None:
        return None, detail
    told = _rounded(created - asked_at.astimezone(UTC).replace(tzinfo=None))
    sent = window.expires_at.astimezone(times.BEIJING).replace(tzinfo=None)
    taken = told - _rounded(expires - sent)
    return Zones(told, taken, await _history_zone(queue, uuid, asked_at)), detail


async def _history_zone(queue: Queue, uuid: str, asked_at: datetime) -> timedelta | None:
    for zone in (_BEIJING, _UTC):
        shift = zone - _BEIJING
        span = timedelta(minutes=10)
        items = await queue.listed(asked_at - span + shift, asked_at + span + shift)
        if any(item.get("cmd_uuid") == uuid for item in items):
            return zone
    return None


def _plain(text: Json) -> datetime | None:
    at = times.from_wire(text)
    return None if at is None else at.astimezone(times.BEIJING).replace(tzinfo=None)


def _rounded(span: timedelta) -> timedelta:
    return timedelta(seconds=round(span.total_seconds() / _QUARTER_S) * _QUARTER_S)


def _shown(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
