"""Harmless reads that tell whether keys, permissions, the clock and OneNET's times are as we believe.

No device is woken: the platform is asked for what it keeps itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from reconcile.model.device import Identity
from reconcile.model.errors import CallFailed, NotSent, Refused
from reconcile.model.examination import Finding, Mark, Probed, SentCommand
from reconcile.platforms.onenet.auth import VERSIONS, Signer
from reconcile.platforms.onenet.config import Connection, Side
from reconcile.platforms.onenet.model import Api
from reconcile.platforms.onenet.transport import Patience, Transport
from reconcile.platforms.onenet.wire import device_requests, queue_requests, requests, thing_requests, times
from reconcile.platforms.onenet.wire.requests import WireRequest
from reconcile.platforms.onenet.wire.thing_requests import ThingName
from reconcile.ports import ClientSettings

_PATIENCE: Final = Patience(15.0)
_WINDOW: Final = timedelta(minutes=10)
_TOKEN_REFUSED: Final = frozenset(("10403", "HTTP 401", "HTTP 403"))
_UNKNOWN_DEVICE: Final = frozenset(("8", "6", "10409", "10410"))
"""Of the devices table; the two of the current platform are assumed, no page names them."""


async def probe(
    settings: ClientSettings, connection: Connection, samples: Sequence[Identity], sent: SentCommand | None
) -> Probed:
    """See `ports.Examiner.probe`. Raises: ReconcileError for keys that no client can use."""
    transport = Transport(settings, Signer.open(connection, settings.credentials.get), 2)
    try:
        if not samples:
            return Probed([Finding("signature", Mark.SKIPPED, "signature.no_device")])
        findings = [each for sample in samples for each in await _of_device(transport, connection, sample)]
        if connection.inspects:
            findings += await _Doctor(transport, connection, "").zone(sent)
        clock = transport.clock
        ahead_s = (clock.now() - settings.now()).total_seconds() if clock.is_learned else None
        return Probed(findings, ahead_s)
    finally:
        await transport.close()


async def _of_device(transport: Transport, connection: Connection, sample: Identity) -> list[Finding]:
    imei = sample.get("imei")
    if imei is None:
        doctor = _Doctor(transport, connection, f"{sample['productId']}/{sample['deviceName']}")
        return await doctor.thing_side(sample)
    doctor = _Doctor(transport, connection, imei)
    return [*await doctor.cached_side(), *await doctor.instant_side()]


class _Doctor:
    """The probes on one device. `imei` is empty, or product and name, where the probe needs none."""

    def __init__(self, transport: Transport, connection: Connection, imei: str) -> None:
        self._transport, self._connection, self._imei = transport, connection, imei

    async def cached_side(self) -> list[Finding]:
        """Who the device is, and what waits for it."""
        side = self._connection.side(self._connection.cached.api, Api.CLASSIC, Api.CURRENT)
        if side is None or side.api is Api.STUDIO:
            return []  # Studio alone finds nobody by an IMEI: the instant side is asked instead
        first = await self._ask(side, "device by IMEI", device_requests.by_imei(side.api, self._imei))
        if first.topic in ("signature", "answer"):
            return [first]
        accepted = Finding("signature", Mark.OK, "signature.accepted", {"call": "device by IMEI"})
        if first.mark is Mark.PROBLEM or not self._connection.inspects:  # of no such device nothing more can be asked
            return [accepted, first]
        now, cached = self._transport.clock.now(), self._connection.cached
        request = queue_requests.history(cached.api, self._imei, now - _WINDOW, now + _WINDOW, 1)
        return [accepted, first, await self._ask(cached, "command history", request)]

    async def thing_side(self, sample: Identity) -> list[Finding]:
        """What the platform keeps of a device with a thing model."""
        side = self._connection.things
        if side is None:
            return []  # the manifests do not compile then
        name = ThingName(self._connection.project_id, sample["productId"], sample["deviceName"])
        return [await self._ask(side, "thing-model properties", thing_requests.query_reported(side.api, name))]

    async def instant_side(self) -> list[Finding]:
        """The instant API when it is another: its token on the platform's own list of resources."""
        side = self._connection.instant
        is_known = side.api is self._connection.cached.api and side.api is not Api.STUDIO
        if is_known or side.api is Api.CURRENT:
            return []
        found = await self._ask(side, "resource list", requests.resources(side.api, self._imei))
        return [found]

    async def zone(self, sent: SentCommand | None) -> list[Finding]:
        """In which zone the platform tells and takes times, from a command of ours that it remembers."""
        if sent is None:
            return [Finding("times", Mark.SKIPPED, "times.no_command")]
        side, imei = self._connection.cached, sent.identity["imei"]
        try:
            answer = await self._transport.call(side, queue_requests.detail(side.api, imei, sent.uuid), _PATIENCE)
            created = _plain(answer.data.get("create_time") if isinstance(answer.data, dict) else None)
            window = (sent.accepted_at - _WINDOW, sent.accepted_at + _WINDOW)
            listed = await self._transport.call(side, queue_requests.history(side.api, imei, *window, 1), _PATIENCE)
        except CallFailed as exc:
            return [Finding("times", Mark.SKIPPED, "times.unreadable", {"message": exc.args[0]})]
        if created is None:
            return [Finding("times", Mark.SKIPPED, "times.unreadable", {"message": "create_time"})]
        hours = round((created - sent.accepted_at.astimezone(UTC).replace(tzinfo=None)).total_seconds() / 3600)
        items = listed.data.get("items") if isinstance(listed.data, dict) else None
        is_found = isinstance(items, list) and any(
            isinstance(i, dict) and i.get("cmd_uuid") == sent.uuid for i in items
        )
        if hours == 8 and is_found:
            return [Finding("times", Mark.OK, "times.beijing")]
        values = {"hours": f"{hours:+d}", "found": "yes" if is_found else "no"}
        return [Finding("times", Mark.PROBLEM, "times.other", values)]

    async def _ask(self, side: Side, call: str, request: WireRequest) -> Finding:
        try:
            await self._transport.call(side, request, _PATIENCE)
        except NotSent as exc:
            return Finding("answer", Mark.PROBLEM, "answer.none", {"call": call, "message": exc.args[0]})
        except CallFailed as exc:
            return self._judge(side, call, exc)
        return Finding("permissions", Mark.OK, "permissions.granted", {"call": call})

    def _judge(self, side: Side, call: str, failed: CallFailed) -> Finding:
        """What a failed read says; numbers mean different things in the tables of devices and of commands."""
        code, values = failed.vendor_code, {"call": call, "code": failed.vendor_code, "device": self._imei}
        is_master = side.api is Api.CLASSIC and "masterKey" in self._connection.credential_names
        is_auth = (
            code in _TOKEN_REFUSED or (code == "3" and call == "device by IMEI") or code.endswith("PermissionDeny")
        )
        if is_auth and is_master:
            return Finding("signature", Mark.PROBLEM, "signature.master_key", values)
        if is_auth:
            token = {"resource": self._connection.resource or "(none)", "version": VERSIONS[side.api]}
            return Finding("signature", Mark.PROBLEM, "signature.token", {**values, **token})
        if code == "1" and isinstance(failed, Refused):
            return Finding("account", Mark.PROBLEM, "account.foreign_imei", values)
        if code in _UNKNOWN_DEVICE or code.endswith(("deviceNotFound", "productNotFound", "projectNotFound")):
            return Finding("account", Mark.PROBLEM, "account.unknown_imei", values)
        if code in ("15", "HTTP 429"):
            return Finding("quota", Mark.WARNING, "quota.throttled", values)
        if not code:
            return Finding("answer", Mark.PROBLEM, "answer.unusable", {"call": call, "message": failed.args[0]})
        return Finding("answer", Mark.PROBLEM, "answer.unexpected", values)


def _plain(text: object) -> datetime | None:
    """A zone-less time as it stands, without any zone; `times.from_wire` reads Beijing time into it."""
    at = times.from_wire(text) if isinstance(text, str) else None
    return None if at is None else at.astimezone(times.BEIJING).replace(tzinfo=None)
