"""Thing-model calls: properties set, read live and as last reported; desired values set, queried, deleted.

Source: OneNET Studio, api/application (SetDeviceProperty to DeleteDeviceDesiredProperty), api/common (QueryThingModel).
Failures are the names of api/code.md; a façade makes codes of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from reconcile.emulator.call import Call
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.inventory import asked, text, thing_of
from reconcile.emulator.onenet.reply import RefusedError, Reply, with_data
from reconcile.emulator.onenet.thing import Thing

PATIENCE_S = 10
NOT_ONLINE = "device not online:device not online"
TIMED_OUT = "device response timeout:device response timeout"
_ACCESS = {"r": "只读", "rw": "读写", "w": "只写"}


def set_now(call: Call) -> Reply:
    """Set properties of a device that must be online; the device's own answer is the data."""
    thing, wishes = thing_of(call), _object(call)
    _check(thing, wishes, "setPropertyFailed")
    _hearing(call, thing, "setPropertyFailed")
    thing.take(wishes, call.real_ms)
    if call.fault("device_answer_lost"):
        return Reply("setPropertyFailed", TIMED_OUT, landed=True)
    refused = [key for key in wishes if key in thing.habits.refuses]
    answer = {
        "id": str(call.world.log.next_seq),
        "code": 400 if refused else 200,
        "msg": "refused" if refused else "success",
    }
    return with_data(answer, landed=len(refused) < len(wishes))


def read_now(call: Call) -> Reply:
    """Values asked of the device itself."""
    thing, wanted = thing_of(call), _identifiers(call, is_required=True)
    unknown = [key for key in wanted if thing.model and key not in thing.model.properties]
    if unknown:
        raise RefusedError("getTmProperties", f"identifier not exist: {unknown[0]}")
    _hearing(call, thing, "getTmProperties")
    if call.fault("device_answer_lost"):
        raise RefusedError("getTmProperties", TIMED_OUT)
    return with_data({key: thing.values[key] for key in wanted if key in thing.values})


def latest(call: Call) -> list[dict[str, Json]]:
    """Every property with what was last reported and what is desired, values as JSON text."""
    thing = thing_of(call)
    known = thing.model.properties if thing.model else {}
    keys = dict.fromkeys([*known, *thing.reported, *thing.desired])
    return [_row(call, thing, key) for key in keys]


def set_desired(call: Call) -> Reply:
    """Set desired values, each one version more; nothing is set when one of them does not fit."""
    thing, wishes = thing_of(call), _object(call)
    _check(thing, wishes, "setDesiredPeropertyFailed")
    thing.set_desired(wishes, call.real_ms, is_in_reach=call.fault("device_silent") is None)
    return Reply(landed=True)


def desired(call: Call) -> dict[str, Json]:
    """Desired values and versions of the properties asked for, or of all; those never set are left out."""
    thing, wanted = thing_of(call), _identifiers(call, is_required=False)
    as_text = call.world.scene.switches["desired_version_type"] == "string"
    return {
        key: {"value": wish.value, "version": str(wish.version) if as_text else wish.version}
        for key, wish in thing.desired.items()
        if not wanted or key in wanted
    }


def delete_desired(call: Call) -> Reply:
    """Delete desired values, where a version is given only under that version (switch `conditional_delete`)."""
    thing, conditions = thing_of(call), _object(call)
    kept = set()
    for key, condition in conditions.items():
        version = condition.get("version") if isinstance(condition, dict) else condition
        if not isinstance(condition, dict) or not (version is None or _is_version(version)):
            raise RefusedError("invalidParameter", f"params.{key} is not an object with a version")
        if version is not None and key in thing.desired and thing.desired[key].version != int(version):
            kept.add(key)
    if kept and call.world.scene.switches["conditional_delete"] == "fails":
        raise RefusedError("deleteDesiredPeropertyFailed", f"version not match: {min(kept)}")
    gone = [key for key in conditions if key not in kept and thing.desired.pop(key, None) is not None]
    return Reply(landed=bool(gone))


def thing_model(call: Call) -> Reply:
    """The thing model of a product."""
    product = text(asked(call), "product_id")
    if product not in call.world.onenet_products:
        raise RefusedError("productNotFound", "product does not exist")
    model = call.world.onenet_products[product]
    if model is None:
        raise RefusedError("thingModelNotFound", "product thing model not found")
    document = model.document
    return with_data({name: document.get(name, []) for name in ("properties", "events", "services")})


def _row(call: Call, thing: Thing, key: str) -> dict[str, Json]:
    found = thing.model.properties.get(key) if thing.model else None
    row: dict[str, Json] = {
        "identifier": key,
        "name": found.name if found else key,
        "description": (found.entry.get("desc") or "") if found else "",
        "data_type": found.type["type"] if found else _guess(thing, key),
        "access_mode": _ACCESS.get(found.access, found.access) if found else _ACCESS["rw"],
    }
    if key in thing.reported:
        value, at_ms = thing.reported[key]
        row |= {"value": _text(value), "time": at_ms}
    if key in thing.desired:
        row["expect_value"] = _text(thing.desired[key].value)
    elif call.world.scene.switches["unset_expect"] == "empty":
        row["expect_value"] = ""
    return row


def _guess(thing: Thing, key: str) -> str:
    match thing.reported[key][0] if key in thing.reported else thing.desired[key].value:
        case bool():
            return "bool"
        case int():
            return "int64"
        case float():
            return "double"
        case dict():
            return "struct"
        case list():
            return "array"
        case _:
            return "string"


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hearing(call: Call, thing: Thing, failure: str) -> None:
    if not thing.session.is_online(call.real_ms):
        raise RefusedError(failure, NOT_ONLINE)
    if call.fault("device_silent") or not thing.hears(call.real_ms, PATIENCE_S):
        raise RefusedError(failure, TIMED_OUT)


def _check(thing: Thing, wishes: Mapping[str, Json], failure: str) -> None:
    if thing.model is None:
        return
    for key, value in wishes.items():
        problem = thing.model.problem(key, value)
        if problem:
            raise RefusedError(failure, problem)


def _object(call: Call) -> dict[str, Json]:
    found = asked(call).get("params")
    if found is None:
        raise RefusedError("parameterRequired", "params")
    if not isinstance(found, dict) or not found or any(value is None for value in found.values()):
        raise RefusedError("invalidParameter", "params is not an object of identifiers and values")
    return found


def _identifiers(call: Call, *, is_required: bool) -> list[str]:
    found = asked(call).get("params")
    if found is None and is_required:
        raise RefusedError("parameterRequired", "params")
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found) or (is_required and not found):
        raise RefusedError("invalidParameter", "params is not a list of identifiers")
    return found


def _is_version(value: Json) -> bool:
    text_or_number = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    return text_or_number.isascii() and text_or_number.isdecimal() and len(text_or_number) < 12
