"""The texts that definitions write into `RangeEnumeration`, read where they are unambiguous.

Premise: the field is free text; `0..100`, `0-255 bytes`, `1,2,3`, `10min-992 days` and whole sentences are all met.
Rule: what has one meaning only becomes limits; anything else becomes none, so that no value is refused over a guess.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from reconcile.platforms.onenet.objects.definition import Kind, Limits

_NUMBER = r"[+-]?[0-9]{1,25}(?:\.[0-9]{1,25})?"
_SPAN = re.compile(rf"({_NUMBER})\s*(?:\.\.\.?|…|-|–|~|to)\s*({_NUMBER})\s*([A-Za-z%]*)")
_COLON = re.compile(rf"\[\s*({_NUMBER})\s*:\s*({_NUMBER})\s*\]()")
_LIST = re.compile(rf"{_NUMBER}(?:\s*,\s*{_NUMBER})+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_LENGTHS = frozenset({"byte", "bytes", "octet", "octets"})
_NUMERIC = frozenset({Kind.INTEGER, Kind.UNSIGNED, Kind.FLOAT})
_SIZED = frozenset({Kind.STRING, Kind.OPAQUE, Kind.CORELNK})
_LONGEST = 200


@lru_cache(maxsize=1024)
def read_range(text: str, kind: Kind) -> Limits | None:
    """The limits a range text sets on values of that kind; None where it sets none or can be read in two ways.

    For text and opaque values `0-255` counts bytes, with or without the word.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST or kind not in _NUMERIC | _SIZED:
        return None
    span = _SPAN.fullmatch(text) or _COLON.fullmatch(text)
    if span is not None:
        return _span(_number(span[1]), _number(span[2]), span[3].lower(), kind)
    if kind in _NUMERIC and _LIST.fullmatch(text) and not _GROUPED.fullmatch(text):
        choices = tuple(_number(part.strip()) for part in text.split(","))
        is_ascending = all(low < high for low, high in pairwise(choices))
        return Limits(choices=choices) if is_ascending else None
    return None


def _span(lowest: float, highest: float, unit: str, kind: Kind) -> Limits | None:
    is_length = kind in _SIZED
    expected = _LENGTHS | {""} if is_length else {"", "%"}
    if unit not in expected or lowest > highest or (is_length and lowest < 0):
        return None
    return Limits(lowest, highest, is_length=is_length)


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)
