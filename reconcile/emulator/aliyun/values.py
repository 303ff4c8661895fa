"""Property values: parsed as written, checked against the model, shown as text.

Source: Aliyun SetDeviceDesiredProperty, Items (data type, range, at least one decimal digit for float and double).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation, localcontext
from typing import Self

from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.aliyun.model import DataType
from reconcile.emulator.call import finite, strict_json
from reconcile.emulator.messages import Json


class WrittenFloat(float):
    """A JSON number with a fraction or an exponent, and how it was written."""

    written: str

    def __new__(cls, text: str) -> Self:
        """Parse, and keep the text."""
        parsed = super().__new__(cls, finite(text))
        parsed.written = text
        return parsed


def parse_object(name: str, text: str) -> dict[str, Json]:
    """The JSON object in a parameter; a repeated identifier or anything but an object is refused."""
    try:
        parsed = strict_json(text, WrittenFloat, _unique)
    except ValueError:
        raise BusinessError("iot.system.IllegalRequest", f"{name} is not JSON") from None
    if not isinstance(parsed, dict):
        raise BusinessError("iot.system.IllegalRequest", f"{name} is not a JSON object")
    return parsed


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BusinessError("emulator.desired.RepeatedIdentifier")
    return found


def problem(kind: DataType, value: Json, switches: Mapping[str, str]) -> str:
    """Why a value does not fit its type; empty when it does."""
    match kind.kind:
        case "int" | "long":
            return _out_of_range(kind, value, switches) if _is_int(value) else "not a whole number"
        case "float" | "double":
            if not isinstance(value, float):
                return "a float needs a decimal point"
            written = getattr(value, "written", repr(value))
            if "." not in written and switches["exponent_without_point"] == "refuse":
                return "a float needs a decimal point"
            return _out_of_range(kind, value, switches)
        case "bool" | "enum":
            return "" if _is_int(value) and value in kind.labels else "not one of the model's values"
        case "text":
            limit = kind.limits.get("length", "")
            return (
                ""
                if isinstance(value, str) and (not limit or len(value) <= int(limit))
                else "not a text of that length"
            )
        case "date":
            return "" if isinstance(value, str) and value.isdecimal() else "not a string of milliseconds"
        case "array":
            return _array_problem(kind, value, switches)
        case "struct":
            return _struct_problem(kind, value, switches)
    return ""


def _array_problem(kind: DataType, value: Json, switches: Mapping[str, str]) -> str:
    size = kind.limits.get("size", "")
    if not isinstance(value, list) or (size and len(value) > int(size)):
        return "not an array of that size"
    found = (problem(kind.item, element, switches) for element in value) if kind.item else iter(())
    return next((text for text in found if text), "")


def _struct_problem(kind: DataType, value: Json, switches: Mapping[str, str]) -> str:
    members = {member.identifier: member.type for member in kind.members}
    if not isinstance(value, dict) or not set(value) <= set(members):
        return "not a struct of those members"
    found = (problem(members[identifier], element, switches) for identifier, element in value.items())
    return next((text for text in found if text), "")


def _is_int(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _out_of_range(kind: DataType, value: Json, switches: Mapping[str, str]) -> str:
    number = Decimal(getattr(value, "written", None) or str(value))
    lowest, highest, step = _bound(kind, "min"), _bound(kind, "max"), _bound(kind, "step")
    if (lowest is not None and number < lowest) or (highest is not None and number > highest):
        return "out of range"
    if switches["step_checked"] != "yes" or not step or lowest is None:
        return ""
    # Wide ranges with tiny steps (1e308 by 0.01) need more digits than a decimal has by default.
    with localcontext(prec=700):
        return "not a whole number of steps" if (number - lowest) % step else ""


def _bound(kind: DataType, name: str) -> Decimal | None:
    """A limit as a number. Java's smallest double stands for "no limit" in published models."""
    try:
        bound = Decimal(kind.limits.get(name, ""))
    except InvalidOperation:
        return None
    return None if bound and abs(bound) < Decimal("1e-300") else bound


def shown(value: Json, float_text: str) -> str:
    """A value as answers carry it: always text; JSON text for arrays and structs (assumed)."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if float_text == "trimmed" and value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case float():
            return str(getattr(value, "written", None) or repr(value))
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(value)
