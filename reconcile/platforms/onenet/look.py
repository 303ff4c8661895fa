"""Looking at a device: its queue, its last contact, and what it says itself.

Premise: a fact that could not be read is unknown; only a failure of what was asked for makes the whole device unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from reconcile.model.device import DeviceRef
from reconcile.model.errors import CallFailed, InDoubt, Refused
from reconcile.model.observed import Look, ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import ABSENT, UNKNOWN, Missing
from reconcile.platforms.onenet.ahead import Notes
from reconcile.platforms.onenet.clock import ServerClock
from reconcile.platforms.onenet.directory import Directory
from reconcile.platforms.onenet.model import ids, instance_of
from reconcile.platforms.onenet.queue import NOT_ON_RECORD, Queue
from reconcile.platforms.onenet.radio import Radio
from reconcile.platforms.onenet.wire.device_answers import DeviceFacts
from reconcile.platforms.onenet.wire.queue_answers import CachedCommand

LOOK_BACK = timedelta(days=7)
"""How far the queue is listed; older commands are asked for one by one (records are kept 180 days)."""

_KEYS_REFUSED = frozenset({"10403", "HTTP 401", "HTTP 403"})
_OF_A_COMMAND = _KEYS_REFUSED | {"1"}  # auth failed: a wrong key, or not the key of this device
_OF_A_DEVICE = _KEYS_REFUSED | {"3", "8"}  # auth failed; no such device
_NOT_THERE = " NOT_FOUND"
"""The device's own answer that it has no such object or resource."""
_NOBODY = DeviceFacts()
_INVALID, _RPC = "5108", "rpc"
"""Invalid parameter: what the detail of an unknown uuid answers; assumed. The same number in other words is an error
between platform and device, which says nothing of the command."""


class Eyes:
    """The reading half of a client, for devices known by their IMEI."""

    def __init__(self, directory: Directory, queue: Queue | None, radio: Radio, clock: ServerClock) -> None:
        self._directory, self._queue, self._radio, self._clock = directory, queue, radio, clock
        self._notes = Notes(directory)

    async def look_ahead(self, looks: Iterable[tuple[str, Look]]) -> None:
        """Notes the presence of many devices at once, where it is cheaper than one by one. Raises nothing."""
        imeis = [imei for imei, look in looks if look.wants_uplink or look.wants_reported]
        if imeis and self._directory.is_classic:
            await self._notes.take(imeis)

    async def observe(self, ref: DeviceRef, imei: str, look: Look) -> ObservedDevice:
        """The facts that were asked for; `problem` instead of an exception."""
        queue: tuple[ObservedCommand, ...] | Missing = UNKNOWN
        facts = _NOBODY
        resources: dict[str, ObservedResource] = {}
        try:
            if (look.wants_queue or look.uuids) and self._queue is not None:
                queue = await self._listed(self._queue, imei, look.uuids)
            if look.wants_uplink or (look.wants_reported and not look.is_awake):
                facts = await self._reachability(imei)
            # Studio alone cannot say who is online: there the device itself is asked, and answers 2001 at once.
            may_answer = look.is_awake or facts.is_online is True or not self._directory.finds_imei
            if look.wants_reported and may_answer:
                resources = await self._reported(imei, look.paths)
        except CallFailed as exc:
            return ObservedDevice(ref, queue=queue, problem=str(exc))
        return ObservedDevice(
            ref, resources, queue, facts.last_uplink, facts.is_online, registered=self._registration(facts)
        )

    def _registration(self, facts: DeviceFacts) -> str | None:
        """The number a device was given when it was registered: deleted and created again, it gets another.

        Source: NB-IoT book, creating a device. Told for classic only: other generations number devices otherwise.
        """
        return f"classic:{facts.device_id}" if self._directory.is_classic and facts.device_id else None

    async def list_commands(self, imei: str, since: datetime) -> tuple[ObservedCommand, ...]:
        """Commands created since a time, oldest first. Raises: CallFailed."""
        commands = () if self._queue is None else await self._queue.since(imei, since)
        return tuple(_listed(command) for command in commands)

    async def _listed(self, queue: Queue, imei: str, uuids: Iterable[str]) -> tuple[ObservedCommand, ...]:
        """Recent commands, and those asked for that the list left out (it may lag, or they are older)."""
        known = {c.uuid: c for c in await queue.since(imei, self._clock.now() - LOOK_BACK)}
        asked = {uuid: await _told(queue, imei, uuid, known.get(uuid)) for uuid in uuids}
        listed = {uuid: _listed(command) for uuid, command in known.items()}
        return tuple({**listed, **asked}.values())

    async def _reachability(self, imei: str) -> DeviceFacts:
        """Online or not, and the last contact; unknown when the platform will not say.

        Raises: CallFailed, also for a device that is not there and for keys that are not accepted.
        """
        if not self._directory.finds_imei:
            return _NOBODY
        noted = self._notes.use(imei)
        if noted is not None:
            return noted
        try:
            return await self._directory.full(imei)
        except Refused as exc:
            if exc.vendor_code in _OF_A_DEVICE:
                raise
            return _NOBODY

    async def _reported(self, imei: str, paths: Iterable[str]) -> dict[str, ObservedResource]:
        """What the device answers now, one exchange per object instance, one after the other: it has a single radio.

        A device that answers without a resource has none: absent, which is not unknown.
        Raises: Refused for keys that are not accepted; any other failure leaves the values of its instance unknown.
        """
        found: dict[str, ObservedResource] = {}
        wanted = frozenset(paths)
        for instance in sorted({instance_of(path) for path in wanted}, key=ids):
            here = [path for path in wanted if instance_of(path) == instance]
            try:
                read = await self._radio.read(imei, instance)
            except CallFailed as exc:
                if exc.vendor_code in _OF_A_COMMAND:
                    raise
                if not exc.vendor_code.endswith(_NOT_THERE):
                    continue  # it did not answer: its values stay unknown
                read = {}
            at = self._clock.now()
            found |= {path: ObservedResource(reported=read.get(path, ABSENT), reported_at=at) for path in here}
        return found


async def _told(queue: Queue, imei: str, uuid: str, listed: CachedCommand | None) -> ObservedCommand:
    """A command we asked about, from its detail when the list's words do not say how far it got.

    Neither listed nor known by its uuid: the platform lost it (a queue does not outlive every restart), or pushed it
    out for newer ones (emulator: `cached_limit`).
    """
    try:
        command = listed if listed is not None and listed.delivery is not None else await queue.command(imei, uuid)
    except CallFailed as exc:
        is_unknown = exc.vendor_code == _INVALID and _RPC not in str(exc).lower()
        if listed is None and (is_unknown or exc.vendor_code == NOT_ON_RECORD):
            return ObservedCommand(uuid, "", DeliveryState.MISSING, evidence="no such command")
        raise
    if command.delivery is None:
        raise InDoubt(f"OneNET does not say what became of a cached command ({command.evidence})")
    return command.observed(command.delivery)


def _listed(command: CachedCommand) -> ObservedCommand:
    """A command as the list tells it; of one whose state is not told we assume that it may still change the device."""
    return command.observed(command.delivery or DeliveryState.SENT)
