"""The queue of one device as a proof uses it: queue a write of the value it has, look at it, withdraw it.

A refusal is proved, not believed: numbers such as 5108 mean "invalid" and "may have happened" alike, so after a failed
call the list of commands decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Final

from reconcile.model.actions import CancelQueued, Queueing, QueueWrite, Write
from reconcile.model.desired import TRIGGERS, WriteMode
from reconcile.model.errors import CallFailed, InDoubt, NotSent, Refused
from reconcile.model.examination import Outcome, Subject
from reconcile.model.journal import AttemptState
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.config import Connection
from reconcile.platforms.onenet.model import Api, instance_of
from reconcile.platforms.onenet.transport import Patience, Transport
from reconcile.platforms.onenet.wire import device_requests, queue_requests, requests, times
from reconcile.platforms.onenet.wire.requests import WireRequest
from reconcile.ports import Bench, Stamp

PATIENCE: Final = Patience(15.0)
REGISTER_ONLY: Final = ("register",)
"""The rarest uplink: a command that waits for it stays where it is while it is looked at."""
WAIT, CANCELLED, SENT, EXPIRED, DELIVERED = 1, 2, 3, 4, 5
_DAY: Final = timedelta(days=1)
_PAGES: Final = 20


@dataclass(frozen=True, slots=True)
class Window:
    """When a command may be delivered, on the platform's clock; `valid_from` None leaves it to the platform."""

    valid_from: datetime | None
    expires_at: datetime


@dataclass(slots=True)
class Queue:
    """`shift` corrects our zone-less times for a platform that reads them in another zone than Beijing's.

    live: commands of this proof that may still take effect. retry: the smallest that the platform takes.
    """

    transport: Transport
    connection: Connection
    subject: Subject
    bench: Bench
    shift: timedelta = timedelta()
    retry: int = 0
    live: list[str] = field(default_factory=list)
    _taken: set[datetime] = field(default_factory=set)

    @property
    def imei(self) -> str:
        """The device."""
        return self.subject.identity["imei"]

    @property
    def api(self) -> Api:
        """The API of the queue."""
        return self.connection.cached.api

    def now(self) -> datetime:
        """The platform's clock, to the second above."""
        return (self.transport.clock.now() + timedelta(seconds=1)).replace(microsecond=0)

    def window(self, valid_in_s: int | None, expire_in_s: int) -> Window:
        """From now; no two windows of a proof end in the same second."""
        now = self.now()
        expires_at = now + timedelta(seconds=expire_in_s)
        while expires_at in self._taken:
            expires_at += timedelta(seconds=1)
        self._taken.add(expires_at)
        return Window(None if valid_in_s is None else now + timedelta(seconds=valid_in_s), expires_at)

    async def put(self, window: Window, trigger: Sequence[str] = REGISTER_ONLY) -> Outcome:
        """Queues one write, journaled. Raises: InDoubt when nothing tells whether it was taken."""
        bearing, now = self.subject.bearing, self.transport.clock.now()
        valid_s = 0 if window.valid_from is None else int((window.valid_from - now).total_seconds())
        expire_s = int((window.expires_at - now).total_seconds())
        action = QueueWrite(
            instance_of(bearing.path),
            (Write(bearing.path, bearing.value, bearing.value_type),),
            WriteMode.UPDATE,
            25,
            Queueing(valid_s, expire_s, self.retry, tuple(trigger)),
        )
        shifted = None if window.valid_from is None else window.valid_from + self.shift
        request = requests.queue_write(self.api, self.imei, action, shifted, window.expires_at + self.shift)

        async def call() -> Outcome:
            return await self._queued(request)

        # What the platform refuses anyway has no copy that could take effect after its expiry.
        stamp = Stamp(now, window.valid_from, window.expires_at, max(window.expires_at, window.valid_from or now))
        outcome = await self.bench.send(action, stamp, call)
        if outcome.command_uuid is not None:
            self.live.append(outcome.command_uuid)
        return outcome

    async def withdraw(self, uuid: str) -> Outcome:
        """Cancels one command, then looks: only its state counts."""

        async def call() -> Outcome:
            code = await self._cancel(uuid)
            status = send_status(await self.detail(uuid))
            state = AttemptState.DONE if status in (CANCELLED, EXPIRED) else AttemptState.REFUSED
            return Outcome(state, code, f"send_status {status}")

        action = CancelQueued(uuid, (self.subject.bearing.path,))
        outcome = await self.bench.send(action, Stamp(self.transport.clock.now()), call)
        if outcome.is_accepted:
            await self.forget(uuid)
        return outcome

    async def forget(self, uuid: str) -> None:
        """A command that was seen to have ended."""
        self.live = [each for each in self.live if each != uuid]
        await self.bench.gone(uuid)

    async def detail(self, uuid: str) -> JsonObject:
        """One command, as the platform describes it. Raises: CallFailed."""
        answer = await self._read(queue_requests.detail(self.api, self.imei, uuid))
        return answer if isinstance(answer, dict) else {}

    async def listed(self, since: datetime, until: datetime) -> list[JsonObject]:
        """Commands created between two times as Beijing time writes them. Raises: CallFailed."""
        found: list[JsonObject] = []
        for page in range(1, _PAGES):
            data = await self._read(queue_requests.history(self.api, self.imei, since, until, page))
            items = data.get("items") if isinstance(data, dict) else None
            shown = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
            found += shown
            total = data.get("total_count") if isinstance(data, dict) else None
            if not shown or not isinstance(total, int) or len(found) >= total:
                break  # by the count: a platform may make its pages shorter than it was asked for
        return found

    async def waiting(self) -> set[str]:
        """Commands that may still be delivered, whoever queued them; a week and every zone back."""
        now = self.transport.clock.now()
        items = await self.listed(now - 7 * _DAY, now + _DAY)
        return {str(item.get("cmd_uuid")) for item in items if send_status(item) in (WAIT, SENT)}

    async def last_uplink(self) -> datetime | None:
        """When the device spoke last, as far as the platform tells. Raises: CallFailed."""
        data = await self._read(device_requests.by_imei(self.api, self.imei))
        if self.api is Api.CLASSIC and isinstance(data, dict):
            data = await self._read(device_requests.detail(str(data.get("id"))))
        body = data if isinstance(data, dict) else {}
        return times.from_wire(body.get("last_ct")) or times.from_wire(body.get("last_time"))

    async def _queued(self, request: WireRequest) -> Outcome:
        before = await self._uuids()
        try:
            answer = await self.transport.call(self.connection.cached, request, PATIENCE)
        except NotSent as exc:
            return Outcome(AttemptState.NOT_LANDED, exc.code, exc.args[0])
        except Refused as exc:
            return Outcome(AttemptState.REFUSED, exc.vendor_code, exc.args[0])
        except InDoubt as exc:
            if not exc.vendor_code:
                raise
            landed = await self._uuids() - before
            if not landed:
                return Outcome(AttemptState.REFUSED, exc.vendor_code, exc.args[0])
            return Outcome(AttemptState.DONE, exc.vendor_code, exc.args[0], min(landed))
        uuid = answer.data.get("uuid") if isinstance(answer.data, dict) else None
        if not isinstance(uuid, str):
            raise InDoubt("a command was accepted, but the answer names no uuid")
        return Outcome(AttemptState.DONE, command_uuid=uuid)

    async def _cancel(self, uuid: str) -> str:
        """The code of a cancel that was not accepted, or nothing."""
        request = queue_requests.cancel(self.api, self.imei, uuid)
        try:
            await self.transport.call(self.connection.cached, request, PATIENCE)
        except CallFailed as exc:
            if isinstance(exc, InDoubt) and not exc.vendor_code:
                raise
            return exc.vendor_code or exc.code
        return ""

    async def _uuids(self) -> set[str]:
        now = self.transport.clock.now()
        return {str(item.get("cmd_uuid")) for item in await self.listed(now - _DAY, now + _DAY)}

    async def _read(self, request: WireRequest) -> Json:
        return (await self.transport.call(self.connection.cached, request, PATIENCE)).data


def send_status(item: JsonObject) -> int:
    """`send_status` of a command, 0 when it cannot be read."""
    status = item.get("send_status")
    if isinstance(status, str) and status.isdigit():
        return int(status)
    return status if isinstance(status, int) and not isinstance(status, bool) else 0


ALL_UPLINKS: Final = TRIGGERS
