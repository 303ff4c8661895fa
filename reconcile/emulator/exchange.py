"""One request through the emulator: `handle(world, request, now) -> response`, pure but for the world it changes.

Faults act at three places: before the cloud sees the request (nothing lands), on what the cloud sees (its clock, copies
of the request), and on the answer (the effect stays, the client does not learn of it).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from reconcile.emulator import control, routes
from reconcile.emulator.aliyun import xml
from reconcile.emulator.call import Call
from reconcile.emulator.clock import to_ms
from reconcile.emulator.log import Entry
from reconcile.emulator.messages import JSON_TYPE, XML_TYPE, Answer, Json, Request, Response

if TYPE_CHECKING:
    from reconcile.emulator.world import World

CONTROL = "/_emulator"
_NOT_FOUND = Answer({"error": "no cloud serves this path"}, 404, status=404)


def handle(world: World, request: Request, now: datetime) -> Response:
    """The response to one request; everything due before `now` has happened when it returns."""
    now_ms = to_ms(now)
    _deliver_copies(world, now_ms)
    if request.path == CONTROL or request.path.startswith(f"{CONTROL}/"):
        return _render(control.answer(world, request, now_ms), now_ms)
    call = routes.find(world, request, now_ms)
    if call is None:
        return _render(_NOT_FOUND, now_ms)
    call.faults = world.scene.faults.pick(call.operation, call.device, call.cloud)
    return _exchange(world, call) if call.faults else _plainly(world, call)


def _plainly(world: World, call: Call) -> Response:
    answer = call.run(call)
    seq = _record(world, call, answer)
    return replace(_render(answer, call.now_ms), seq=seq, delay_s=answer.delay_s)


def _exchange(world: World, call: Call) -> Response:
    """A request that meets a fault."""
    offset = call.fault("clock_offset")
    if offset:
        call.skew_ms = int(offset.seconds * 1000)
        call.now_ms += call.skew_ms
    late = call.fault("late_copy")
    if late:
        world.send_copy(call.request, call.real_ms + int(late.seconds * 1000))
    if call.fault("drop_before_landing"):
        seq = _record(world, call, None, answered=False)
        return Response(0, b"", delivery="drop", seq=seq)
    response = _spoil(world, call, _refused(call) or call.run(call))
    if call.fault("duplicate"):
        _run_copy(world, call.request, call.real_ms, "duplicate")
    return response


def _refused(call: Call) -> Answer | None:
    """The answer of a fault that keeps the request from landing."""
    if call.fault("http_500_before"):
        return call.fail(call, "server_error", "")
    if call.fault("throttle"):
        return call.fail(call, "throttle", "")
    errno = call.fault("errno")
    return call.fail(call, "errno", errno.argument) if errno else None


def _spoil(world: World, call: Call, answer: Answer) -> Response:
    """What the client gets of a decided answer."""
    errno_after, slow = call.fault("errno_after"), call.fault("slow")
    if call.fault("http_500_after"):
        answer = replace(call.fail(call, "server_error", ""), landed=answer.landed)
    elif errno_after:
        answer = replace(call.fail(call, "errno", errno_after.argument), landed=answer.landed)
    lost = any(call.fault(name) for name in ("drop_answer_after_landing", "truncated_body", "garbled_body"))
    seq = _record(world, call, answer, answered=not lost)
    delay_s = answer.delay_s + (slow.seconds if slow else 0.0)
    response = replace(_render(answer, call.now_ms), seq=seq, delay_s=delay_s)
    if call.fault("drop_answer_after_landing"):
        return replace(response, delivery="drop")
    if call.fault("truncated_body"):
        return replace(response, delivery="truncate")
    if call.fault("garbled_body"):
        return replace(response, body=b"\x00\x9f<<" + response.body[::-1])
    return response


def _deliver_copies(world: World, now_ms: int) -> None:
    now_ms = max(now_ms, world.base_ms)
    while (copy := world.next_copy(now_ms)) is not None:
        due_ms, request = copy
        _run_copy(world, request, due_ms, "late_copy")


def _run_copy(world: World, request: Request, at_ms: int, fault: str) -> None:
    call = routes.find(world, request, at_ms)
    if call is not None:
        call.is_copy = True
        _record(world, call, call.run(call), answered=False, fault=fault)


def _record(world: World, call: Call, answer: Answer | None, *, answered: bool = True, fault: str | None = None) -> int:
    seq = world.log.next_seq
    struck = ",".join(str(one) for one in call.faults) or None
    world.log.append(
        Entry(
            seq,
            call.real_ms,
            call.cloud,
            call.operation,
            call.mutating,
            call.device,
            call.target,
            call.body,
            call.precondition,
            answer.status if answer else None,
            _code(answer),
            bool(answer and answer.landed and call.mutating),
            answered,
            fault or struck,
        )
    )
    return seq


def _code(answer: Answer | None) -> int | str | None:
    """The vendor's code; null for a request lost before it, and for Aliyun's successes, which carry none."""
    return None if answer is None or answer.code == "" else answer.code


def _render(answer: Answer, now_ms: int) -> Response:
    if answer.xml_root is not None:
        body, content_type = xml.render(answer.xml_root, answer.payload), XML_TYPE
    else:
        body, content_type = _dump(answer.payload), JSON_TYPE
    return Response(answer.status, body, content_type, now_ms, headers=answer.headers)


def _dump(payload: Json) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
