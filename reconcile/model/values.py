"""JSON values with one canonical encoding and one type-strict equality.

Premise: a wrong write can strand a device, so `true` must never pass for `1`, nor "no such key" for `null`.
Rule: values are compared and digested by their canonical bytes; sorted keys, shortest separators, UTF-8.
`21` and `21.0` differ here on purpose: whether they mean the same is for the device model to say (Dialect.same).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]


class Missing(Enum):
    """Why a value is not there: nobody set it, or nobody could look."""

    ABSENT = "absent"
    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return self.name


ABSENT: Final = Missing.ABSENT
UNKNOWN: Final = Missing.UNKNOWN

Known: TypeAlias = "Json | Missing"

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Json) -> bytes:
    """The one encoding of a value: sorted keys, no spaces, UTF-8.

    Raises: ValueError for NaN and infinities, which JSON cannot carry.
    """
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")


def same(left: Known, right: Known) -> bool:
    """Type-strict equality: `True` is not `1`, `1` is not `1.0`, ABSENT is not `None`, UNKNOWN equals nothing."""
    if isinstance(left, Missing) or isinstance(right, Missing):
        return left is right and left is ABSENT
    return canonical(left) == canonical(right)


def short_digest(data: bytes) -> str:
    """32 hex digits of BLAKE2b-128: names a document inside one state; not an approval."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def sha256(data: bytes) -> str:
    """`sha256:` and 64 hex digits: what people approve and what preconditions name."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def is_secret(value: Known) -> bool:
    """True for the marker that stands where a secret will be put when the request is built."""
    return isinstance(value, dict) and value.keys() >= {"$secret"}


def secret(source: str, name: str, fingerprint: str | None = None) -> JsonObject:
    """The marker of a secret: where it comes from and, once sealed, a keyed digest of its value."""
    inner: JsonObject = {source: name}
    if fingerprint is not None:
        inner["digest"] = fingerprint
    return {"$secret": inner}


def frozen_items(mapping: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """A mapping as sorted pairs, hashable and in one order."""
    return tuple(sorted(mapping.items()))
