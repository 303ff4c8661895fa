"""Desired and reported properties as Studio and the current platform answer them.

Source: Studio book, application/QueryDeviceDesiredProperty (`data.params`, a version as number or text),
QueryDeviceProperty (`data.list`); on the current platform `data` itself is the object or the array.
"""

from __future__ import annotations

import json
from datetime import datetime

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.wire import answers, times


@dataclass(frozen=True, slots=True)
class Desired:
    """A desired value and its version, which starts at 1 and grows by one with each set."""

    value: Json
    version: int


@dataclass(frozen=True, slots=True)
class Reported:
    """The newest value that a device reported, and when."""

    value: Json
    at: datetime | None


def desired(data: Json) -> dict[str, Desired]:
    """Desired values by identifier; one never set, or deleted, is left out or empty. Raises: Unparsable."""
    body = answers.object_of(data, "data")
    params = answers.object_of(body.get("params", body), "data.params")
    found: dict[str, Desired] = {}
    for identifier, entry in params.items():
        told = answers.object_of(entry if entry is not None else {}, f"desired {identifier}")
        if told.get("value") is not None:
            found[identifier] = Desired(told["value"], answers.integer(told.get("version"), "version"))
    return found


def reported(data: Json) -> dict[str, Reported]:
    """Reported values by identifier; a property never reported is left out. Raises: Unparsable."""
    rows = data.get("list") if isinstance(data, dict) else data
    found: dict[str, Reported] = {}
    for row in answers.array_of(rows, "data.list"):
        body = answers.object_of(row, "list[]")
        if body.get("value") is not None and body.get("value") != "":
            at = times.from_milliseconds(body.get("time"))
            found[answers.text(body.get("identifier"), "identifier")] = Reported(_opened(body), at)
    return found


def thing_model(data: Json) -> JsonObject:
    """A product's thing model as it is stored in `models:`. Raises: Unparsable."""
    body = answers.object_of(data, "data")
    answers.array_of(body.get("properties"), "data.properties")
    return body


def _opened(row: JsonObject) -> Json:
    """The value itself: it is printed as JSON text, that of a string property as it is."""
    value = row["value"]
    if not isinstance(value, str) or row.get("data_type") == "string":
        return value
    try:
        spelled: Json = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return spelled
