"""Advice on the size of what goes over the radio: beyond 480 bytes a message is sent in blocks. Pure.

Premise: OneNET sends one CoAP message below 512 bytes with at most 480 of payload, and splits what is larger into
blocks; modules with small buffers (the vendor's own device SDK: 128 bytes, 512 with DTLS) may not put them together.
Source: OneNET M5310 access template, FAQ#53; NB-IoT device SDK, include/config.h. Assumed: writes of an instance travel
as TLV (OMA LwM2M 1.0, 6.4.3), integers as short as they fit, floats in 8 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconcile.model.actions import Write
from reconcile.model.desired import Command
from reconcile.model.values import is_secret
from reconcile.platforms.onenet.model import ids
from reconcile.platforms.onenet.wire.body import SECRET_BYTES
from reconcile.ports import Problem

ADVISED_BYTES = 480
_SUMMARY = "message is larger than one CoAP payload"


def advice(
    batches: Iterable[tuple[str, Sequence[Write]]], commands: Iterable[Command]
) -> Iterator[tuple[str, Problem]]:
    """A warning for each request, by its first path, and each command whose payload does not fit one message.

    `batches` are object instances with the writes of one request.
    """
    for instance, writes in batches:
        size_bytes = sum(map(tlv_bytes, writes))
        if size_bytes > ADVISED_BYTES:
            what = writes[0].path if len(writes) == 1 else f"{len(writes)} resources of {instance} in one write"
            yield writes[0].path, _problem(f"{what}: about {size_bytes} bytes", "Shorten the value")
    for command in commands:
        size_bytes = len((command.args or "").encode())
        if size_bytes > ADVISED_BYTES:
            yield command.name, _problem(f"args of {command.name}: {size_bytes} bytes", "Shorten them")


def tlv_bytes(write: Write) -> int:
    """Bytes of one resource in TLV: type, identifier, length where it is 8 or more, value."""
    size_bytes = _value_bytes(write)
    length_bytes = 0 if size_bytes < 8 else 1 if size_bytes < 256 else 2
    return 1 + (1 if ids(write.path)[2] < 256 else 2) + length_bytes + size_bytes


def _value_bytes(write: Write) -> int:
    value = write.value
    if is_secret(value):
        return SECRET_BYTES
    if isinstance(value, bool):
        return 1
    if isinstance(value, int):
        return next(size for size in (1, 2, 4, 8) if size == 8 or -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1)
    if isinstance(value, str):
        return len(value) // 2 if write.value_type == "opaque" else len(value.encode("utf-8", "surrogatepass"))
    return 8


def _problem(found: str, advised: str) -> Problem:
    detail = (
        f"{found}; OneNET advises {ADVISED_BYTES} bytes and sends more in blocks, which modules with small buffers may "
        f"not take. {advised}, or try it on one device first."
    )
    return Problem("RCL220", _SUMMARY, detail, is_warning=True)
