"""What became of cached commands: list, detail, trace; and the trace of instant ones.

Source: OneNET NB-IoT book, list/12, list/13, list/32, list/34. Paging limits are not given there; assumed 30 a page,
100 at most.
"""

from __future__ import annotations

import json

from reconcile.emulator.call import Call
from reconcile.emulator.clock import beijing, beijing_ms, beijing_trace
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet import documented as doc
from reconcile.emulator.onenet import parameters as check
from reconcile.emulator.onenet.command import DELIVERED, TYPE_NUMBERS, Command
from reconcile.emulator.onenet.reply import (
    INVALID_PARAMETER,
    PARAMETER_REQUIRED,
    REASONS,
    RefusedError,
    Reply,
    with_data,
)

KEPT_MS = 180 * 86_400_000
"""Records of commands are kept 180 days (release notes 2019-04)."""


def listing(call: Call) -> Reply:
    """One page of a device's commands created in [start, end]; no values in it, those are in the detail."""
    start_ms = check.zoneless_time(call, "start")
    if start_ms is None:
        raise RefusedError(PARAMETER_REQUIRED, "start")
    end_ms = check.zoneless_time(call, "end")
    end_ms = call.now_ms if end_ms is None else end_ms
    page, per_page = check.number(call.params, doc.PAGE), _per_page(call)
    order = call.params.get("sort") or "DESC"
    if order not in ("ASC", "DESC"):
        raise RefusedError(INVALID_PARAMETER, "sort")
    device = check.device_of(call)
    lag = call.fault("history_lag")
    newest_ms = min(end_ms + 999, call.now_ms - int(lag.seconds * 1000)) if lag else end_ms + 999
    wanted = call.params.get("uuid", "")
    kept_ms = max(start_ms, call.now_ms - KEPT_MS)
    found = [
        command
        for command in device.commands.values()
        if kept_ms <= command.created_ms <= newest_ms and wanted in ("", command.uuid)
    ]
    if order == "DESC":
        found.reverse()
    shown = found[(page - 1) * per_page : page * per_page]
    return with_data({"total_count": len(found), "items": [_item(call, command) for command in shown]})


def detail(call: Call) -> Reply:
    """One command with its arguments, its content and the device's answer."""
    command = _command(call)
    if command is None:
        return with_data({})
    feedback = [{"feedback_time": beijing(at_ms), "feedback_status": status} for at_ms, status in command.feedback]
    shown = _common(call, command) | {"args": command.args, "content": command.content or {}, "feedback_msg": feedback}
    if command.send_status == DELIVERED and command.confirm_status == "SUCCESS":
        shown["cmd_result"] = {"errno": 0, "error": "succ"} | (
            {"data": command.result} if command.result is not None else {}
        )
    return with_data(shown)


def trace(call: Call) -> Reply:
    """The stages a command has gone through, as log lines (list/34)."""
    command = _command(call)
    if command is None:
        return with_data([])
    args = {
        **command.args,
        "valid_time": beijing_ms(command.valid_ms),
        "expired_time": beijing_ms(command.expired_ms),
        "retry": command.retry,
        "timeout": command.timeout,
    }
    content = "" if command.content is None else _compact(command.content)
    told = f"type: [{TYPE_NUMBERS[command.type]}], args: [{_compact(args)}], content: [{content}]"
    lines = [(command.created_ms, f"received command {told}")]
    if command.sent_ms is not None:
        lines.append((command.sent_ms, f"send command {told}"))
    if command.confirmed_ms is not None and command.confirm_status is not None:
        confirm = REASONS.get(command.confirm_status, command.confirm_status)
        result = _compact({"errno": 0, "error": "success"} | ({"data": command.result} if command.result else {}))
        status = f"command send status: [{command.send_status}], confirm status: [{confirm}]"
        shown = f"type: [{TYPE_NUMBERS[command.type]}], {status}, result: [{result if confirm == 0 else ''}]"
        lines.append((command.confirmed_ms, f"received confirm message, {shown}"))
    lines += [(at_ms, f"feedback message, status: [{status}]") for at_ms, status in command.feedback]
    return with_data([{"log": log, "time": beijing_trace(at_ms)} for at_ms, log in lines])


def instant_trace(call: Call) -> Reply:
    """The same for an instant command (list/32), whose feedback is the answer itself."""
    instant = check.device_of(call).instants.get(call.path_argument)
    if instant is None:
        raise RefusedError(INVALID_PARAMETER, "uuid")
    kind, confirm = TYPE_NUMBERS[instant.type], REASONS.get(instant.outcome, instant.outcome)
    told = f"type: [{kind}], args: [], content: []"
    logs = [f"received command {told}", f"send command {told}"]
    if instant.outcome != "TIME_OUT":
        status = f"type: [{kind}], command send status: [1], confirm status: [{confirm}]"
        logs += [f"received confirm message, {status}", f"feedback message, {status}"]
    return with_data([{"log": log, "time": beijing_trace(instant.at_ms)} for log in logs])


def _per_page(call: Call) -> int:
    rule = call.world.scene.switches["long_pages"]
    if rule == "refuse":
        return check.number(call.params, doc.PER_PAGE)
    return min(check.number(call.params, doc.LONG_PAGE), int(rule.removeprefix("cap_")))


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _command(call: Call) -> Command | None:
    """The command of the uuid in the path; None for one that is not on record (switch `unknown_command`)."""
    command = check.device_of(call).commands.get(call.path_argument)
    if command is None or command.created_ms < call.now_ms - KEPT_MS:
        if call.world.scene.switches["unknown_command"] == "empty":
            return None
        raise RefusedError(INVALID_PARAMETER, "uuid")
    return command


def _item(call: Call, command: Command) -> dict[str, Json]:
    item = _common(call, command)
    item["cmd_uuid"] = command.uuid
    if command.feedback:
        item["feedback_time"] = beijing(command.feedback[-1][0])
    return item


def _common(call: Call, command: Command) -> dict[str, Json]:
    as_text = call.world.scene.switches["remain_type"] == "string"
    shown: dict[str, Json] = {
        "type": command.type,
        "imei": command.imei,
        "create_time": beijing(command.created_ms),
        "valid_time": beijing(command.valid_ms),
        "expired_time": beijing(command.expired_ms),
        "trigger_msg": command.trigger,
        "send_status": command.send_status,
        "remain": str(command.remain) if as_text else command.remain,
    }
    if command.sent_ms is not None:
        shown["send_time"] = beijing(command.sent_ms)
    if command.confirmed_ms is not None:
        shown["confirm_time"] = beijing(command.confirmed_ms)
    if command.confirm_status is not None:
        shown["confirm_status"] = command.confirm_status
    return shown
