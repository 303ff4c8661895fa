"""The JSON bodies of writes and executes, to the byte: the packer counts these bytes and the client sends them.

Source: OneNET, write device resources and cached write (`data`, limited to 2k; assumed 2048 bytes of UTF-8) and
cached execute (`args`, limited to 2k).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from reconcile.model.actions import Write
from reconcile.model.values import is_secret
from reconcile.platforms.onenet.model import ids

LIMIT_BYTES = 2048
SECRET_BYTES = 256
"""What a secret is counted as at plan time, when its length is not known."""

_TYPE_CODES = {"opaque": 1, "time": 2}
_PLAIN_UP_TO = 1e21


def write_body(writes: Sequence[Write]) -> bytes:
    """`{"data":[...]}`. Raises: TypeError for a value that no resource can hold."""
    return b'{"data":' + data(writes) + b"}"


def data(writes: Sequence[Write]) -> bytes:
    """The `data` array whose size is limited."""
    return b"[" + b",".join(item(write) for write in writes) + b"]"


def item(write: Write) -> bytes:
    """One entry of `data`: `{"res_id":12,"type":1,"val":"121A"}`."""
    code = _TYPE_CODES.get(write.value_type or "")
    kind = "" if code is None else f'"type":{code},'
    return f'{{"res_id":{ids(write.path)[2]},{kind}"val":{_value(write)}}}'.encode()


def execute_body(args: str | None) -> bytes | None:
    """`{"args":"..."}`, or no body at all without args ("HTTP content is optional")."""
    return None if args is None else f'{{"args":{_text(args)}}}'.encode()


def size_bytes(writes: Sequence[Write]) -> int:
    """Bytes of the `data` array, with `SECRET_BYTES` for each secret."""
    return len(data(writes))


def _value(write: Write) -> str:
    value = write.value
    if is_secret(value):
        return _text("*" * SECRET_BYTES)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, str):
        return _text(value)
    raise TypeError(f"{write.path}: a resource cannot hold {type(value).__name__}")


def float_text(value: float) -> str:
    """A JSON number that is exactly this float and never reads as an integer: `10000000000000000.0`, `1.0e+300`."""
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    if 1 <= abs(value) < _PLAIN_UP_TO:
        return f"{value:.1f}"
    return text if "." in mantissa else f"{mantissa}.0e{exponent}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
