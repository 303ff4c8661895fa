"""Desired properties over HTTP: looks at them, sets them, deletes them.

Premise: a set carries no version; only a delete is conditional. Rule: read before a set, refuse when a version is not
the planned one, read after it and tell what stands. Between the first read and the set lies a window, about one
exchange long, in which a foreign set is overwritten: its trace is a version that grew by more than one. A value that
was deleted and set again may bear the planned version (it restarts at 1), and is then not told from the planned one.
A set whose answer was lost may land until its token dies, so it is not judged before that.
Source: Studio book, thing-model desired values (OneJSON/desired) and the pages of the calls.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from reconcile.model.actions import SetDesired
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import CallFailed, Conflict, InDoubt, NotSent, Refused
from reconcile.model.observed import Look, ObservedDevice, ObservedResource
from reconcile.model.values import ABSENT, UNKNOWN, JsonObject, Known, Missing, is_secret
from reconcile.platforms.onenet.calls import ANSWER_TIMEOUT_S, ask
from reconcile.platforms.onenet.config import Connection, Side
from reconcile.platforms.onenet.directory import Directory
from reconcile.platforms.onenet.thing.same import same
from reconcile.platforms.onenet.transport import Patience, Transport
from reconcile.platforms.onenet.wire import thing_answers, thing_requests
from reconcile.platforms.onenet.wire.device_answers import DeviceFacts
from reconcile.platforms.onenet.wire.requests import WireRequest
from reconcile.platforms.onenet.wire.thing_answers import Desired, Reported
from reconcile.platforms.onenet.wire.thing_requests import ThingName
from reconcile.ports import Accepted, NamedBytes, Secrets

TOKEN_MARGIN = timedelta(seconds=5)
T = TypeVar("T")


class Things:
    """Thing-model devices of one account."""

    def __init__(self, transport: Transport, directory: Directory, connection: Connection, secrets: Secrets) -> None:
        self._transport, self._directory, self._secrets = transport, directory, secrets
        self._side, self._project_id = connection.things, connection.project_id

    async def observe(self, ref: DeviceRef, identity: Identity, look: Look) -> ObservedDevice:
        """One look; `problem` is set when the cloud's copy could not be read, or nothing at all could.

        Where a desired value is absent (deleted by the device that obeyed it, or never set), what the device reports is
        read too, asked for or not.
        """
        cloud = await _or_failure(self._desired(identity, look.paths)) if look.wants_cloud else None
        if isinstance(cloud, CallFailed):
            return ObservedDevice(ref, problem=str(cloud))
        is_open = cloud is not None and any(path not in cloud for path in look.paths)
        reported = await _or_failure(self._reported(identity)) if look.wants_reported or is_open else None
        facts = await _or_failure(self.facts(identity)) if look.wants_uplink else None
        asked = [*([reported] if look.wants_reported else []), *([facts] if look.wants_uplink else [])]
        failures = [str(part) for part in asked if isinstance(part, CallFailed)]
        seen = facts if isinstance(facts, DeviceFacts) else DeviceFacts()
        told = None if isinstance(reported, CallFailed) else reported
        return ObservedDevice(
            ref,
            {path: _resource(path, cloud, told) for path in look.paths},
            last_uplink=seen.last_uplink,
            is_online=seen.is_online,
            problem=failures[0] if failures and cloud is None and len(failures) == len(asked) else None,
        )

    async def facts(self, identity: Identity) -> DeviceFacts:
        """What the platform says of a device. Raises: CallFailed."""
        return await self._directory.by_name(identity["productId"], identity["deviceName"])

    async def thing_model(self, product_id: str) -> JsonObject:
        """The thing model of a product, as it is stored in `models:`. Raises: CallFailed."""
        side = self._where()
        request = thing_requests.thing_model(side.api, product_id)
        return await ask(self._transport, side, request, thing_answers.thing_model)

    async def model_file(self, product_id: str) -> NamedBytes:
        """The same as a file of that product's name, which tells whose it is. Raises: CallFailed."""
        document = await self.thing_model(product_id)
        text = json.dumps(document, ensure_ascii=False, indent=2)
        return NamedBytes(f"{product_id}.json", f"{text}\n".encode())

    async def send(self, identity: Identity, action: SetDesired) -> Accepted:
        """A set, or a delete where all values are None. Raises: NotSent, Refused, Conflict, InDoubt."""
        planned = {write.path: write.value for write in action.items}
        versions = dict(action.versions)
        is_delete = all(value is None for value in planned.values())
        if not is_delete and any(value is None for value in planned.values()):
            raise ValueError("one call either sets or deletes")
        before = await self._desired(identity, tuple(planned))
        _refuse_moved(versions, before)
        wanted = {
            path: self._secrets.resolve(v) if isinstance(v, dict) and is_secret(v) else v for path, v in planned.items()
        }
        hidden = [str(value) for path, value in wanted.items() if is_secret(planned[path])]
        side, thing = self._where(), self._name(identity)
        if is_delete:
            standing = {path: desired.version for path, desired in before.items()}
            if not standing:
                return Accepted(versions=dict.fromkeys(planned, 0))
            request = thing_requests.delete_desired(side.api, thing, standing)
        else:
            request = thing_requests.set_desired(side.api, thing, wanted)
        failure = await self._try(side, request, hidden)
        return await self._settled(identity, wanted, versions, failure)

    async def _try(self, side: Side, request: WireRequest, hidden: list[str]) -> CallFailed | None:
        """None for a success. Raises: NotSent, Refused, and InDoubt once no copy can land any more."""
        dies_at = self._transport.clock.now() + timedelta(seconds=ANSWER_TIMEOUT_S) + TOKEN_MARGIN
        try:
            await self._transport.call(side, request, Patience(ANSWER_TIMEOUT_S, dies_at, hidden))
        except InDoubt as exc:
            if not _was_answered(exc):
                await self._wait_until(dies_at)
            return exc
        return None

    async def _settled(
        self, identity: Identity, wanted: JsonObject, versions: Mapping[str, int], failure: CallFailed | None
    ) -> Accepted:
        """The outcome from what stands now: an answer can be lost, and can be overtaken."""
        try:
            after = await self._desired(identity, tuple(wanted))
        except CallFailed as exc:
            if failure is not None:
                raise failure from exc
            return Accepted(versions={path: version + 1 for path, version in versions.items()})
        now = {path: after[path].version if path in after else 0 for path in wanted}
        if failure is not None and all(now[path] == versions[path] for path in wanted):
            raise Refused(str(failure), vendor_code=failure.vendor_code) from failure
        if not all(_stands(value, after.get(path), is_success=failure is None) for path, value in wanted.items()):
            raise Conflict("a desired value was changed by somebody else in the same moment") from failure
        overtaken = sorted(path for path in wanted if now[path] > versions[path] + 1)
        evidence: JsonObject = {"adopted": True} if failure is not None else {}
        if overtaken:
            evidence["overwrote"] = list(overtaken)
        return Accepted(versions=now, evidence=evidence)

    async def _wait_until(self, at: datetime) -> None:
        left_s = (at - self._transport.clock.now()).total_seconds()
        await asyncio.sleep(max(0.0, left_s))

    async def _desired(self, identity: Identity, paths: tuple[str, ...]) -> dict[str, Desired]:
        side = self._where()
        request = thing_requests.query_desired(side.api, self._name(identity), sorted(paths))
        found = await ask(self._transport, side, request, thing_answers.desired)
        return {path: desired for path, desired in found.items() if path in paths}

    async def _reported(self, identity: Identity) -> dict[str, Reported]:
        side = self._where()
        request = thing_requests.query_reported(side.api, self._name(identity))
        return await ask(self._transport, side, request, thing_answers.reported)

    def _name(self, identity: Identity) -> ThingName:
        return ThingName(self._project_id, identity["productId"], identity["deviceName"])

    def _where(self) -> Side:
        if self._side is None:
            raise NotSent("no API of this platform has thing models: it takes current, or studio with projectId")
        return self._side


def _refuse_moved(versions: Mapping[str, int], rows: Mapping[str, Desired]) -> None:
    found = {path: rows[path].version if path in rows else 0 for path in versions}
    moved = [
        f"{path} is at {found[path]}, expected {version}"
        for path, version in versions.items()
        if found[path] != version
    ]
    if moved:
        raise Conflict(f"changed since the plan: {', '.join(sorted(moved))}")


def _stands(value: Known, row: Desired | None, *, is_success: bool) -> bool:
    """Whether what is there now is what we asked for; after a success the device may already have deleted it."""
    if row is None:
        return value is None or is_success
    return value is not None and same(None, value, row.value)


def _was_answered(doubt: InDoubt) -> bool:
    """True when the platform answered with a code of its own, so that no copy is on its way any more."""
    return bool(doubt.vendor_code) and not doubt.vendor_code.startswith("HTTP")


async def _or_failure(reading: Awaitable[T]) -> T | CallFailed:
    try:
        return await reading
    except CallFailed as failure:
        return failure


def _resource(path: str, cloud: Mapping[str, Desired] | None, told: Mapping[str, Reported] | None) -> ObservedResource:
    wished = None if cloud is None else cloud.get(path)
    said = None if told is None else told.get(path)
    value: Known | Missing = UNKNOWN if cloud is None else (wished.value if wished else ABSENT)
    return ObservedResource(
        cloud=value,
        version=None if cloud is None else (wished.version if wished else 0),
        reported=UNKNOWN if told is None else (said.value if said else ABSENT),
        reported_at=said.at if said else None,
    )
