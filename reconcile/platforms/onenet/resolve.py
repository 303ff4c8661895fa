"""Secrets put into writes, just before the body is built."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reconcile.model.actions import Write
from reconcile.model.errors import Refused
from reconcile.model.values import is_secret
from reconcile.platforms.onenet.wire import body
from reconcile.ports import Secrets

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*")


def resolved(writes: Sequence[Write], secrets: Secrets) -> tuple[tuple[Write, ...], tuple[str, ...]]:
    """The writes with real values, and the secret texts among them.

    Raises: Refused when a secret does not fit its resource or the request; ReconcileError when it is missing.
    """
    if not any(is_secret(write.value) for write in writes):
        return tuple(writes), ()
    found: list[str] = []
    done = tuple(_resolved(write, secrets, found) for write in writes)
    if body.size_bytes(done) > body.LIMIT_BYTES:
        raise Refused("with its secrets the write exceeds 2k; nothing was sent")
    return done, tuple(found)


def _resolved(write: Write, secrets: Secrets, found: list[str]) -> Write:
    if not isinstance(write.value, dict):
        return write
    text = secrets.resolve(write.value)
    found.append(text)
    if write.value_type != "opaque":
        return replace(write, value=text)
    if not _HEX.fullmatch(text):
        raise Refused(f"the secret of {write.path} is not hexadecimal text of whole bytes; nothing was sent")
    found.append(text.upper())
    return replace(write, value=text.upper())
