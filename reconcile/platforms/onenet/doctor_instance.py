"""Mode 2 on a device that answers now: are the other resources of the instance left as they are?

Mode 1 is never tried: by one reading of the book it deletes them.
"""

from __future__ import annotations

from datetime import timedelta

from reconcile.model.actions import Write, WriteNow
from reconcile.model.desired import WriteMode
from reconcile.model.errors import CallFailed, NotSent, Refused
from reconcile.model.examination import Capability, Mark, Outcome
from reconcile.model.journal import AttemptState
from reconcile.model.values import Json, canonical
from reconcile.platforms.onenet.doctor_queue import Queue
from reconcile.platforms.onenet.model import instance_of
from reconcile.platforms.onenet.transport import Patience
from reconcile.platforms.onenet.wire import answers, requests
from reconcile.ports import Stamp

_READ_S, _WRITE_S, _MARGIN_S = 10, 25, 10.0
_QUESTION = "onenet.mode_two"


async def mode_two(queue: Queue) -> Capability:
    """One instant write of the value that the device was just read to hold. Raises: InDoubt when its answer is lost."""
    bearing, instance = queue.subject.bearing, instance_of(queue.subject.bearing.path)
    before = await _read(queue, instance)
    if before is None:
        return Capability(_QUESTION, "unreachable", Mark.SKIPPED)
    if not _is_same(before.get(bearing.path), bearing.value):
        return Capability(_QUESTION, "differs", Mark.SKIPPED)
    neighbours = {path: value for path, value in before.items() if path != bearing.path}
    if not neighbours:
        return Capability(_QUESTION, "no_neighbours", Mark.SKIPPED)
    action = WriteNow(instance, (Write(bearing.path, bearing.value, bearing.value_type),), WriteMode.UPDATE, _WRITE_S)
    now = queue.transport.clock.now()
    not_after = (now + timedelta(seconds=_WRITE_S + _MARGIN_S + 5)).replace(microsecond=0)
    request = requests.write_now(queue.connection.instant.api, queue.imei, action)

    async def call() -> Outcome:
        patience = Patience(_WRITE_S + _MARGIN_S, not_after)
        try:
            await queue.transport.call(queue.connection.instant, request, patience)
        except NotSent as exc:
            return Outcome(AttemptState.NOT_LANDED, exc.code, exc.args[0])
        except Refused as exc:
            return Outcome(AttemptState.REFUSED, exc.vendor_code, exc.args[0])
        return Outcome(AttemptState.DONE)

    outcome = await queue.bench.send(action, Stamp(now, not_after=not_after), call)
    if not outcome.is_accepted:
        return Capability(_QUESTION, "refused", Mark.WARNING, evidence={"code": outcome.code})
    after = await _read(queue, instance)
    if after is None:
        return Capability(_QUESTION, "unreachable", Mark.SKIPPED)
    lost = sorted(path for path, value in neighbours.items() if not _is_same(after.get(path), value))
    if lost:
        return Capability(_QUESTION, "lost", Mark.PROBLEM, evidence={"resources": " ".join(lost)})
    return Capability(_QUESTION, "kept", Mark.OK, evidence={"neighbours": len(neighbours)})


async def _read(queue: Queue, instance: str) -> dict[str, Json] | None:
    """The values of the instance; None when the device does not answer or says something else."""
    side = queue.connection.instant
    request = requests.read_now(side.api, queue.imei, instance, _READ_S)
    try:
        answer = await queue.transport.call(side, request, Patience(_READ_S + _MARGIN_S))
        return answers.read_values(instance, answer.data)
    except (CallFailed, answers.Unparsable):
        return None


def _is_same(left: Json, right: Json) -> bool:
    numbers = [each for each in (left, right) if isinstance(each, (int, float)) and not isinstance(each, bool)]
    return numbers[0] == numbers[1] if len(numbers) == 2 else canonical(left) == canonical(right)
