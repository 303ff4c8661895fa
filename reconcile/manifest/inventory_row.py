"""One row of an inventory, and the names that are not labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

IDENTITY_FIELDS = ("imei", "productKey", "productId", "deviceName", "iotId")
"""Members of a row or of a Device's spec that say what the cloud calls the device; everything else is a label."""

VOLATILE_FACTS = ("status", "lastContact")
"""Facts that change at every contact: kept with a listing, never labels, so that an equal fleet makes an equal plan."""


class Row(NamedTuple):
    """A device as an inventory gives it. `labels` is shared by rows with equal labels: never change it."""

    name: str
    platform: str
    fields: dict[str, str]
    labels: Mapping[str, str]
    line: int


def name_fault(name: str) -> str | None:
    """Why a text cannot name a device, or None.

    The slash is what joins platform and name in `platform/name`.
    """
    if not name:
        return "Found an empty name"
    if "/" in name or not name.isprintable() or name[0] == " " or name[-1] == " ":
        return f"Found {name!r}, expected printable text without '/' and without spaces around it"
    return None
