"""What a device and a property are called: formats of ProductKey, DeviceName, IotId, identifiers and modules.

Source: SetDeviceDesiredProperty (the three names of a device), Data structure of ThingModelJson (identifiers).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from reconcile.model.device import Identity
from reconcile.ports import Problem

_FORMATS: Final = {
    "productKey": (re.compile(r"[A-Za-z0-9_-]{1,64}"), "1 to 64 letters, digits, _ or -"),
    "deviceName": (re.compile(r"[A-Za-z0-9_@.:-]{1,64}"), "1 to 64 of letters, digits and _ - @ . :"),
    "iotId": (re.compile(r"[A-Za-z0-9_-]{1,64}"), "1 to 64 letters and digits"),
}
_MODULE: Final = re.compile(r"[_a-zA-Z0-9]{1,30}")
_IDENTIFIER: Final = re.compile(r"[_a-zA-Z0-9]{1,50}")


def read_identity(fields: Mapping[str, str], device_name: str) -> Identity | Problem:
    """`productKey` and `deviceName` (the device's own name by default), or `iotId`, or all three as they were given."""
    given = {name: fields[name] for name in _FORMATS if fields.get(name)}
    if not given.keys() & {"productKey", "iotId"}:
        detail = "Found neither productKey nor iotId. Give productKey (and deviceName), or iotId."
        return Problem("RCL201", "device has no usable identity", detail)
    if "iotId" not in given:
        given.setdefault("deviceName", device_name)
    for name, value in given.items():
        pattern, expected = _FORMATS[name]
        if not pattern.fullmatch(value):
            detail = f"{name}: found {value[:80]!r}, expected {expected}. Copy it from the console's device page."
            return Problem("RCL201", "device has no usable identity", detail)
    return Identity.of(**given)


def read_path(text: str) -> str | Problem:
    """`identifier` of the default module, or `module:identifier`."""
    module, colon, identifier = text.rpartition(":")
    if _IDENTIFIER.fullmatch(identifier) and (_MODULE.fullmatch(module) if colon else True):
        return text
    detail = (
        f"Found {text[:120]!r}, expected identifier or module:identifier, made of letters, digits and _ (an identifier "
        "has up to 50, a module up to 30). Copy it from the product's function definition."
    )
    return Problem("RCL202", "path does not name a resource", detail)
