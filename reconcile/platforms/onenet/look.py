"""Looking at a device: its queue, its last contact, and what it says itself.

Premise: a fact that could not be read is unknown; only a failure of what was asked for makes the whole device unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TypeVar

from reconcile.model.device import DeviceRef
from reconcile.model.errors import CallFailed, InDoubt, Refused
from reconcile.model.observed import Look, ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import UNKNOWN, Json, Missing
from reconcile.platforms.onenet.config import Side
from reconcile.platforms.onenet.model import Api, ids, instance_of
from reconcile.platforms.onenet.transport import Patience, Transport
from reconcile.platforms.onenet.wire import answers, requests
from reconcile.platforms.onenet.wire.answers import CachedCommand, DeviceFacts, Unparsable
from reconcile.platforms.onenet.wire.requests import WireRequest

ANSWER_TIMEOUT_S = 15.0
READ_TIMEOUT_S = 25
READ_MARGIN_S = 10.0
LOOK_BACK = timedelta(days=7)
"""How far the queue is listed; older commands are asked for one by one (records are kept 180 days)."""

_PAGES = 50
_DAY = timedelta(days=1)
_KEYS_REFUSED = frozenset({"10403", "HTTP 401", "HTTP 403"})
_OF_A_COMMAND = _KEYS_REFUSED | {"1"}  # auth failed: a wrong key, or not the key of this device
_OF_A_DEVICE = _KEYS_REFUSED | {"3", "8"}  # auth failed; no such device
_NOBODY = DeviceFacts(None, UNKNOWN, UNKNOWN)
_T = TypeVar("_T")


class Eyes:
    """The reading half of a client."""

    def __init__(self, transport: Transport, instant: Side, cached: Side) -> None:
        self._transport, self._instant, self._cached = transport, instant, cached

    async def observe(self, ref: DeviceRef, imei: str, look: Look) -> ObservedDevice:
        """The facts that were asked for; `problem` instead of an exception."""
        queue: tuple[ObservedCommand, ...] | Missing = UNKNOWN
        facts = _NOBODY
        resources: dict[str, ObservedResource] = {}
        try:
            if look.wants_queue or look.uuids:
                queue = await self._queue(imei, look.uuids)
            if look.wants_uplink or look.wants_reported:
                facts = await self._reachability(imei)
            if look.wants_reported and facts.is_online is True:
                resources = await self._reported(imei, look.paths)
        except CallFailed as exc:
            return ObservedDevice(ref, queue=queue, problem=str(exc))
        return ObservedDevice(ref, resources, queue, facts.last_uplink, facts.is_online)

    async def list_commands(self, imei: str, since: datetime) -> tuple[ObservedCommand, ...]:
        """Commands created since a time, oldest first. Raises: CallFailed."""
        return tuple(_listed(command) for command in await self._history(imei, since))

    async def command(self, imei: str, uuid: str) -> CachedCommand:
        """One cached command. Raises: CallFailed."""
        request = requests.detail(self._cached.api, imei, uuid)
        return await self._ask(self._cached, request, lambda data: answers.detail(data, uuid))

    async def device(self, imei: str) -> DeviceFacts:
        """What the platform says first of a device: on classic without its last contact. Raises: CallFailed."""
        return await self._ask(self._cached, requests.device_by_imei(self._cached.api, imei), answers.device)

    async def _queue(self, imei: str, uuids: Iterable[str]) -> tuple[ObservedCommand, ...]:
        """Recent commands, and those asked for that the list left out (it may lag, or they are older)."""
        known = {c.uuid: c for c in await self._history(imei, self._transport.clock.now() - LOOK_BACK)}
        asked = {uuid: await self._told(imei, uuid, known.get(uuid)) for uuid in uuids}
        listed = {uuid: _listed(command) for uuid, command in known.items()}
        return tuple({**listed, **asked}.values())

    async def _history(self, imei: str, since: datetime) -> Sequence[CachedCommand]:
        """All pages. The end lies ahead, as a clock that is a little behind must not hide the newest command."""
        end = self._transport.clock.now() + _DAY
        found: dict[str, CachedCommand] = {}
        for page in count(1):
            request = requests.history(self._cached.api, imei, since, end, page)
            total, commands = await self._ask(self._cached, request, answers.history)
            found |= {command.uuid: command for command in commands}
            if not commands or len(found) >= total:
                break
            if page == _PAGES:
                raise InDoubt("the list of cached commands has no end")
        return tuple(found.values())

    async def _told(self, imei: str, uuid: str, listed: CachedCommand | None) -> ObservedCommand:
        """A command we asked about, from its detail when the list's words do not say how far it got."""
        command = listed if listed is not None and listed.delivery is not None else await self.command(imei, uuid)
        if command.delivery is None:
            raise InDoubt(f"OneNET does not say what became of a cached command ({command.evidence})")
        return command.observed(command.delivery)

    async def _reachability(self, imei: str) -> DeviceFacts:
        """Online or not, and the last contact; unknown when the platform will not say.

        Raises: CallFailed, also for a device that is not there and for keys that are not accepted.
        """
        try:
            facts = await self.device(imei)
            if self._cached.api is Api.CLASSIC and facts.device_id is not None:
                return await self._ask(self._cached, requests.device_detail(facts.device_id), answers.device)
        except Refused as exc:
            if exc.vendor_code in _OF_A_DEVICE:
                raise
            return _NOBODY
        return facts

    async def _reported(self, imei: str, paths: Iterable[str]) -> dict[str, ObservedResource]:
        """What the device answers now, one exchange per object instance, one after the other: it has a single radio.

        Raises: Refused for keys that are not accepted; any other failure leaves the values of its instance unknown.
        """
        found: dict[str, ObservedResource] = {}
        wanted = frozenset(paths)
        for instance in sorted({instance_of(path) for path in wanted}, key=ids):
            request = requests.read_now(self._instant.api, imei, instance, READ_TIMEOUT_S)
            try:
                read = await self._ask(
                    self._instant,
                    request,
                    partial(answers.read_values, instance),
                    READ_TIMEOUT_S + READ_MARGIN_S,
                )
            except CallFailed as exc:
                if exc.vendor_code in _OF_A_COMMAND:
                    raise
                continue  # it did not answer, or has no such object: its values stay unknown
            at = self._transport.clock.now()
            found |= {
                path: ObservedResource(reported=value, reported_at=at) for path, value in read.items() if path in wanted
            }
        return found

    async def _ask(
        self, side: Side, request: WireRequest, read: Callable[[Json], _T], answer_s: float = ANSWER_TIMEOUT_S
    ) -> _T:
        answer = await self._transport.call(side, request, Patience(answer_s))
        try:
            return read(answer.data)
        except Unparsable as exc:
            raise InDoubt(f"OneNET's answer cannot be read: {exc}") from exc


def _listed(command: CachedCommand) -> ObservedCommand:
    """A command as the list tells it; of one whose state is not told we assume that it may still change the device."""
    return command.observed(command.delivery or DeliveryState.SENT)
