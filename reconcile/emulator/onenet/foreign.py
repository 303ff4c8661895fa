"""Objects outside OneNET's own catalogue: the platform takes their values as opaque, whatever the device means by them.

Source: OneNET NB-IoT book, FAQ protocol#9 and other#3 (opaque), FAQ protocol#10 (a resource is read as text, an
instance as TLV); device-develop/resource_list (the catalogue). OMA LwM2M 1.0, 6.4.3: TLV is big-endian.
"""

from __future__ import annotations

import struct

from reconcile.emulator.messages import Json

_KNOWN = (range(19), range(3200, 3351))
"""Where the objects of the catalogue lie; the few gaps between them are passed over."""


def is_foreign(path: str) -> bool:
    """Whether the object of a path is outside the catalogue."""
    object_id = int(path.split("/")[1])
    return not any(object_id in known for known in _KNOWN)


def as_bytes(value: Json, *, is_binary: bool) -> list[int]:
    """The bytes of a value: those of its text, or its binary form."""
    if isinstance(value, str):
        return list(value.encode("utf-8", "surrogatepass"))
    if not is_binary:
        return list(str(int(value) if isinstance(value, bool) else value).encode())
    return list(_binary(value))


def _binary(value: Json) -> bytes:
    match value:
        case bool():
            return bytes([value])
        case int():
            size = next((width for width in (1, 2, 4) if -(256**width) // 2 <= value < 256**width // 2), 8)
            return value.to_bytes(size, "big", signed=True)
        case _:
            return struct.pack(">d", value)
