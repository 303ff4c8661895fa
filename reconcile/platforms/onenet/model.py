"""What OneNET calls things: identities and resource paths.

Source: OneNET NB-IoT book, shared parameters: imei (15 digits, 4 for test devices), obj_id, obj_inst_id, res_id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from reconcile.model.device import Identity
from reconcile.ports import Problem

_IMEI = re.compile(r"[0-9]{15}|[0-9]{4}", re.ASCII)
_NUMBERS = re.compile(r"/?([0-9]{1,5})/([0-9]{1,5})/([0-9]{1,5})")
_HIGHEST_ID = 65_535
_SHOWN = 60
_PATHS_KEPT = 4096
"""A fleet names few paths, and asks about them for every device."""


class Api(StrEnum):
    """The three generations of one command suite: the same engine behind three hosts, paths and token versions."""

    CLASSIC = "classic"
    STUDIO = "studio"
    CURRENT = "current"


def read_identity(fields: Mapping[str, str], device_name: str) -> Identity | Problem:
    """The IMEI of a device. Never taken from its name: names are ours, an IMEI is printed on a module."""
    imei = fields.get("imei")
    if imei is None:
        return Problem(
            "RCL201",
            "device has no usable identity",
            f"Device {shown(device_name)} gives no `imei`. Write the 15 digits of its module's IMEI.",
        )
    if not _IMEI.fullmatch(imei):
        return Problem(
            "RCL201",
            "device has no usable identity",
            f"imei {shown(imei)} is not an IMEI. Expected 15 digits (4 digits for OneNET's test devices).",
        )
    return Identity.of(imei=imei)


@lru_cache(maxsize=_PATHS_KEPT)
def read_path(text: str) -> str | Problem:
    """`/obj/inst/res` without leading zeros, from text with or without the first slash."""
    match = _NUMBERS.fullmatch(text)
    if match is None:
        return Problem(
            "RCL202",
            "path does not name a resource",
            f"Found {shown(text)}, expected three numbers such as /3303/0/5603 (object, instance, resource), or names "
            "such as Temperature/0/Min Range Value.",
        )
    numbers = [int(part) for part in match.groups()]
    if max(numbers) > _HIGHEST_ID:
        return Problem(
            "RCL202",
            "path does not name a resource",
            f"Found {shown(text)}, expected numbers from 0 to {_HIGHEST_ID}: LwM2M ids have 16 bits.",
        )
    return "/" + "/".join(map(str, numbers))


def instance_of(path: str) -> str:
    """`/obj/inst` of a canonical path."""
    return path.rpartition("/")[0]


@lru_cache(maxsize=_PATHS_KEPT)
def ids(path: str) -> tuple[int, ...]:
    """The numbers of a canonical path: obj_id, obj_inst_id and, for a resource, res_id."""
    return tuple(int(part) for part in path.strip("/").split("/"))


def shown(text: str) -> str:
    """Foreign text in quotes, printable and short."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
