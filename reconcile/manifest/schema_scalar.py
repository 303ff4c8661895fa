"""What a plain scalar means under YAML 1.2 core, where the schema leaves a choice.

Left out on purpose: a number with a leading zero (octal for YAML 1.1, decimal for 1.2) is an error;
`.nan` and `.inf` have no JSON form and no wire form; integers end at 64 bits as every device does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Set as AbstractSet

from reconcile.manifest import codes
from reconcile.manifest.suggest import quoted

_INTEGER = re.compile(r"[-+]?[0-9]+")
_RADIX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_LONGEST_NUMBER = 400


class UnclearScalar(Exception):
    """A plain scalar that cannot be given a meaning; `code` and `detail` as in a diagnostic."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def bind(text: str, types: AbstractSet[str]) -> bool | float | str | None:
    """The value of a plain scalar where the schema admits `types`; text where it means nothing that is admitted.

    Raises: UnclearScalar for a number that can be read in two ways, or that no device can hold.
    """
    if types == {"string"} and text:
        return text
    if text in _WORDS:
        word = _WORDS[text]
        # Nothing written is not a text: `name:` alone is a slip, `name: ""` is not.
        wanted = "null" if word is None else "boolean"
        return word if wanted in types or not text or "string" not in types else text
    if not types & {"integer", "number"}:
        return text
    return _number_or_text(text, types)


def _number_or_text(text: str, types: AbstractSet[str]) -> float | str:
    if _LEADING_ZERO.fullmatch(text):
        raise UnclearScalar(codes.UNCLEAR_NUMBER, _octal(text))
    if _NOT_FINITE.fullmatch(text):
        detail = f'found {text}, which no device can be sent. Write a number, or "{text}" in quotes for the text.'
        raise UnclearScalar(codes.NOT_ALLOWED, detail)
    if _INTEGER.fullmatch(text) or _RADIX.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text) and ("number" in types or "string" not in types):
        return _float(text)
    return text


def _octal(text: str) -> str:
    sign, digits = (text[0], text[1:20]) if text[0] in "+-" else ("", text[:20])
    decimal = digits.lstrip("0") or "0"
    is_octal = all(digit in "01234567" for digit in digits)
    meant = f"{sign}{int(digits, 8)} (octal)" if is_octal else "text"
    ways = f"{decimal} or 0o{decimal}" if is_octal and not sign else f"{sign}{decimal}"
    shown = sign + digits
    return (
        f"found {shown}: it is {meant} to YAML 1.1 and {sign}{decimal} to YAML 1.2. "
        f'Write {ways} for the number, or "{shown}" in quotes for the text.'
    )


def _integer(text: str) -> int:
    if len(text) <= _LONGEST_NUMBER:
        number = int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
        if -(2**63) <= number < 2**64:
            return number
    raise UnclearScalar(codes.NOT_ALLOWED, f"found {quoted(text)}, which does not fit 64 bits. Quote it if it is text.")


def _float(text: str) -> float:
    number = float(text) if len(text) <= _LONGEST_NUMBER else math.inf
    if math.isfinite(number):
        return number
    raise UnclearScalar(codes.NOT_ALLOWED, f"found {quoted(text)}, which is too large for a number.")
