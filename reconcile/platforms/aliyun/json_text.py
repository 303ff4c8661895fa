"""Strict JSON: no repeated key, no NaN, no infinity, no depth without end. And JSON as this cloud wants it written."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from enum import Enum
from typing import Final

from reconcile.model.values import Json

MAX_DEPTH: Final = 64

_encode_text = json.JSONEncoder(ensure_ascii=False).encode
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PECULIAR: Final = re.compile(r"[0-9]e[+-]?[0-9]|NaN|Infinity")
"""Floats that Python writes in another way than this cloud reads. In a text it means nothing: then the careful way is
taken for nothing."""


class Fault(Enum):
    """What makes a text unacceptable: its grammar, a key that stands twice, or its depth."""

    SYNTAX = "syntax"
    REPEATED = "repeated"
    DEPTH = "depth"


class BadJson(ValueError):
    """The text is not JSON that we accept; the message says why and holds none of the text but a key.

    `offset` is where, for faults of grammar.
    """

    def __init__(self, message: str, kind: Fault = Fault.SYNTAX, offset: int = 0) -> None:
        super().__init__(message)
        self.kind = kind
        self.offset = offset


def read(text: str | bytes) -> Json:
    """The value of a JSON text. Raises: BadJson."""
    try:
        source = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        value: Json = _DECODER.decode(source)
    except BadJson:
        raise
    except UnicodeDecodeError as exc:
        raise BadJson(f"not UTF-8 at byte {exc.start}", offset=exc.start) from exc
    except json.JSONDecodeError as exc:
        raise BadJson(f"not JSON at line {exc.lineno} column {exc.colno}: {exc.msg}", offset=exc.pos) from exc
    except RecursionError as exc:
        raise BadJson(f"nested deeper than {MAX_DEPTH} levels", Fault.DEPTH) from exc
    except ValueError as exc:
        raise BadJson("a number has too many digits") from exc
    if source.count("[") + source.count("{") > MAX_DEPTH:
        _check_depth(value)
    return value


def write(value: Json) -> str:
    """JSON in the order given, floats always with a decimal point and never with an exponent.

    Source: SetDeviceDesiredProperty: a float or double carries at least one decimal digit (`10.0`). Python alone would
    write 1e16 as `1e+16`.
    Raises: ValueError for NaN and infinities.
    """
    text = _ENCODER.encode(value)
    return text if _PECULIAR.search(text) is None else _write(value)


def _write(value: Json) -> str:
    """`write` for values in which some float may be peculiar."""
    match value:
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case int():
            return str(value)
        case float():
            return write_float(value)
        case str():
            return _encode_text(value)
        case list():
            return f"[{','.join([_write(item) for item in value])}]"
        case dict():
            return "{" + ",".join([f"{_encode_text(key)}:{_write(item)}" for key, item in value.items()]) + "}"


def write_float(value: float) -> str:
    """The shortest decimal text that reads back as the same float, e.g. `10000000000000000.0`, `0.0000001`."""
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
        return text if "." in text else text + ".0"
    if text in {"nan", "inf", "-inf"}:
        raise ValueError("JSON has no NaN and no infinity")
    return text


def _check_depth(value: Json) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            if isinstance(parent, (list, dict))
            for child in (parent if isinstance(parent, list) else parent.values())
        ]
        if not level:
            return
    raise BadJson(f"nested deeper than {MAX_DEPTH} levels", Fault.DEPTH)


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add() is None
        raise BadJson(f"the key {repeated[:60]!r} stands twice in one object", Fault.REPEATED)
    return found


def _refuse(constant: str) -> Json:
    raise BadJson(f"{constant} is not JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)
