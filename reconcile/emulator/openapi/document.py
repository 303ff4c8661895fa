"""The whole description."""

from __future__ import annotations

import functools

from reconcile.emulator.openapi import aliyun, control, onenet
from reconcile.emulator.openapi.schemas import Schema

_ABOUT = (
    "OneNET and Aliyun IoT Platform as `reconcile emulate` serves them. Made from the tables by which requests are "
    "checked and answered; it describes the emulator, not the clouds, whose pages leave much open."
)
_TAGS = ("OneNET classic", "OneNET studio", "OneNET current", "Aliyun", "Control")


@functools.cache
def document() -> Schema:
    """The description as JSON values. One object for all callers: nobody may change it."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "reconcile emulator", "version": "1", "description": _ABOUT},
        "tags": [{"name": name} for name in _TAGS],
        "paths": {**onenet.paths(), **aliyun.paths(), **control.paths()},
        "components": {
            "schemas": {**onenet.schemas(), **aliyun.schemas(), **control.schemas()},
            "securitySchemes": {**onenet.security(), **aliyun.security()},
        },
    }
