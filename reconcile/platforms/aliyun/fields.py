"""Single fields of an answer: texts, integers, truth values and times, whether the answer came as JSON or as XML.

XML has texts only, so every reader takes the text of a value as well as the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from reconcile.model.values import Json, JsonObject

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECRETS: Final = frozenset(("DeviceSecret", "ProductSecret", "deviceSecret", "productSecret"))


def text(fields: Mapping[str, Json], name: str) -> str:
    """A text; empty when there is none, or something else stands there."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def integer(value: Json) -> int | None:
    """A whole number, also as text of up to 20 digits."""
    if isinstance(value, str) and len(value) <= 20 and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_true(value: Json) -> bool:
    """True for `true`, also as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_truth(value: Json) -> bool:
    """True for `true` and `false`, also as texts; nothing else is an answer."""
    return isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false"))


def moment(value: Json) -> datetime | None:
    """Milliseconds since 1970 (aware UTC); None for zero and for nonsense."""
    milliseconds = integer(value)
    if not milliseconds:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def written_time(value: Json) -> datetime | None:
    """A time that names its zone: `2019-02-28T06:50:33.000Z`, or `Thu, 28-Feb-2019 06:50:33 GMT`; else None.

    A time without a zone could mean Beijing or Greenwich, so nothing is made of it.
    """
    if not isinstance(value, str) or len(value) > 40:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(value)
        except (ValueError, TypeError, IndexError, OverflowError):  # what they raise for nonsense
            continue
        try:
            return None if found.tzinfo is None else found.astimezone(UTC)
        except OverflowError:
            return None
    return None


def without_secrets(document: JsonObject) -> JsonObject:
    """The document without any member that holds a device's or a product's secret, at any depth."""
    return {name: _scrubbed(value) for name, value in document.items() if name not in _SECRETS}


def _scrubbed(value: Json) -> Json:
    if isinstance(value, dict):
        return without_secrets(value)
    return [_scrubbed(entry) for entry in value] if isinstance(value, list) else value
