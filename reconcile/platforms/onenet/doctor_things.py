"""Negative controls on one property of a device with a thing model: what do versions and deletes mean to this account?

Premise: only the value that is desired already is ever set, and a delete names a version, so neither the device nor
another writer can be harmed; for a moment the desired value is absent. Rule: after each call the cloud's copy is read
back, and whatever happens the value is put back.
Source: Studio book, application/SetDeviceDesiredProperty, DeleteDeviceDesiredProperty; OneJSON, desired.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from reconcile.model.actions import SetDesired, Write
from reconcile.model.errors import InDoubt, NotSent, Refused
from reconcile.model.examination import Capability, Holding, Mark, Outcome, Subject
from reconcile.model.journal import AttemptState
from reconcile.model.late import dataclass
from reconcile.model.values import ABSENT, Json, Missing
from reconcile.platforms.onenet.auth import Signer
from reconcile.platforms.onenet.calls import ANSWER_TIMEOUT_S, ask
from reconcile.platforms.onenet.config import Connection, Side
from reconcile.platforms.onenet.thing.same import same
from reconcile.platforms.onenet.transport import Patience, Transport
from reconcile.platforms.onenet.wire import thing_answers, thing_requests
from reconcile.platforms.onenet.wire.requests import WireRequest
from reconcile.platforms.onenet.wire.thing_requests import ThingName
from reconcile.ports import Bench, ClientSettings, Stamp

_RESTORES: Final = 3


async def prove(
    settings: ClientSettings, connection: Connection, subject: Subject, bench: Bench
) -> AsyncGenerator[Capability, None]:
    """See `ports.Examiner.prove`. Raises: CallFailed."""
    side = connection.things
    assert side is not None, "a bearing of a thing is offered only where there are things"
    transport = Transport(settings, Signer.open(connection, settings.credentials.get), 1)
    name = ThingName(connection.project_id, subject.identity["productId"], subject.identity["deviceName"])
    stand = _Stand(transport, side, name, subject, bench)
    try:
        async for answer in stand.questions():
            yield answer
            if bench.is_stopped:
                break
        yield await stand.put_back()
        if not bench.is_stopped:
            yield await stand.reported()
    finally:
        try:
            await stand.put_back()
        finally:
            await transport.close()


@dataclass(slots=True)
class _Stand:
    """The device under proof."""

    transport: Transport
    side: Side
    name: ThingName
    subject: Subject
    bench: Bench

    async def questions(self) -> AsyncGenerator[Capability, None]:
        """All questions that write, in an order in which each leaves the next its ground."""
        yield await self._version_type()
        yield await self._same_value()
        if self.bench.is_stopped:
            return
        stale = await self._stale_delete()
        yield stale
        if stale.mark is Mark.OK and not self.bench.is_stopped:
            deleted = await self._delete()
            yield deleted
            if deleted.mark is Mark.OK and not self.bench.is_stopped:
                yield await self._set_again()

    async def put_back(self) -> Capability:
        """The desired value as it was, where it is not."""
        bearing = self.subject.bearing
        held = await self._held()
        writes = 0
        while held.value is ABSENT and writes < _RESTORES:
            held = (await self._set(held.version)).holds[bearing.path]
            writes += 1
        is_back = not isinstance(held.value, Missing) and same(None, bearing.value, held.value)
        evidence: dict[str, str | int] = {"version": held.version, "path": bearing.path}
        mark = Mark.OK if is_back else Mark.PROBLEM
        return Capability("onenet.restored", "yes" if is_back else "no", mark, evidence=evidence)

    async def reported(self) -> Capability:
        """Whether what the device reports is what is desired."""
        request = thing_requests.query_reported(self.side.api, self.name)
        told = (await ask(self.transport, self.side, request, thing_answers.reported)).get(self.subject.bearing.path)
        if told is None:
            return Capability("onenet.reported", "never", Mark.OK)
        is_same = same(None, self.subject.bearing.value, told.value)
        return Capability("onenet.reported", "same" if is_same else "differs", Mark.OK)

    async def _version_type(self) -> Capability:
        """Number or text, as one table and one sample have it."""
        data = await ask(self.transport, self.side, self._query(), _raw)
        body = data.get("params", data) if isinstance(data, dict) else {}
        entry = body.get(self.subject.bearing.path) if isinstance(body, dict) else None
        version = entry.get("version") if isinstance(entry, dict) else None
        answer = "string" if isinstance(version, str) else "int"
        return Capability("onenet.desired_version_type", answer, Mark.OK, ("desired_version_type", answer))

    async def _same_value(self) -> Capability:
        """A set of the value that is there already: does the version rise?"""
        before = (await self._held()).version
        outcome = await self._set(before)
        if not outcome.is_accepted:
            return Capability("onenet.same_value", "refused", Mark.PROBLEM, evidence={"code": outcome.code})
        after = outcome.holds[self.subject.bearing.path].version
        answer = {before + 1: "yes", before: "no"}.get(after, "other")
        mark = Mark.WARNING if answer == "other" else Mark.OK
        return Capability("onenet.same_value", answer, mark, evidence={"before": before, "after": after})

    async def _stale_delete(self) -> Capability:
        """A delete under a version that is not the current one: nothing may go."""
        held = await self._held()
        outcome = await self._delete_under(held.version + 1)
        evidence: dict[str, str | int] = {"code": outcome.code} if outcome.code else {}
        if outcome.holds[self.subject.bearing.path].value is ABSENT:
            return Capability("onenet.conditional_delete", "deleted", Mark.PROBLEM, evidence=evidence)
        answer = "ignored" if outcome.is_accepted else "fails"
        return Capability("onenet.conditional_delete", answer, Mark.OK, ("conditional_delete", answer), evidence)

    async def _delete(self) -> Capability:
        """A delete under the right version: how everything of ours is cleared."""
        outcome = await self._delete_under((await self._held()).version)
        is_gone = outcome.holds[self.subject.bearing.path].value is ABSENT
        evidence: dict[str, str | int] = {"code": outcome.code} if outcome.code else {}
        if is_gone and outcome.is_accepted:
            return Capability("onenet.delete", "gone", Mark.OK, evidence=evidence)
        return Capability("onenet.delete", "other" if is_gone else "stayed", Mark.WARNING, evidence=evidence)

    async def _set_again(self) -> Capability:
        """The first set after a delete: its version is 1 again, or goes on."""
        outcome = await self._set(0)
        if not outcome.is_accepted:
            return Capability("onenet.set_after_delete", "refused", Mark.PROBLEM, evidence={"code": outcome.code})
        after = outcome.holds[self.subject.bearing.path].version
        answer = "restarts" if after == 1 else "goes_on"
        return Capability("onenet.set_after_delete", answer, Mark.OK, evidence={"after": after})

    async def _set(self, version: int) -> Outcome:
        value = self.subject.bearing.value
        request = thing_requests.set_desired(self.side.api, self.name, {self.subject.bearing.path: value})
        return await self._send(value, version, request)

    async def _delete_under(self, version: int) -> Outcome:
        request = thing_requests.delete_desired(self.side.api, self.name, {self.subject.bearing.path: version})
        return await self._send(None, version, request)

    async def _send(self, value: Json, version: int, request: WireRequest) -> Outcome:
        """One journaled call with what the cloud holds afterwards. Raises: InDoubt, NotSent, CallFailed of the read."""
        path = self.subject.bearing.path
        action = SetDesired((Write(path, value),), ((path, version),))

        async def call() -> Outcome:
            state, code = AttemptState.DONE, ""
            try:
                await self.transport.call(self.side, request, Patience(ANSWER_TIMEOUT_S))
            except NotSent:
                raise
            except (Refused, InDoubt) as exc:
                if isinstance(exc, InDoubt) and not _was_answered(exc):
                    raise
                state, code = AttemptState.REFUSED, exc.vendor_code
            return Outcome(state, code, holds={path: await self._held()})

        return await self.bench.send(action, Stamp(self.transport.clock.now()), call)

    async def _held(self) -> Holding:
        rows = await ask(self.transport, self.side, self._query(), thing_answers.desired)
        found = rows.get(self.subject.bearing.path)
        return Holding(ABSENT, 0) if found is None else Holding(found.value, found.version)

    def _query(self) -> WireRequest:
        return thing_requests.query_desired(self.side.api, self.name, [self.subject.bearing.path])


def _raw(data: Json) -> Json:
    return data


def _was_answered(doubt: InDoubt) -> bool:
    """True when the platform answered with a code of its own, so that no copy is on its way any more."""
    return bool(doubt.vendor_code) and not doubt.vendor_code.startswith("HTTP")
