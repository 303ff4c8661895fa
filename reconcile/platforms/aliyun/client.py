"""The client of one Aliyun account: looks at devices, and sends sets and clears of desired properties exactly once.

After any failed set whose code does not prove that nothing happened, the client reads back and decides from state
(`settle`): no page names the code of a version conflict, so none is relied upon.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from reconcile.model.actions import Action, ClearDesired, SetDesired
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import CallFailed, Conflict, Refused
from reconcile.model.observed import Look, ObservedCommand, ObservedDevice
from reconcile.model.values import JsonObject
from reconcile.platforms.aliyun import look as looking
from reconcile.platforms.aliyun import settle, wire
from reconcile.platforms.aliyun.ahead import Notes
from reconcile.platforms.aliyun.answers import Answer, versions_of
from reconcile.platforms.aliyun.config import read_options
from reconcile.platforms.aliyun.directory import listing as directory
from reconcile.platforms.aliyun.directory import published
from reconcile.platforms.aliyun.directory.asking import Asking
from reconcile.platforms.aliyun.errors import Verdict, judge
from reconcile.platforms.aliyun.gateway import Gateway
from reconcile.platforms.aliyun.transport import ANSWER_TIMEOUT_S
from reconcile.platforms.aliyun.written import Written, WrittenSets
from reconcile.ports import Accepted, ClientSettings, ListedDevice, Listing, NamedBytes, Stamp

_NOT_TAKEN: Final = (
    "The desired values are as before, so a value was not taken: compare it with the published thing model "
    "(`reconcile doctor` compares models)"
)


class AliyunClient:
    """`ports.Client`, `ports.LooksAhead` and `ports.Lister` for Aliyun IoT."""

    def __init__(self, settings: ClientSettings, gateway: Gateway | None = None) -> None:
        self._sets = WrittenSets(settings.secrets)
        options = read_options(settings.config.spec, settings.endpoint)
        self._extra_of = options.extra_of
        self._gateway = gateway or Gateway(settings, options)
        self._asking = Asking(self._gateway)
        self._notes = Notes(self._asking, self._gateway.server_now)

    async def look_ahead(self, looks: Sequence[tuple[Identity, Look]]) -> None:
        """Notes the presence of all devices that want it, fifty a call. Raises nothing."""
        await self._notes.take([identity for identity, look in looks if look.wants_uplink])

    async def observe(self, ref: DeviceRef, identity: Identity, look: Look) -> ObservedDevice:
        """One look at a device; `problem` says why when it could not be read."""
        noted = self._notes.use(identity) if look.wants_uplink else None
        return await looking.observe(self._gateway, ref, identity, look, noted)

    async def send(self, identity: Identity, action: Action, stamp: Stamp) -> Accepted:
        """Sends a set or a clear once. Raises: NotSent, Refused, Conflict, InDoubt; ValueError for other actions."""
        del stamp  # these calls carry no deadline: versions are their precondition
        match action:
            case SetDesired():
                return await self._set(identity, action)
            case ClearDesired():
                return await self._clear(identity, action)
            case _:
                raise ValueError(f"{action.kind} is not an action of this platform")

    async def list_commands(self, identity: Identity, since: datetime) -> Sequence[ObservedCommand]:
        """Nothing: this cloud queues no commands."""
        del identity, since
        return ()

    async def learn_clock(self, identity: Identity) -> None:
        """One GetDeviceStatus; a refusal of the device itself does not matter, its answer carries the time."""
        try:
            await self._gateway.read(wire.device_status(identity))
        except Refused as exc:
            if not exc.vendor_code.startswith("iot.device."):
                raise

    def list_devices(self, listing: Listing) -> AsyncIterator[ListedDevice]:
        """The account's devices of those products that carry all those tags, each once. Raises: CallFailed."""
        return directory.list_devices(self._asking, listing)

    async def model_files(self, model_key: str) -> Sequence[NamedBytes]:
        """The published thing model of a product, a file for each module. Raises: CallFailed."""
        return await published.model_files(self._asking, model_key)

    def server_now(self) -> datetime:
        """The cloud's clock."""
        return self._gateway.server_now()

    def answer_timeout_s(self, action: Action) -> float:
        """The same for every call."""
        del action
        return ANSWER_TIMEOUT_S

    async def close(self) -> None:
        """Closes connections."""
        await self._gateway.close()

    async def _set(self, identity: Identity, action: SetDesired) -> Accepted:
        sent = self._sets.of(action)
        answer = await self._gateway.ask(self._with_extra(wire.set_of(identity, sent.payload)))
        if answer.is_success:
            versions = versions_of(answer)
            if versions is not None and versions.keys() >= sent.items.keys():
                return Accepted(versions=versions, evidence=_evidence(answer))
        else:
            self._raise_if_decided(answer, is_text_kept=sent.is_open)
        return await self._settle(identity, sent, answer)

    async def _settle(self, identity: Identity, sent: Written, answer: Answer) -> Accepted:
        """The outcome of a set that its answer leaves open, from a read-back."""
        doubt = self._gateway.doubt(answer, is_text_kept=sent.is_open)
        if sent.versions.keys() != sent.items.keys():
            raise doubt
        try:
            rows = await looking.desired_rows(self._gateway, identity, tuple(sent.items))
        except CallFailed as exc:
            raise doubt from exc
        match settle.fate(sent.items, sent.versions, rows):
            case settle.Fate.LANDED:
                found = {path: settle.version_now(rows.get(path)) for path in sent.items}
                return Accepted(versions=found, evidence={**_evidence(answer), "adopted": True})
            case settle.Fate.UNTOUCHED:
                if answer.is_success and all(value is None for value in sent.items.values()):
                    return Accepted(versions=sent.versions, evidence=_evidence(answer))  # nothing was there to clear
                # A success that moved nothing contradicts itself: that is no proof of a refusal.
                if answer.is_success:
                    raise doubt
                raise self._gateway.refusal(answer, is_text_kept=sent.is_open, otherwise=_NOT_TAKEN)
            case settle.Fate.MOVED:
                moved = settle.moved(sent.versions, rows) or "a value is not ours"
                raise Conflict(moved, vendor_code=doubt.vendor_code)

    async def _clear(self, identity: Identity, action: ClearDesired) -> Accepted:
        answer = await self._gateway.ask(self._with_extra(wire.clear_desired(identity, action.paths)))
        if answer.is_success:
            return Accepted(versions=versions_of(answer) or {}, evidence=_evidence(answer))
        self._raise_if_decided(answer, is_text_kept=True)
        raise self._gateway.doubt(answer)

    def _with_extra(self, call: wire.Call) -> wire.Call:
        """With the parameters that the configuration gives to calls of this kind alone."""
        extra = self._extra_of.get(call.action)
        return call.with_query(extra) if extra else call

    def _raise_if_decided(self, answer: Answer, *, is_text_kept: bool) -> None:
        match judge(answer):
            case Verdict.THROTTLED | Verdict.RESIGN | Verdict.REFUSED:
                raise self._gateway.refusal(answer, is_text_kept=is_text_kept)
            case Verdict.IN_DOUBT:
                raise self._gateway.doubt(answer, is_text_kept=is_text_kept)
            case Verdict.UNPROVEN:
                return


def _evidence(answer: Answer) -> JsonObject:
    message_id = answer.data.get("MessageId")
    evidence: JsonObject = {"requestId": answer.request_id}
    return {**evidence, "messageId": message_id} if isinstance(message_id, str) else evidence
