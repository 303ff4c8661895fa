"""OneNET over HTTP: sends actions, looks at devices. The only part of this platform that talks to a cloud."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from reconcile.model.actions import Action, CancelQueued, ExecuteNow, QueueExecute, QueueWrite, SetDesired, WriteNow
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import CallFailed, Conflict, InDoubt, NotSent, Refused
from reconcile.model.observed import Look, ObservedCommand, ObservedDevice
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import JsonObject
from reconcile.platforms.onenet import config as entry
from reconcile.platforms.onenet.auth import RenewingSigner
from reconcile.platforms.onenet.calls import ANSWER_TIMEOUT_S, DEVICE_MARGIN_S, ask
from reconcile.platforms.onenet.directory import Directory
from reconcile.platforms.onenet.listing import listed
from reconcile.platforms.onenet.look import Eyes
from reconcile.platforms.onenet.queue import Queue
from reconcile.platforms.onenet.radio import Radio
from reconcile.platforms.onenet.resolve import resolved
from reconcile.platforms.onenet.survey import Survey
from reconcile.platforms.onenet.thing.desired import Things
from reconcile.platforms.onenet.thing.identity import PREFIX as THING_PREFIX
from reconcile.platforms.onenet.transport import Patience, Transport
from reconcile.platforms.onenet.wire import answers, requests
from reconcile.platforms.onenet.wire.queue_answers import CachedCommand
from reconcile.platforms.onenet.wire.requests import WireRequest
from reconcile.ports import Accepted, ClientSettings, ListedDevice, Listing, NamedBytes, Stamp

CONNECTIONS = 4096


class OneNetClient:
    """One account. No retries: a failure is raised as what it means for the device.

    `directory`, `queue`, `radio` and `things` also have the calls that no plan needs, for those who ask in person
    (doctor, import); `queue` is None where commands could be queued but not looked after.
    """

    def __init__(self, settings: ClientSettings, connections: int = CONNECTIONS) -> None:
        found = entry.connection(settings.config, settings.endpoint)
        self._connection, self._secrets = found, settings.secrets
        self._transport = Transport(settings, RenewingSigner(found, settings.credentials), connections)
        self.directory = Directory(self._transport, found)
        self.queue = Queue(self._transport, found.cached) if found.inspects else None
        self.radio = Radio(self._transport, found.instant)
        self.things = Things(self._transport, self.directory, found, settings.secrets)
        self._survey = Survey(self.directory)
        self._eyes = Eyes(self.directory, self.queue, self.radio, self._transport.clock)

    @classmethod
    def open(cls, settings: ClientSettings) -> OneNetClient:
        """A client that has no connection yet. Raises: ReconcileError for a missing or malformed key."""
        return cls(settings)

    async def observe(self, ref: DeviceRef, identity: Identity, look: Look) -> ObservedDevice:
        """One look at a device; what could not be read stays UNKNOWN."""
        imei = identity.get("imei")
        if imei is None:
            return await self.things.observe(ref, identity, look)
        return await self._eyes.observe(ref, imei, look)

    async def look_ahead(self, looks: Sequence[tuple[Identity, Look]]) -> None:
        """Learns at once what looks at many devices will ask one by one; see `ports.LooksAhead`."""
        await self._eyes.look_ahead((imei, look) for named, look in looks if (imei := named.get("imei")) is not None)

    async def survey(self, devices: Sequence[tuple[DeviceRef, Identity]]) -> Sequence[ObservedDevice]:
        """What the platform last heard of these devices; see `ports.Surveyor`. Things are only looked at."""
        imeis = [(ref, imei) for ref, named in devices if (imei := named.get("imei")) is not None]
        found = {seen.ref: seen for seen in await self._survey.take(imeis)}
        return [found.get(ref, ObservedDevice(ref)) for ref, _ in devices]

    async def model_files(self, model_key: str) -> Sequence[NamedBytes]:
        """The thing model of a product; none for LwM2M objects, which are nobody's own. Raises: CallFailed."""
        if not model_key.startswith(THING_PREFIX):
            return ()
        return (await self.things.model_file(model_key.removeprefix(THING_PREFIX)),)

    async def noted(self, identity: Identity) -> Sequence[str]:
        """The resources that the platform lists of an LwM2M device. Raises: CallFailed."""
        imei = identity.get("imei")
        return () if imei is None or not self.radio.has_list else await self.radio.resources(imei)

    async def list_commands(self, identity: Identity, since: datetime) -> Sequence[ObservedCommand]:
        """Cached commands created since a time, oldest first. Raises: CallFailed."""
        imei = identity.get("imei")
        return () if imei is None else await self._eyes.list_commands(imei, since)

    def list_devices(self, listing: Listing) -> AsyncIterator[ListedDevice]:
        """The devices of a listing, page by page, each once. Raises: CallFailed."""
        return listed(self.directory, self._connection, listing)

    async def learn_clock(self, identity: Identity) -> None:
        """Asks for the device. A refusal has a Date too, so only an unanswered call is an error."""
        try:
            imei = identity.get("imei")
            if imei is None:
                await self.things.facts(identity)
            elif self.directory.finds_imei:
                await self.directory.brief(imei)
            else:
                await self.radio.resources(imei)
        except Refused:
            if not self._transport.clock.is_learned:
                raise

    def server_now(self) -> datetime:
        """The cloud's clock, learned from its Date headers."""
        return self._transport.clock.now()

    def answer_timeout_s(self, action: Action) -> float:
        """Above the device's timeout for instant calls; several calls for those that look at what they did."""
        match action:
            case WriteNow() | ExecuteNow():
                return action.timeout_s + DEVICE_MARGIN_S
            case CancelQueued():
                return 2 * ANSWER_TIMEOUT_S
            case SetDesired():
                return 4 * ANSWER_TIMEOUT_S
        return ANSWER_TIMEOUT_S

    async def send(self, identity: Identity, action: Action, stamp: Stamp) -> Accepted:
        """Sends one action exactly once. Raises: NotSent, Refused, Conflict, InDoubt."""
        if isinstance(action, SetDesired):
            return await self.things.send(identity, action)
        imei = identity["imei"]
        match action:
            case WriteNow():
                return await self._write_now(imei, action, stamp)
            case QueueWrite():
                return await self._queue_write(imei, action, stamp)
            case ExecuteNow():
                request = requests.execute_now(self._connection.instant.api, imei, action)
                return await self._now(imei, request, self._patience(action, stamp))
            case QueueExecute():
                times = (stamp.valid_from, _expires_at(action, stamp))
                request = requests.queue_execute(self._connection.cached.api, imei, action, *times)
                return await self._queue(request, self._patience(action, stamp))
            case CancelQueued():
                return await self._cancel(imei, action.uuid)
        raise TypeError(f"OneNET has no call for {action.kind}")

    async def close(self) -> None:
        """Closes connections."""
        await self._transport.close()

    async def _write_now(self, imei: str, action: WriteNow, stamp: Stamp) -> Accepted:
        writes, secrets = resolved(action.writes, self._secrets)
        request = requests.write_now(self._connection.instant.api, imei, replace(action, writes=writes))
        return await self._now(imei, request, self._patience(action, stamp, secrets))

    async def _now(self, imei: str, request: WireRequest, patience: Patience) -> Accepted:
        async with self.radio.turn(imei):
            await self._transport.call(self._connection.instant, request, patience)
        return Accepted(is_confirmed=True)

    async def _queue_write(self, imei: str, action: QueueWrite, stamp: Stamp) -> Accepted:
        writes, secrets = resolved(action.writes, self._secrets)
        times = (stamp.valid_from, _expires_at(action, stamp))
        request = requests.queue_write(self._connection.cached.api, imei, replace(action, writes=writes), *times)
        return await self._queue(request, self._patience(action, stamp, secrets))

    async def _queue(self, request: WireRequest, patience: Patience) -> Accepted:
        if self.queue is None:
            raise NotSent("commands queued through Studio can be neither listed nor withdrawn: set cached.api")
        uuid = await ask(self._transport, self._connection.cached, request, answers.uuid_of, patience)
        return Accepted(command_uuid=uuid)

    async def _cancel(self, imei: str, uuid: str) -> Accepted:
        """Withdraws, then looks: the answer to a cancel proves little, the state of the command does."""
        if self.queue is None:
            raise NotSent("commands queued through Studio cannot be withdrawn: set cached.api")
        refused: CallFailed | None = None
        try:
            await self.queue.cancel(imei, uuid)
        except NotSent:
            raise
        except CallFailed as exc:
            refused = exc
        try:
            command = await self.queue.command(imei, uuid)
        except CallFailed as exc:
            raise refused or InDoubt("a cancel was accepted, but what became of it could not be read") from exc
        return _withdrawn(command, refused)

    def _patience(self, action: Action, stamp: Stamp, secrets: Sequence[str] = ()) -> Patience:
        return Patience(self.answer_timeout_s(action), stamp.not_after, secrets)


def _withdrawn(command: CachedCommand, refused: CallFailed | None) -> Accepted:
    evidence: JsonObject = {"uuid": command.uuid, "status": command.evidence}
    match command.delivery:
        case DeliveryState.CANCELLED | DeliveryState.EXPIRED:
            return Accepted(evidence=evidence)
        case DeliveryState.QUEUED:
            raise refused or Refused(f"the command still waits after a cancel ({command.evidence})")
    raise Conflict(f"the command can no longer be withdrawn ({command.evidence})") from refused


def _expires_at(action: QueueWrite | QueueExecute, stamp: Stamp) -> datetime:
    if stamp.expires_at is not None:
        return stamp.expires_at
    return (stamp.valid_from or stamp.server_now) + timedelta(seconds=action.queueing.expire_after_s)
