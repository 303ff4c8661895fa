"""What a thing-model device and its properties are called. Pure.

Source: Studio book, create device and create property: names of letters, digits, `_` and `-`; system properties begin
with `$OneNET_`. Identifiers never begin with a slash, which is how they are told from LwM2M paths.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from reconcile.model.device import Identity
from reconcile.ports import Problem

PREFIX: Final = "thing:"
"""What model keys of thing-model products begin with; LwM2M devices have others."""

_FORMATS: Final = {
    "productId": (re.compile(r"[A-Za-z0-9_-]{1,64}"), "1 to 64 letters, digits, _ or -"),
    "deviceName": (re.compile(r"[A-Za-z0-9_@.:-]{1,64}"), "1 to 64 of letters, digits and _ - @ . :"),
}
_IDENTIFIER: Final = re.compile(r"\$?[A-Za-z0-9_-]{1,64}")


def read_identity(fields: Mapping[str, str], device_name: str) -> Identity | Problem:
    """`productId` and `deviceName`, which is the device's own name by default."""
    given = {"productId": fields["productId"], "deviceName": fields.get("deviceName") or device_name}
    if fields.get("imei"):
        return _unusable(
            "found both imei and productId. Give imei for a product of LwM2M objects (`resources:`), productId and "
            "deviceName for one with a thing model (`properties:`)."
        )
    for name, value in given.items():
        pattern, expected = _FORMATS[name]
        if not pattern.fullmatch(value):
            return _unusable(f"{name}: found {value[:80]!r}, expected {expected}. Copy it from the console.")
    return Identity.of(**given)


def _unusable(detail: str) -> Problem:
    return Problem("RCL201", "device has no usable identity", detail)


def is_thing(model_key: str) -> bool:
    """True for the model key of a thing-model product."""
    return model_key.startswith(PREFIX)


def is_identifier(path: str) -> bool:
    """True for a property's identifier, False for a path of LwM2M."""
    return not path.startswith("/")


def read_path(text: str) -> str | Problem:
    """An identifier."""
    if _IDENTIFIER.fullmatch(text):
        return text
    detail = (
        f"Found {text[:120]!r}, expected an identifier of letters, digits, _ or - (up to 64). Copy it from the "
        "product's thing model."
    )
    return Problem("RCL202", "path does not name a resource", detail)
