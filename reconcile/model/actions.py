"""What one request to a cloud does, as data: it can be printed, saved, approved, journaled and replayed.

Premise: a step is read by a person, carried by a file and run by another process, perhaps after a crash.
Rule: an action holds wire values and relative times only; clocks and secrets come in when the request is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from reconcile.model.desired import TRIGGERS, WriteMode
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject

_TYPE_CODES = {"opaque": 1, "time": 2}
_TYPE_NAMES = {code: name for name, code in _TYPE_CODES.items()}


@dataclass(frozen=True, slots=True)
class Write:
    """One resource and its wire value. `value_type` is `opaque` (hex text) or `time` (epoch seconds), else None."""

    path: str
    value: Json
    value_type: str | None = None


@dataclass(frozen=True, slots=True)
class Queueing:
    """How a cached command waits. Times in seconds, relative to the moment it is sent.

    Source: OneNET cached write and cached execute: retry 0-10, trigger_msg 1-7, expired_time > valid_time > now.
    """

    valid_after_s: int
    expire_after_s: int
    retry: int
    trigger: tuple[str, ...]

    @property
    def trigger_msg(self) -> int:
        """OneNET's bit mask: register 1, update 2, notify 4."""
        return sum(1 << TRIGGERS.index(name) for name in self.trigger)


@dataclass(frozen=True, slots=True)
class WriteNow:
    """OneNET instant write of resources of one object instance `/obj/inst`; `timeout_s` 5-40."""

    instance: str
    writes: tuple[Write, ...]
    write_mode: WriteMode
    timeout_s: int
    kind = "write_now"


@dataclass(frozen=True, slots=True)
class QueueWrite:
    """OneNET cached write of resources of one object instance; answers with a uuid."""

    instance: str
    writes: tuple[Write, ...]
    write_mode: WriteMode
    timeout_s: int
    queueing: Queueing
    kind = "queue_write"


@dataclass(frozen=True, slots=True)
class ExecuteNow:
    """OneNET instant execute: one attempt, never again. `command` names it in the manifests, `run_key` its trigger."""

    path: str
    args: str | None
    command: str
    run_key: str
    timeout_s: int
    kind = "execute_now"


@dataclass(frozen=True, slots=True)
class QueueExecute:
    """OneNET cached execute; not idempotent, so `retry` is 0 unless the manifest says otherwise."""

    path: str
    args: str | None
    command: str
    run_key: str
    timeout_s: int
    queueing: Queueing
    kind = "queue_execute"


@dataclass(frozen=True, slots=True)
class SetDesired:
    """Desired values in the cloud, each guarded by the version we believe; None clears.

    Aliyun: at most 10 items, guarded by the cloud. OneNET's thing models: a set is guarded by reads around it, a delete
    by the cloud; all values are None, or none is.
    """

    items: tuple[Write, ...]
    versions: tuple[tuple[str, int], ...]
    kind = "set_desired"


@dataclass(frozen=True, slots=True)
class ClearDesired:
    """Aliyun ClearDeviceDesiredProperty: 1-10 identifiers, without a version check."""

    paths: tuple[str, ...]
    kind = "clear_desired"


@dataclass(frozen=True, slots=True)
class CancelQueued:
    """Withdraws a cached command that still waits. `paths` are the resources (or the Execute) it would have touched."""

    uuid: str
    paths: tuple[str, ...]
    kind = "cancel_queued"


Action: TypeAlias = WriteNow | QueueWrite | ExecuteNow | QueueExecute | SetDesired | ClearDesired | CancelQueued


def touched(action: Action) -> tuple[str, ...]:
    """The resources an action is about."""
    match action:
        case WriteNow() | QueueWrite():
            return tuple(write.path for write in action.writes)
        case SetDesired():
            return tuple(write.path for write in action.items)
        case ExecuteNow() | QueueExecute():
            return (action.path,)
        case ClearDesired() | CancelQueued():
            return action.paths


def to_request(action: Action) -> JsonObject:
    """The `request` member of a step in a plan file (schemas/plan.schema.json)."""
    match action:
        case WriteNow():
            return {**_instance(action), "timeout": action.timeout_s}
        case QueueWrite():
            return {**_instance(action), "timeout": action.timeout_s, **_queueing(action.queueing)}
        case ExecuteNow():
            return {**_execute(action), "timeout": action.timeout_s}
        case QueueExecute():
            return {**_execute(action), "timeout": action.timeout_s, **_queueing(action.queueing)}
        case SetDesired():
            return {"items": {w.path: w.value for w in action.items}, "versions": dict(action.versions)}
        case ClearDesired():
            return {"identifiers": list(action.paths)}
        case CancelQueued():
            return {"uuid": action.uuid, "resources": list(action.paths)}


def _instance(action: WriteNow | QueueWrite) -> JsonObject:
    obj_id, obj_inst_id = _numbers(action.instance)
    data: list[Json] = []
    for write in action.writes:
        item: JsonObject = {"res_id": _numbers(write.path)[2], "val": write.value}
        if write.value_type in _TYPE_CODES:
            item["type"] = _TYPE_CODES[write.value_type]
        data.append(item)
    mode = 1 if action.write_mode is WriteMode.REPLACE else 2
    return {"obj_id": obj_id, "obj_inst_id": obj_inst_id, "mode": mode, "data": data}


def _execute(action: ExecuteNow | QueueExecute) -> JsonObject:
    obj_id, obj_inst_id, res_id = _numbers(action.path)
    return {
        "obj_id": obj_id,
        "obj_inst_id": obj_inst_id,
        "res_id": res_id,
        "args": action.args,
        "command": action.command,
        "run_key": action.run_key,
    }


def _queueing(queueing: Queueing) -> JsonObject:
    return {
        "valid_after_s": queueing.valid_after_s,
        "expire_after_s": queueing.expire_after_s,
        "retry": queueing.retry,
        "trigger_msg": queueing.trigger_msg,
    }


def _numbers(path: str) -> list[int]:
    return [int(part) for part in path.strip("/").split("/")]


def from_request(kind: str, request: JsonObject) -> Action:
    """The reverse of `to_request`. Raises: KeyError, TypeError or ValueError when the request is not of that kind."""
    read = _Request(request)
    match kind:
        case "write_now":
            return WriteNow(read.instance(), tuple(read.writes()), read.mode(), read.integer("timeout"))
        case "queue_write":
            return QueueWrite(
                read.instance(), tuple(read.writes()), read.mode(), read.integer("timeout"), read.queueing()
            )
        case "execute_now":
            return ExecuteNow(*read.execute(), read.integer("timeout"))
        case "queue_execute":
            return QueueExecute(*read.execute(), read.integer("timeout"), read.queueing())
        case "set_desired":
            items = tuple(Write(path, value) for path, value in sorted(read.mapping("items").items()))
            versions = read.mapping("versions")
            return SetDesired(items, tuple((path, _int(version)) for path, version in sorted(versions.items())))
        case "clear_desired":
            return ClearDesired(read.texts("identifiers"))
        case "cancel_queued":
            return CancelQueued(read.text("uuid"), read.texts("resources"))
    raise ValueError(f"unknown step kind {kind!r}")


def _int(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value


@dataclass(frozen=True, slots=True)
class _Request:
    """Typed reading of a request object."""

    body: JsonObject

    def integer(self, name: str) -> int:
        return _int(self.body[name])

    def text(self, name: str) -> str:
        value = self.body[name]
        if not isinstance(value, str):
            raise TypeError(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.body[name]
        if not isinstance(value, list):
            raise TypeError(name)
        return tuple(str(item) for item in value)

    def mapping(self, name: str) -> JsonObject:
        value = self.body[name]
        if not isinstance(value, dict):
            raise TypeError(name)
        return value

    def mode(self) -> WriteMode:
        return {1: WriteMode.REPLACE, 2: WriteMode.UPDATE}[self.integer("mode")]

    def instance(self) -> str:
        return f"/{self.integer('obj_id')}/{self.integer('obj_inst_id')}"

    def writes(self) -> Iterator[Write]:
        data = self.body["data"]
        if not isinstance(data, list):
            raise TypeError("data")
        for item in data:
            if not isinstance(item, dict):
                raise TypeError("data")
            code = item.get("type")
            value_type = _TYPE_NAMES[_int(code)] if code is not None else None
            yield Write(f"{self.instance()}/{_int(item['res_id'])}", item["val"], value_type)

    def execute(self) -> tuple[str, str | None, str, str]:
        args = self.body["args"]
        path = f"{self.instance()}/{self.integer('res_id')}"
        return path, args if args is None else self.text("args"), self.text("command"), self.text("run_key")

    def queueing(self) -> Queueing:
        mask = self.integer("trigger_msg")
        trigger = tuple(name for bit, name in enumerate(TRIGGERS) if mask >> bit & 1)
        return Queueing(self.integer("valid_after_s"), self.integer("expire_after_s"), self.integer("retry"), trigger)
