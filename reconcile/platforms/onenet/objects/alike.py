"""Whether two values of one kind mean the same, in whichever of OneNET's forms each comes.

Premise: one value is written and read as JSON, pushed as byte numbers, and listed among the data points as text; a time
is written in seconds and read in milliseconds. A byte list does not say whether it holds text or a binary number.
Rule: a value is the set of all that it can mean for its kind; two are the same when these sets meet.
Source: OneNET, values (write device resources; data points; FAQ 142, 149); OMA LwM2M, data types (TLV is big-endian).
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Iterator
from typing import TypeAlias

from reconcile.model.values import Json
from reconcile.platforms.onenet.objects.definition import Kind

_Meaning: TypeAlias = "bool | float | str | bytes | tuple[int, int]"

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_LINK = re.compile(r"([0-9]{1,5}):([0-9]{1,5})")
_FIRST_MILLISECONDS = 100_000_000_000
"""Below it (March 1973 in milliseconds) a time is in seconds; seconds reach it in the year 5138."""


def alike(kind: Kind, left: Json, right: Json) -> bool | None:
    """Whether two values are the same; None when one of them cannot be of that kind."""
    meant, seen = meanings(kind, left), meanings(kind, right)
    if not (meant and seen):
        return None
    return any(_equal(one, other) for one in meant for other in seen)


def meanings(kind: Kind, value: Json) -> list[_Meaning]:
    """All that a value can mean for its kind; empty when it can be nothing of it."""
    if isinstance(value, dict):
        # One resource instance, whatever its number: OneNET writes none by number, so that is what a write made.
        return meanings(kind, next(iter(value.values()))) if len(value) == 1 and "$secret" not in value else []
    return list(_MEANINGS[kind](value)) if kind in _MEANINGS else []


def _equal(left: _Meaning, right: _Meaning) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == right or _float32(left) == _float32(right)
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _float32(number: float) -> bytes:
    """As a 32-bit device keeps it; numbers beyond its range as they are."""
    try:
        return struct.pack("<f", number)
    except OverflowError:
        return struct.pack("<d", number)


def _bytes(value: Json) -> bytes | None:
    """A list of byte numbers, also when it comes as text: `[98,105]`."""
    if isinstance(value, str) and value.startswith("[") and len(value) < 10_000:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, list):
        return None
    numbers = [one for one in value if isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 255]
    return bytes(numbers) if len(numbers) == len(value) else None


def _text(value: Json) -> str | None:
    """Text, or bytes that are text."""
    if isinstance(value, str) and not value.startswith("["):
        return value
    raw = _bytes(value)
    try:
        return None if raw is None else raw.decode()
    except UnicodeDecodeError:
        return None


def _booleans(value: Json) -> Iterator[_Meaning]:
    if isinstance(value, bool):
        yield value
    elif isinstance(value, (int, float)):
        if value in (0, 1):
            yield bool(value)
    else:
        raw, text = _bytes(value), (_text(value) or "").lower()
        if raw in (b"\0", b"\1"):
            yield raw == b"\1"
        if text in ("true", "false", "0", "1"):
            yield text in ("true", "1")


def _integers(value: Json, *, is_signed: bool = True) -> Iterator[_Meaning]:
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield value
    elif isinstance(value, float):
        if value.is_integer():
            yield int(value)
    else:
        raw, text = _bytes(value), _text(value)
        if raw is not None and len(raw) in (1, 2, 4, 8):
            yield int.from_bytes(raw, "big", signed=is_signed)
        if text is not None and _INTEGER.fullmatch(text):
            yield int(text)
        elif text is not None and _FLOAT.fullmatch(text) and float(text).is_integer():
            yield int(float(text))


def _unsigned(value: Json) -> Iterator[_Meaning]:
    return _integers(value, is_signed=False)


def _floats(value: Json) -> Iterator[_Meaning]:
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        number = _finite(value)
    else:
        raw, text = _bytes(value), _text(value)
        if raw is not None and len(raw) in (4, 8):
            yield struct.unpack(">f" if len(raw) == 4 else ">d", raw)[0]
        number = _finite(text) if text is not None and _FLOAT.fullmatch(text) else None
    if number is not None:
        yield number


def _finite(value: float | str) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _strings(value: Json) -> Iterator[_Meaning]:
    # Text that looks like a list of numbers is text.
    text = value if isinstance(value, str) else _text(value)
    if text is not None:
        yield text


def _opaques(value: Json) -> Iterator[_Meaning]:
    raw = _bytes(value)
    if raw is not None:
        yield raw
    elif isinstance(value, str):
        if _HEX.fullmatch(value):
            yield bytes.fromhex(value)
        else:
            yield value.encode("utf-8", "surrogatepass")


def _times(value: Json) -> Iterator[_Meaning]:
    for number in _integers(value):
        assert isinstance(number, int)
        yield number // 1000 if number >= _FIRST_MILLISECONDS else number


def _links(value: Json) -> Iterator[_Meaning]:
    raw, match = _bytes(value), _LINK.fullmatch(_text(value) or "")
    if match is not None:
        yield int(match[1]), int(match[2])
    if raw is not None and len(raw) == 4:
        yield int.from_bytes(raw[:2], "big"), int.from_bytes(raw[2:], "big")


_MEANINGS = {
    Kind.BOOLEAN: _booleans,
    Kind.INTEGER: _integers,
    Kind.UNSIGNED: _unsigned,
    Kind.FLOAT: _floats,
    Kind.STRING: _strings,
    Kind.CORELNK: _strings,
    Kind.OPAQUE: _opaques,
    Kind.TIME: _times,
    Kind.OBJLNK: _links,
}
