"""A device's queue of cached commands: what waits, what became of it, and withdrawing from it.

On Studio alone there is no such call, and nothing may be queued that could not be looked after (`config`).
Source: OneNET NB-IoT book list/9, list/12 to list/14, list/33, list/34.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from reconcile.model.errors import InDoubt, Refused
from reconcile.model.values import Json
from reconcile.platforms.onenet.calls import ANSWER_TIMEOUT_S, ask
from reconcile.platforms.onenet.config import Side
from reconcile.platforms.onenet.transport import Patience, Transport
from reconcile.platforms.onenet.wire import answers, queue_answers, queue_requests, requests
from reconcile.platforms.onenet.wire.queue_answers import CachedCommand, Trace, Withdrawn
from reconcile.platforms.onenet.wire.requests import ReadLater
from reconcile.ports import Stamp

_PAGES = 50
NOT_ON_RECORD = "no data"
"""Our word for a success without data: the platform has no such command. Assumed, as 5108 is."""
_DAY = timedelta(days=1)


class Queue:
    """Cached commands of one account. Every method raises CallFailed."""

    def __init__(self, transport: Transport, side: Side) -> None:
        self._transport, self._side = transport, side

    async def since(self, imei: str, since: datetime) -> Sequence[CachedCommand]:
        """Commands created since a time, oldest first, all pages.

        The end lies ahead, as a clock that is a little behind must not hide the newest command.
        """
        end = self._transport.clock.now() + _DAY
        found: dict[str, CachedCommand] = {}
        for page in count(1):
            request = queue_requests.history(self._side.api, imei, since, end, page)
            read = partial(queue_answers.history, imei=imei)
            total, commands = await ask(self._transport, self._side, request, read)
            found |= {command.uuid: command for command in commands}
            if not commands or len(found) >= total:
                break
            if page == _PAGES:
                raise InDoubt("the list of cached commands has no end")
        return tuple(found.values())

    async def command(self, imei: str, uuid: str) -> CachedCommand:
        """One command, with the device's answer where there is one."""
        request = queue_requests.detail(self._side.api, imei, uuid)

        def read(data: Json) -> CachedCommand:
            if not data:
                raise Refused("OneNET has no command of that uuid", vendor_code=NOT_ON_RECORD)
            return queue_answers.detail(data, uuid=uuid, imei=imei)

        return await ask(self._transport, self._side, request, read)

    async def trace(self, imei: str, uuid: str) -> tuple[Trace, ...]:
        """The platform's log of one command, stage by stage."""
        request = queue_requests.trace(self._side.api, imei, uuid)
        return await ask(self._transport, self._side, request, queue_answers.trace)

    async def cancel(self, imei: str, uuid: str) -> None:
        """Asks to withdraw one command; what became of it only its state tells."""
        request = queue_requests.cancel(self._side.api, imei, uuid)
        await self._transport.call(self._side, request, Patience(ANSWER_TIMEOUT_S))

    async def cancel_all(self, imei: str) -> Withdrawn:
        """Withdraws every waiting command of a device, those of others too: for a person who asks, not for a plan."""
        request = queue_requests.cancel_all(self._side.api, imei)
        return await ask(self._transport, self._side, request, queue_answers.withdrawn)

    async def read_later(self, imei: str, wanted: ReadLater, stamp: Stamp) -> str:
        """Queues a read; the uuid under which its answer will be found."""
        expires_at = stamp.expires_at or stamp.server_now + timedelta(seconds=wanted.queueing.expire_after_s)
        request = requests.queue_read(self._side.api, imei, wanted, stamp.valid_from, expires_at)
        patience = Patience(ANSWER_TIMEOUT_S, stamp.not_after)
        return await ask(self._transport, self._side, request, answers.uuid_of, patience)
