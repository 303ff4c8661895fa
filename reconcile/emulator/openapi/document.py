"""The whole description."""

from __future__ import annotations

import functools

from reconcile.emulator.openapi import aliyun, control
from reconcile.emulator.openapi.schemas import Schema

_ABOUT = (
    "OneNET and Aliyun IoT Platform as `reconcile emulate` serves them. Made from the tables by which requests are "
    "checked and answered; it describes the emulator, not the clouds, whose pages leave much open."
)


@functools.cache
def document() -> Schema:
    """The description as JSON values. One object for all callers: nobody may change it."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "reconcile emulator", "version": "1", "description": _ABOUT},
        "tags": [{"name": "Aliyun"}, {"name": "Control"}],
        "paths": {**aliyun.paths(), **control.paths()},
        "components": {
            "schemas": {**aliyun.schemas(), **control.schemas()},
            "securitySchemes": aliyun.security(),
        },
    }
