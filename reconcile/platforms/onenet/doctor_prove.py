"""Negative controls on the queue of one device: what does this account do with times, cancels and duplicates?

Premise: every write carries the value the device has already, and most wait for a REGISTER in a window of one second,
so nothing changes even if one is delivered. Rule: each command is withdrawn and its end is seen before the next but
where two or more are the question; what a killed run leaves dies with its window.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Final

from reconcile.model.examination import Capability, Mark, Outcome, Subject
from reconcile.platforms.onenet.auth import Signer
from reconcile.platforms.onenet.config import Connection
from reconcile.platforms.onenet.doctor_instance import mode_two
from reconcile.platforms.onenet.doctor_queue import (
    ALL_UPLINKS,
    CANCELLED,
    DELIVERED,
    EXPIRED,
    SENT,
    WAIT,
    Queue,
    send_status,
)
from reconcile.platforms.onenet.doctor_zone import zones
from reconcile.platforms.onenet.transport import Transport
from reconcile.ports import Bench, ClientSettings

_LATER_S: Final = 100
_LIMIT: Final = 10
_ENDED: Final = (CANCELLED, EXPIRED, DELIVERED, 6, 7, 8)


async def prove(
    settings: ClientSettings, connection: Connection, subject: Subject, bench: Bench
) -> AsyncGenerator[Capability, None]:
    """See `ports.Examiner.prove`."""
    transport = Transport(settings, Signer.open(connection, settings.credentials.get), 2)
    queue = Queue(transport, connection, subject, bench)
    try:
        async for answer in _questions(queue):
            yield answer
            if bench.is_stopped:
                break
        yield await _cleared(queue)
    finally:
        await _clear(queue)
        await transport.close()


async def _questions(queue: Queue) -> AsyncGenerator[Capability, None]:
    foreign = await queue.waiting()
    first, answers = await _zone(queue)
    for answer in answers:
        yield answer
    if not first.is_accepted:
        return
    yield await _late_valid_time(queue)
    yield await _past_expiry(queue)
    yield await _duplicate(queue)
    yield await _cancel_after_valid_time(queue)
    yield await _not_delivered(queue)
    yield await _expired(queue)
    yield await _limit(queue, has_foreign=bool(foreign))
    yield await mode_two(queue)


async def _zone(queue: Queue) -> tuple[Outcome, list[Capability]]:
    """The first command: is `retry` 0 taken, in which zone are times, can a waiting command be withdrawn?"""
    asked_at = queue.transport.clock.now()
    window = queue.window(_LATER_S, _LATER_S + 1)
    outcome = await queue.put(window)
    refused_with = outcome.code
    if outcome.command_uuid is None:
        queue.retry = 3
        window = queue.window(_LATER_S, _LATER_S + 1)
        outcome = await queue.put(window)
    uuid = outcome.command_uuid
    if uuid is None:
        return outcome, [Capability("onenet.zone", "refused", Mark.PROBLEM, evidence={"code": outcome.code})]
    found, detail = await zones(queue, uuid, window, asked_at)
    answers = [Capability("onenet.zone", "unreadable", Mark.WARNING) if found is None else found.capability()]
    if found is not None:
        queue.shift = found.taken - timedelta(hours=8)
    evidence: dict[str, str | int] = {"code": refused_with} if refused_with else {}
    least = str(queue.retry)
    answers.append(Capability("onenet.retry_minimum", least, Mark.OK, ("retry_minimum", least), evidence))
    remain = "string" if isinstance(detail.get("remain"), str) else "int"
    answers.append(Capability("onenet.remain_type", remain, Mark.OK, ("remain_type", remain)))
    cancelled = await queue.withdraw(uuid)
    mark, word = (Mark.OK, "yes") if cancelled.is_accepted else (Mark.PROBLEM, "no")
    answers.append(Capability("onenet.cancel_waiting", word, mark, evidence=_code(cancelled)))
    return outcome, answers


async def _late_valid_time(queue: Queue) -> Capability:
    """What keeps a late copy from being taken."""
    return await _refusal(queue, "onenet.late_valid_time", await queue.put(queue.window(-60, _LATER_S)))


async def _past_expiry(queue: Queue) -> Capability:
    return await _refusal(queue, "onenet.past_expiry", await queue.put(queue.window(None, -60)))


async def _refusal(queue: Queue, question: str, outcome: Outcome) -> Capability:
    if outcome.command_uuid is None:
        return Capability(question, "refused", Mark.OK, evidence=_code(outcome))
    await queue.withdraw(outcome.command_uuid)
    return Capability(question, "accepted", Mark.PROBLEM)


async def _duplicate(queue: Queue) -> Capability:
    """The same write twice, to the second: what a retried request would be."""
    window = queue.window(_LATER_S, _LATER_S + 1)
    uuids = [(await queue.put(window)).command_uuid for _ in range(2)]
    known = [uuid for uuid in dict.fromkeys(uuids) if uuid is not None]
    withdrawn = [(await queue.withdraw(uuid)).is_accepted for uuid in known]
    answer = "two" if len(known) == 2 else "same" if None not in uuids else "one"
    if not all(withdrawn):
        return Capability("onenet.duplicate", "not_withdrawn", Mark.PROBLEM)
    return Capability("onenet.duplicate", answer, Mark.OK, evidence={"uuids": len(known), "withdrawn": sum(withdrawn)})


async def _cancel_after_valid_time(queue: Queue) -> Capability:
    """A command that is due already and waits only for an uplink that does not come."""
    question = "onenet.cancel_after_valid_time"
    outcome = await queue.put(queue.window(None, 15))
    if outcome.command_uuid is None:
        return Capability(question, "refused", Mark.WARNING, evidence=_code(outcome))
    before = send_status(await queue.detail(outcome.command_uuid))
    cancelled = await queue.withdraw(outcome.command_uuid)
    if cancelled.is_accepted and before == WAIT:
        return Capability(question, "allow", Mark.OK, ("cancel_after_valid_time", "allow"))
    after = send_status(await queue.detail(outcome.command_uuid))
    if after == WAIT:
        return Capability(question, "refuse", Mark.OK, ("cancel_after_valid_time", "refuse"), _code(cancelled))
    return Capability(question, "delivered", Mark.SKIPPED, evidence={"send_status": after})


async def _not_delivered(queue: Queue) -> Capability:
    """A command for any uplink, withdrawn before it is due: does it stay away when the device speaks?"""
    question, due_in_s = "onenet.cancelled_not_delivered", 5
    window = queue.window(due_in_s, due_in_s + int(queue.subject.wait_s) + 30)
    outcome = await queue.put(window, ALL_UPLINKS)
    uuid = outcome.command_uuid
    if uuid is None:
        return Capability(question, "refused", Mark.WARNING, evidence=_code(outcome))
    if not (await queue.withdraw(uuid)).is_accepted:
        return Capability(question, "not_cancelled", Mark.PROBLEM)
    has_spoken = await _until_spoken(queue, due_in_s)
    status = send_status(await queue.detail(uuid))
    evidence: dict[str, str | int] = {"send_status": status}
    if status in (SENT, DELIVERED):
        return Capability(question, "delivered", Mark.PROBLEM, evidence=evidence)
    return Capability(question, "stayed_away" if has_spoken else "not_seen", Mark.OK, evidence=evidence)


async def _until_spoken(queue: Queue, due_in_s: int) -> bool:
    """Waits until the device spoke after the command would have been due; false when it did not in time."""
    await queue.bench.pause(due_in_s + 1)
    due_at, waited_s = queue.now() - timedelta(seconds=1), 0.0
    while waited_s <= queue.subject.wait_s and not queue.bench.is_stopped:
        spoken = await queue.last_uplink()
        if spoken is not None and spoken >= due_at:
            return True
        await queue.bench.pause(2.0)
        waited_s += 2.0
    return False


async def _expired(queue: Queue) -> Capability:
    """A command whose window passes without an uplink it may use."""
    question, lives_s = "onenet.expired", 4
    outcome = await queue.put(queue.window(None, lives_s))
    uuid = outcome.command_uuid
    if uuid is None:
        return Capability(question, "refused", Mark.WARNING, evidence=_code(outcome))
    await queue.bench.pause(lives_s + 2)
    status = send_status(await queue.detail(uuid))
    if status in _ENDED:
        await queue.forget(uuid)
    words = {EXPIRED: "expired", WAIT: "still_waits", DELIVERED: "delivered"}
    word = words.get(status, "other")
    return Capability(question, word, Mark.OK if word == "expired" else Mark.WARNING, evidence={"send_status": status})


async def _limit(queue: Queue, *, has_foreign: bool) -> Capability:
    """The eleventh command; only on request, and only where none of anybody else could be pushed out."""
    question = "onenet.cached_limit"
    if not queue.subject.may_fill_queue:
        return Capability(question, "not_asked", Mark.SKIPPED)
    await _clear(queue)
    if has_foreign or queue.live:
        return Capability(question, "not_empty", Mark.SKIPPED)
    uuids: list[str] = []
    for number in range(1, _LIMIT + 2):
        if queue.bench.is_stopped:
            return Capability(question, "not_asked", Mark.SKIPPED)
        outcome = await queue.put(queue.window(_LATER_S, _LATER_S + 1))
        if outcome.command_uuid is None:
            answer = "refuse" if number == _LIMIT + 1 else "fewer"
            switch = ("cached_limit", "refuse") if answer == "refuse" else None
            mark = Mark.OK if switch else Mark.WARNING
            return Capability(question, answer, mark, switch, {"refused": number, **_code(outcome)})
        uuids.append(outcome.command_uuid)
    status = send_status(await queue.detail(uuids[0]))
    if status == WAIT:
        return Capability(question, "more", Mark.WARNING, evidence={"accepted": len(uuids)})
    return Capability(question, "evict", Mark.WARNING, ("cached_limit", "evict"), {"send_status": status})


async def _cleared(queue: Queue) -> Capability:
    """Whether everything that was queued is known to have ended."""
    await _clear(queue)
    left = len(queue.live)
    mark = Mark.WARNING if left else Mark.OK
    return Capability("onenet.cleared", "no" if left else "yes", mark, evidence={"left": left} if left else {})


async def _clear(queue: Queue) -> None:
    """Withdraws what still waits; what may not be withdrawn is waited for when its window is short."""
    for _ in range(8):
        for uuid in list(queue.live):
            if send_status(await queue.detail(uuid)) in _ENDED:
                await queue.forget(uuid)
            else:
                await queue.withdraw(uuid)
        if not queue.live:
            return
        await queue.bench.pause(3.0)


def _code(outcome: Outcome) -> dict[str, str | int]:
    return {"code": outcome.code} if outcome.code else {}
