"""The population: one JSON object a line, from a file or a directory of `*.ndjson` files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class PopulationError(ValueError):
    """A line that describes no device; the text begins with file and line."""


def read(path: Path | str) -> list[Record]:
    """All records of a file, or of a directory's files by name. A `thingModel` path is resolved against its file.

    Raises: PopulationError with `file:line` for the first line that is wrong.
    """
    source = Path(path)
    if source.is_dir():
        return [record for file in sorted(source.glob("*.ndjson")) for record in read(file)]
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise PopulationError(f"{source}: cannot be read: {exc}") from exc
    return [_record(line, source, number) for number, line in enumerate(lines, 1) if line.strip()]


def is_thing(record: Record) -> bool:
    """Whether a OneNET record is a device of a OneJSON product: it has a thing model, or no IMEI."""
    return "thingModel" in record or ("productId" in record and "imei" not in record)


def identity(record: Record) -> str:
    """`imei`, `productKey/deviceName` or, of a OneJSON product, `productId/deviceName`.

    Raises ValueError or TypeError naming what is wrong.
    """
    if not isinstance(record, dict):
        raise TypeError("a device is a JSON object")
    match record.get("cloud"):
        case "onenet" if is_thing(record):
            return f"{_text(record, 'productId')}/{_text(record, 'deviceName')}"
        case "onenet":
            return _text(record, "imei")
        case "aliyun":
            return f"{_text(record, 'productKey')}/{_text(record, 'deviceName')}"
    raise ValueError(f"cloud is onenet or aliyun, not {record.get('cloud')!r}")


def _record(line: str, source: Path, number: int) -> Record:
    try:
        record: Record = json.loads(line)
        identity(record)
        for holder, key in _models(record):
            if isinstance(holder.get(key), str):
                holder[key] = _existing(source.parent / holder[key])
    except (ValueError, TypeError) as exc:
        raise PopulationError(f"{source}:{number}: {exc}") from exc
    return record


def _models(record: Record) -> list[tuple[dict[str, Any], str]]:
    """Where a record may name thing models: its own, and its product's draft and older releases."""
    product = record.get("product")
    if not isinstance(product, dict):
        return [(record, "thingModel")]
    releases = [entry for entry in product.get("releases", ()) if isinstance(entry, dict)]
    return [(record, "thingModel"), (product, "draft"), *((entry, "thingModel") for entry in releases)]


def _existing(path: Path) -> str:
    if not path.is_file():
        raise ValueError(f"thingModel {path} does not exist")
    return str(path.resolve())


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is required, and a string")
    return value
