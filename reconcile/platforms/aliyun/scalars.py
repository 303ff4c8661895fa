"""Scalar values of properties: their canonical form, their limits, and what is said of one that does not fit.

Source: Aliyun, TSL parameters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from reconcile.model.values import Json
from reconcile.platforms.aliyun.model import DataType
from reconcile.ports import Problem

MOST_CHARACTERS: Final = 10_240
"""Of a text whose model names no length. Source: Aliyun, TSL parameters (2048 in older editions)."""

_MILLISECONDS: Final = re.compile(r"-?[0-9]{1,17}", re.ASCII)


class Misfit(Exception):
    """The value cannot be held; the text says what was found, what was expected, and what to do."""

    def __init__(self, detail: str, *, is_range: bool = False) -> None:
        super().__init__(detail)
        self.is_range = is_range

    def problem(self) -> Problem:
        """The same as a value."""
        if self.is_range:
            return Problem("RCL206", "value is out of the range of this resource", str(self))
        return Problem("RCL205", "value does not fit the type of this resource", str(self))


def check_range(data_type: DataType, number: Decimal, value: Json) -> None:
    """Within the bounds and on a step, in decimals. Raises: Misfit, naming `value` as it was written."""
    low, high, step = data_type.minimum, data_type.maximum, data_type.step
    fits = (low is None or number >= low) and (high is None or number <= high)
    if fits and (step is None or _is_on_step(number, low, step)):
        return
    bounds = " ".join([*([f"from {low}"] if low is not None else []), *([f"to {high}"] if high is not None else [])])
    steps = f" in steps of {step}" if step is not None and step > 0 else ""
    expected = f"{data_type.kind} {bounds}{steps} {data_type.unit}".rstrip()
    raise Misfit(f"Found {value}, expected {expected}. Write a value in that range.", is_range=True)


def _is_on_step(number: Decimal, low: Decimal | None, step: Decimal) -> bool:
    """True when the value is a multiple of the step, counted from zero or from the lower bound.

    Assumed: no page says where the counting starts, so both pass.
    """
    if step <= 0:
        return True
    try:
        return not number % step or (low is not None and not (number - low) % step)
    except InvalidOperation:  # more digits than a Decimal division carries: nothing to say
        return True


def read_integer(value: Json) -> int:
    """An integer; no truth value, no text. Raises: Misfit."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Misfit(f"Found {named(value)}, expected an integer. Write it without quotes and without a decimal point.")


def read_float(value: Json) -> float:
    """A finite number as a float. Raises: Misfit."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise Misfit(f"Found {named(value)}, expected a finite number. Write it without quotes.")


def read_bool(value: Json) -> int:
    """1 or 0, also written as true or false. Raises: Misfit."""
    if value in (0, 1) and isinstance(value, int):
        return int(value)
    raise Misfit(f"Found {named(value)}, expected true or false (or 1 or 0). Write one of them, without quotes.")


def read_string(value: Json) -> str:
    """A text. Raises: Misfit."""
    if isinstance(value, str):
        return value
    raise Misfit(f"Found {named(value)}, expected a text. Put it in quotes.")


def read_enum(data_type: DataType, value: Json) -> int:
    """The integer key of an entry. Raises: Misfit."""
    if isinstance(value, int) and not isinstance(value, bool) and (value in data_type.labels or not data_type.labels):
        return value
    keys = ", ".join(f"{key} ({label})" for key, label in sorted(data_type.labels.items())[:20])
    raise Misfit(f"Found {named(value)}, expected one of {keys}. Write the number of the entry.")


def read_text(data_type: DataType, value: Json) -> str:
    """A text that is not too long. Raises: Misfit."""
    text = read_string(value)
    # Assumed: characters. More of them than the limit are too long under both readings; see `text_length`.
    limit = MOST_CHARACTERS if data_type.length is None else data_type.length
    if len(text) > limit:
        detail = f"Found {len(text)} characters, expected at most {limit}. Shorten the text."
        raise Misfit(detail, is_range=True)
    return text


def read_date(value: Json) -> str:
    """UTC milliseconds, as a string. Raises: Misfit."""
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 10**17:
            raise Misfit(f"Found {named(value)}, expected UTC milliseconds. Write the time as RFC 3339.")
        return str(value)
    milliseconds = milliseconds_of(value) if isinstance(value, str) else None
    if milliseconds is None:
        expected = "a time such as 2026-11-22T08:00:00Z, or UTC milliseconds"
        raise Misfit(f"Found {named(value)}, expected {expected}. Give the time with its zone.")
    return milliseconds


def milliseconds_of(text: str) -> str | None:
    """UTC milliseconds, as a string, of RFC 3339 with a zone or of such a string; None for anything else."""
    if _MILLISECONDS.fullmatch(text):
        return str(int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    since_1970 = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return str((since_1970.days * 86_400 + since_1970.seconds) * 1000 + since_1970.microseconds // 1000)


_NAMES: Final[tuple[tuple[type, str], ...]] = ((bool, ""), (int, "the integer "), (float, "the number "))


def named(value: Json) -> str:
    """The value for a message: short, with its type where the text alone would not show it."""
    match value:
        case None:
            return "null"
        case str():
            return f"the text {value[:40]!r}"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "an object"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return next(name for kind, name in _NAMES if isinstance(value, kind)) + _digits(value)


def _digits(value: float) -> str:
    show: Callable[[float], str] = repr
    return show(value) if not isinstance(value, int) or abs(value) < 1 << 128 else "with too many digits"
