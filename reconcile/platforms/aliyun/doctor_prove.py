"""Negative controls on one property of one device: what does this account do with versions, clears and listings?

Premise: only the value that is desired already is ever written, and every write carries the version it believes, so
neither the device nor another writer can be harmed; for a moment the desired value is absent. Rule: after each write
the cloud's copy is read back, and whatever happens the value is put back under the version that is there then.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import field
from typing import Final

from reconcile.model.actions import SetDesired, Write
from reconcile.model.examination import Bearing, Capability, Holding, Mark, Outcome, Subject
from reconcile.model.journal import AttemptState
from reconcile.model.late import dataclass
from reconcile.model.values import ABSENT, Json, Missing
from reconcile.platforms.aliyun import wire
from reconcile.platforms.aliyun.answers import Answer, Row, versions_of
from reconcile.platforms.aliyun.config import Options
from reconcile.platforms.aliyun.doctor_listing import listing_questions
from reconcile.platforms.aliyun.errors import Verdict, describe, judge, vendor_code
from reconcile.platforms.aliyun.gateway import Gateway
from reconcile.platforms.aliyun.look import desired_rows
from reconcile.platforms.aliyun.same import same_untyped
from reconcile.platforms.aliyun.settle import version_now
from reconcile.ports import Bench, ClientSettings, Stamp

GENERAL: Final = frozenset(("iot.system.IllegalRequest", "iot.system.SystemException"))
"""Codes that say nothing of the reason: equal ones prove nothing."""

_RESTORES: Final = 3


async def prove(
    settings: ClientSettings, options: Options, subject: Subject, bench: Bench
) -> AsyncGenerator[Capability, None]:
    """See `ports.Examiner.prove`."""
    gateway = Gateway(settings, options)
    stand = _Stand(gateway, subject, bench)
    try:
        async for answer in stand.questions():
            yield answer
            if bench.is_stopped:
                break
        restored = await stand.put_back()
        yield restored
        if not bench.is_stopped:
            for passive in await listing_questions(gateway, subject, stand.seen_versions, {stand.path}):
                yield passive
    finally:
        try:
            await stand.put_back()
        finally:
            await gateway.close()


@dataclass(slots=True)
class _Stand:
    """The device under proof. `stale_code` is what a stale version was refused with.

    `is_atomic`: a set with one bad item was seen to change nothing.
    """

    gateway: Gateway
    subject: Subject
    bench: Bench
    stale_code: str = ""
    is_atomic: bool = False
    seen_versions: list[frozenset[str]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.subject.bearing.path

    async def questions(self) -> AsyncGenerator[Capability, None]:
        """All questions that write, in an order in which each leaves the next its ground."""
        yield await self._stale()
        yield await self._same_value()
        cleared, version = await self._clear()
        yield cleared
        if cleared.mark is Mark.OK and not self.bench.is_stopped:
            yield await self._partial(version)
            yield await self._after_clear()
        if not self.bench.is_stopped:
            yield await self._subset()

    async def put_back(self) -> Capability:
        """The desired value as it was, where it is not; guarded by the version that is there."""
        bearing = self.subject.bearing
        held = await self._held(bearing)
        writes = 0
        while held.value is ABSENT and writes < _RESTORES:
            await self._set({bearing.path: bearing.value}, {bearing.path: held.version})
            held = await self._held(bearing)
            writes += 1
        is_back = not isinstance(held.value, Missing) and same_untyped(bearing.value, held.value)
        evidence: dict[str, str | int] = {"version": held.version, "path": bearing.path}
        mark = Mark.OK if is_back else Mark.PROBLEM
        return Capability("aliyun.restored", "yes" if is_back else "no", mark, evidence=evidence)

    async def _stale(self) -> Capability:
        """A version that is not the current one, on both sides of it; version 0 has no older one."""
        bearing = self.subject.bearing
        held = await self._held(bearing)
        codes = []
        for version in (held.version - 1, held.version + 1):
            if version < 0:
                continue
            outcome = await self._set({bearing.path: bearing.value}, {bearing.path: version})
            if outcome.is_accepted:
                moved = {"sent": version, "current": held.version}
                return Capability("aliyun.stale_version", "accepted", Mark.PROBLEM, evidence=moved)
            codes.append(outcome.code)
        self.stale_code = codes[0]
        switch = ("desired_error_code", self.stale_code) if self.stale_code in GENERAL else None
        evidence = {"code": " ".join(dict.fromkeys(codes))}
        return Capability("aliyun.stale_version", "refused", Mark.OK, switch, evidence)

    async def _same_value(self) -> Capability:
        """The right version with the value that is there already: accepted, and does the version rise?"""
        bearing = self.subject.bearing
        before = (await self._held(bearing)).version
        outcome = await self._set({bearing.path: bearing.value}, {bearing.path: before})
        if not outcome.is_accepted:
            return Capability("aliyun.same_value", "refused", Mark.PROBLEM, evidence={"code": outcome.code})
        after = outcome.holds[bearing.path].version
        evidence = {"before": before, "after": after}
        if after not in (before, before + 1):
            return Capability("aliyun.same_value", "other", Mark.WARNING, evidence=evidence)
        answer = "yes" if after == before + 1 else "no"
        return Capability("aliyun.same_value", answer, Mark.OK, ("same_value_raises_version", answer), evidence)

    async def _clear(self) -> tuple[Capability, int]:
        """Null through Set: what becomes of the version."""
        bearing = self.subject.bearing
        before = (await self._held(bearing)).version
        outcome = await self._set({bearing.path: None}, {bearing.path: before})
        held = outcome.holds[bearing.path]
        evidence: dict[str, str | int] = {"before": before, "after": held.version}
        if not outcome.is_accepted or held.value is not ABSENT:
            evidence |= {"code": outcome.code}
            return Capability("aliyun.null_clear", "refused", Mark.WARNING, evidence=evidence), held.version
        choices = {0: "zero", before: "keeps", before + 1: "counts"}
        answer = choices.get(held.version, "other")
        switch = None if answer == "other" else ("null_version", answer)
        mark = Mark.WARNING if switch is None else Mark.OK
        return Capability("aliyun.null_clear", answer, mark, switch, evidence), held.version

    async def _partial(self, version: int) -> Capability:
        """Two items of which one is stale, while ours is clear: is the good one applied?"""
        bearing = self.subject.bearing
        if not self.subject.others:
            return Capability("aliyun.set_atomic", "one_property", Mark.SKIPPED)
        other = self.subject.others[0]
        stale = (await self._held(other)).version + 1
        outcome = await self._set(
            {bearing.path: bearing.value, other.path: other.value}, {bearing.path: version, other.path: stale}
        )
        if outcome.is_accepted:
            return Capability("aliyun.set_atomic", "accepted", Mark.PROBLEM, evidence={"stale": other.path})
        self.is_atomic = outcome.holds[bearing.path].value is ABSENT
        answer = "yes" if self.is_atomic else "no"
        mark = Mark.OK if answer == "yes" else Mark.WARNING
        return Capability("aliyun.set_atomic", answer, mark, ("set_atomic", answer), {"code": outcome.code})

    async def _after_clear(self) -> Capability:
        """The first set after a clear, with the version that is read then: the way every apply goes."""
        bearing = self.subject.bearing
        before = await self._held(bearing)
        if before.value is not ABSENT:
            return Capability("aliyun.set_after_clear", "put_back_already", Mark.SKIPPED)
        outcome = await self._set({bearing.path: bearing.value}, {bearing.path: before.version})
        evidence: dict[str, str | int] = {"before": before.version, "after": outcome.holds[bearing.path].version}
        if not outcome.is_accepted:
            evidence |= {"code": outcome.code}
            return Capability("aliyun.set_after_clear", "refused", Mark.PROBLEM, evidence=evidence)
        answer = "yes" if evidence["after"] == before.version + 1 else "other"
        return Capability(
            "aliyun.set_after_clear", answer, Mark.OK if answer == "yes" else Mark.WARNING, None, evidence
        )

    async def _subset(self) -> Capability:
        """Versions for fewer properties than Items; the one that is named is stale, so that nothing can be applied.

        Told by the code: the one of a stale version means that Versions was read, any other that it was refused first.
        """
        bearing = self.subject.bearing
        if not self.subject.others or not self.stale_code:
            return Capability("aliyun.versions_subset", "one_property", Mark.SKIPPED)
        if not self.is_atomic:  # the property without a version would be written unguarded
            return Capability("aliyun.versions_subset", "unguarded", Mark.SKIPPED)
        other = self.subject.others[0]
        stale = (await self._held(bearing)).version + 1
        items = {bearing.path: bearing.value, other.path: other.value}
        outcome = await self._set(items, {bearing.path: stale})
        if outcome.is_accepted:
            return Capability("aliyun.versions_subset", "accepted", Mark.PROBLEM)
        if outcome.code == self.stale_code and self.stale_code in GENERAL:
            return Capability("aliyun.versions_subset", "same_code", Mark.SKIPPED, evidence={"code": outcome.code})
        answer = "allow" if outcome.code == self.stale_code else "refuse"
        evidence = {"code": outcome.code}
        return Capability("aliyun.versions_subset", answer, Mark.OK, ("versions_subset", answer), evidence)

    async def _set(self, items: Mapping[str, Json], versions: Mapping[str, int]) -> Outcome:
        """One journaled set with what the cloud holds afterwards. Raises: InDoubt, and CallFailed of the read-back."""
        action = SetDesired(tuple(Write(path, value) for path, value in items.items()), tuple(sorted(versions.items())))
        identity = self.subject.identity

        async def call() -> Outcome:
            answer = await self.gateway.ask(wire.set_desired(identity, dict(items), action.versions))
            if not answer.is_success and judge(answer) is Verdict.IN_DOUBT and answer.http_status != 200:
                raise self.gateway.doubt(answer)
            rows = await desired_rows(self.gateway, identity, tuple(items))
            return _outcome(answer, {path: _holding(rows.get(path)) for path in items})

        outcome = await self.bench.send(action, Stamp(self.gateway.server_now()), call)
        if outcome.is_accepted:
            self.seen_versions.append(frozenset(outcome.versions) - items.keys())
        return outcome

    async def _held(self, bearing: Bearing) -> Holding:
        rows = await desired_rows(self.gateway, self.subject.identity, (bearing.path,))
        return _holding(rows.get(bearing.path))


def _outcome(answer: Answer, holds: Mapping[str, Holding]) -> Outcome:
    if answer.is_success:
        return Outcome(AttemptState.DONE, versions=versions_of(answer) or {}, holds=holds)
    code = vendor_code(answer) or f"HTTP {answer.http_status}"
    return Outcome(AttemptState.REFUSED, code, describe(answer, is_text_kept=False), holds=holds)


def _holding(row: Row | None) -> Holding:
    value = ABSENT if row is None or row.version == 0 else row.value
    return Holding(value, version_now(row))
