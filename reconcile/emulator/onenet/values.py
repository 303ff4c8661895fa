"""One resource and its value: what fits it, how a read and a data point show it.

Opaque values are kept as lower-case hexadecimal text, times in seconds. Source: OneNET NB-IoT book, list/5, list/10
(types written), list/4 (read), list/21 (data points).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.foreign import as_bytes, is_foreign

_ALIASES = {"int": "integer", "long": "integer", "double": "float", "bool": "boolean", "text": "string"}
TYPES = frozenset({"integer", "float", "boolean", "string", "opaque", "time", "objlnk", ""})


@dataclass(slots=True)
class Resource:
    """One resource: its type ("" accepts any), its operations (subset of RWE) and its value (None: never set).

    The value of a resource with several instances (`is_multiple`) is an object by instance id.
    """

    type: str = ""
    operations: str = "RWE"
    value: Json = None
    is_multiple: bool = False

    def fits(self, item: Mapping[str, Json], switches: Mapping[str, str]) -> tuple[bool, Json]:
        """Whether a written `{val[, type]}` is of this resource's type, and the value to keep.

        Switches: `opaque_number`, `object_link`.
        """
        value, marker = item["val"], item.get("type")
        if self.type == "objlnk":
            return _link(value, marker, is_opaque=switches["object_link"] == "opaque")
        if marker == 1:
            accepts_numbers = switches["opaque_number"] == "accept"
            text = str(value) if accepts_numbers and isinstance(value, int) else value
            return self.type in ("opaque", "") and _is_hex(text), text.lower() if isinstance(text, str) else text
        if marker == 2:
            return self.type in ("time", "") and _is_number(value), value
        match self.type:
            case "integer":
                return isinstance(value, int) and not isinstance(value, bool), value
            case "float":
                return _is_number(value), value
            case "boolean":
                return isinstance(value, bool) or value in (0, 1), value
            case "string":
                return isinstance(value, str), value
            case "opaque" | "time":
                return False, value
            case _:
                return True, value

    def shown(self, path: str, *, bin2hex: bool, switches: Mapping[str, str]) -> dict[str, Json]:
        """`{"val": …}`, or `{"res_inst": […]}` of several instances (switch `multiple_read`)."""
        show = self._foreign if self._is_foreign(path, switches) else self._shown
        if not self.is_multiple or not isinstance(self.value, dict):
            return {"val": show(self.value, bin2hex=bin2hex, switches=switches)}
        each = {key: show(one, bin2hex=bin2hex, switches=switches) for key, one in self.value.items()}
        if switches["multiple_read"] == "val":
            return {"val": each}
        return {"res_inst": [{"res_inst_id": int(key), "val": one} for key, one in each.items()]}

    def as_point(self, path: str, switches: Mapping[str, str]) -> Json:
        """The value of a data point: text, except for the bytes of an opaque resource."""
        if self._is_foreign(path, switches) and not isinstance(self.value, dict):
            return self._foreign(self.value, bin2hex=False, switches=switches)
        match self.value:
            case bool():
                return "true" if self.value else "false"
            case str() if self.type == "opaque" and _is_hex(self.value):
                return list(bytes.fromhex(self.value))
            case int() | float() if self.type == "time":
                return str(int(self.value * 1000))
            case int() | float():
                return str(self.value)
            case _:
                return self.value

    def _is_foreign(self, path: str, switches: Mapping[str, str]) -> bool:
        return self.type != "opaque" and switches["custom_objects"] != "plain" and is_foreign(path)

    def _foreign(self, value: Json, *, bin2hex: bool, switches: Mapping[str, str]) -> Json:
        found = as_bytes(value, is_binary=switches["custom_objects"] == "binary")
        return bytes(found).hex() if bin2hex else found

    def _shown(self, value: Json, *, bin2hex: bool, switches: Mapping[str, str]) -> Json:
        if self.type == "opaque" and not bin2hex and _is_hex(value):
            return list(bytes.fromhex(value))
        if self.type == "objlnk" and switches["object_link"] == "opaque" and _is_link(value):
            links = b"".join(int(part).to_bytes(2, "big") for part in value.split(":"))
            return links.hex() if bin2hex else list(links)
        if self.type == "time" and switches["time_read"] == "ms" and _is_number(value):
            return int(value * 1000)
        return value


def resource_from(record: Mapping[str, Any]) -> Resource:
    """The resource of a population record. Raises ValueError for an unknown type or operation."""
    kind = str(record.get("type", "")).lower()
    kind = _ALIASES.get(kind, kind)
    operations = str(record.get("operations", "RW")).upper().replace("NONE", "")
    value, is_multiple = record.get("value"), bool(record.get("multiple", False))
    if kind not in TYPES:
        raise ValueError(f"unknown resource type {record['type']!r}")
    if not set(operations) <= set("RWE"):
        raise ValueError(f"operations are letters of RWE, not {operations!r}")
    if is_multiple and not (isinstance(value, dict) and all(str(key).isdecimal() for key in value)):
        raise ValueError(f"the value of a multiple resource is an object by instance id, not {value!r}")
    return Resource(kind, operations, value, is_multiple)


def tlv_bytes(item: Mapping[str, Json]) -> int:
    """About how much of a message one written `{res_id, val[, type]}` takes: LwM2M's TLV, a header of 2 to 6 bytes.

    Source: OMA LwM2M 1.0, 6.4.3: identifier of 1 or 2, length of 0 to 3 bytes.
    """
    match item["val"]:
        case bool():
            size = 1
        case int() as number:
            size = next((width for width in (1, 2, 4) if -(256**width) // 2 <= number < 256**width // 2), 8)
        case float():
            size = 8
        case str() as text:
            size = len(text) // 2 if item.get("type") == 1 else len(text.encode())
        case _:
            size = 0
    return 1 + (1 if item["res_id"] < 256 else 2) + (0 if size < 8 else 1 if size < 256 else 2) + size


def _link(value: Json, marker: Json, *, is_opaque: bool) -> tuple[bool, Json]:
    """Whether a written object link has the form of switch `object_link`, and the text to keep."""
    if not is_opaque:
        return marker is None and _is_link(value), value
    if marker != 1 or not _is_hex(value) or len(value) != 8:
        return False, value
    return True, f"{int(value[:4], 16)}:{int(value[4:], 16)}"


def _is_link(value: Json) -> bool:
    parts = value.split(":") if isinstance(value, str) else ()
    return len(parts) == 2 and all(one.isascii() and one.isdecimal() and int(one) < 1 << 16 for one in parts)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_hex(value: Json) -> bool:
    try:
        bytes.fromhex(value)
    except (TypeError, ValueError):
        return False
    return True
