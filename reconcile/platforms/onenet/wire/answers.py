"""What the clouds answer, read strictly: anything that is not the documented shape is `Unparsable`, never a guess.

Here: the envelope, the answers to commands, and what all readers share.
Source: OneNET NB-IoT book list/4, list/7, list/9, list/31; Studio book api/introduce; the envelope of commands on the
current platform is assumed to be either (emulator switch g3_envelope).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject

SUCCESS = "0"


class Unparsable(ValueError):
    """An answer of HTTP 200 that is not what the page promises. The text names the place, never the content."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`errno`/`error`, `code`/`msg` or `success`, as `code` and `text`, and the data."""

    code: str
    text: str
    data: Json = None

    @property
    def is_success(self) -> bool:
        """True for errno 0, code 0 and success true."""
        return self.code == SUCCESS


def envelope(content: bytes) -> Envelope:
    """The envelope of an answer. Raises: Unparsable."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise Unparsable("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise Unparsable("the answer is not an object")
    if answer.get("success") is True:
        return Envelope(SUCCESS, "", answer.get("data"))
    for code_name, text_name in (("errno", "error"), ("code", "msg")):
        code = answer.get(code_name)
        if isinstance(code, (int, str)) and not isinstance(code, bool):
            if answer.get("success") is False and str(code) == SUCCESS:
                raise Unparsable("the answer calls itself a failure and a success")
            return Envelope(str(code), str(answer.get(text_name) or ""), answer.get("data"))
    raise Unparsable("the answer has neither errno nor code")


def uuid_of(data: Json) -> str:
    """The uuid of a command just queued. Raises: Unparsable."""
    uuid = object_of(data, "data").get("uuid")
    if not isinstance(uuid, str) or not uuid:
        raise Unparsable("data.uuid is missing")
    return uuid


def read_values(path: str, data: Json) -> dict[str, Json]:
    """Values by path, of an object, an object instance or a resource that was read. Raises: Unparsable.

    A multiple-instance resource comes as `res_inst`; it is returned as an object by instance id. What lies outside of
    `path` is passed over.
    """
    obj = path.split("/")[1]
    found: dict[str, Json] = {}
    for entry in array_of(data, "data of a read"):
        body = object_of(entry, "data[]")
        instance = f"/{obj}/{integer(body.get('obj_inst_id'), 'obj_inst_id')}"
        for res_id, value in _resources(body.get("res")):
            found[f"{instance}/{res_id}"] = value
    return {one: value for one, value in found.items() if (one + "/").startswith(path.rstrip("/") + "/")}


def discovered(path: str, data: Json) -> tuple[str, ...]:
    """The resources that a device says it has, in order; an empty array means none (list/31). Raises: Unparsable."""
    obj = path.split("/")[1]
    found: list[tuple[int, int]] = []
    for entry in array_of(data, "data of a discover"):
        body = object_of(entry, "data[]")
        if not body:
            continue
        instance = integer(body.get("obj_inst_id"), "obj_inst_id")
        found += [(instance, integer(res_id, "res_id")) for res_id in array_of(body.get("res_id"), "res_id")]
    return tuple(f"/{obj}/{instance}/{res_id}" for instance, res_id in sorted(set(found)))


def resource_list(data: Json) -> tuple[str, ...]:
    """The resources that the platform has noted of a device, in order; `item` is singular (list/7).

    Raises: Unparsable.
    """
    found: list[tuple[int, int, int]] = []
    for item in array_of(object_of(data, "data").get("item"), "data.item"):
        body = object_of(item, "item[]")
        obj_id = integer(body.get("obj_id"), "obj_id")
        for each in array_of(body.get("instances"), "instances"):
            instance = object_of(each, "instances[]")
            inst_id = integer(instance.get("inst_id"), "inst_id")
            listed = array_of(instance.get("resources") or [], "resources")
            found += [(obj_id, inst_id, integer(res_id, "resources[]")) for res_id in listed]
    return tuple("/{}/{}/{}".format(*ids) for ids in sorted(set(found)))


def _resources(entries: Json) -> Sequence[tuple[int, Json]]:
    return [_resource(object_of(entry, "res[]")) for entry in array_of(entries, "res of a read")]


def _resource(body: JsonObject) -> tuple[int, Json]:
    res_id = integer(body.get("res_id"), "res_id")
    if "val" in body:
        return res_id, body["val"]
    instances = body.get("res_inst")
    if not isinstance(instances, list):
        raise Unparsable("a resource has neither val nor res_inst")
    each = [object_of(entry, "res_inst[]") for entry in instances]
    return res_id, {str(integer(one.get("res_inst_id"), "res_inst_id")): one.get("val") for one in each}


def object_of(value: Json, place: str) -> JsonObject:
    """The value, which must be an object. Raises: Unparsable."""
    if not isinstance(value, dict):
        raise Unparsable(f"{place} is not an object")
    return value


def array_of(value: Json, place: str) -> list[Json]:
    """The value, which must be an array. Raises: Unparsable."""
    if not isinstance(value, list):
        raise Unparsable(f"{place} is not an array")
    return value


def integer(value: Json, place: str) -> int:
    """A number, or a text of one (`"3"` beside 3 in the vendor's samples). Raises: Unparsable."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise Unparsable(f"{place} is not a number")
    try:
        return int(value)
    except ValueError:
        raise Unparsable(f"{place} is not a number") from None


def text(value: Json, place: str) -> str:
    """A text, or a number as text: ids are printed both ways. Raises: Unparsable for anything else, and for none."""
    if isinstance(value, bool) or not isinstance(value, (int, str)) or value == "":
        raise Unparsable(f"{place} is missing")
    return str(value)


def optional_text(value: Json) -> str | None:
    """A text, or None for nothing usable."""
    return value if isinstance(value, str) and value else None
