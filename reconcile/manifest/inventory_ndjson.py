"""NDJSON inventories: one object a line, the names of the CSV columns; labels in `labels`, or beside the others."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import NoReturn

from reconcile.manifest.inventory_row import IDENTITY_FIELDS, Row, name_fault
from reconcile.manifest.layer_codes import BAD_MEMBER, BAD_OBJECT, NO_NAME, Tally
from reconcile.model.diagnostic import Span
from reconcile.model.values import JsonObject

_NOT_LABELS = {"name", "platform", *IDENTITY_FIELDS}


class _TwiceError(ValueError):
    """A member name twice in one object."""


def ndjson_rows(file: str, text: str, tally: Tally) -> Iterator[Row]:
    """The rows of an NDJSON text. Numbers and booleans become the text that was written; null is absent."""
    shared: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
    for line, written in enumerate(io.StringIO(text, newline=""), 1):
        if not written.strip():
            continue
        span = Span(file, line, 1)
        members = _members(written, span, tally)
        if members is None:
            continue
        fault = name_fault(members.get("name", ""))
        if fault:
            tally.add(NO_NAME.at(span, f"{fault}. Give the device a name of its own"))
            continue
        labels = {name: value for name, value in members.items() if value and name not in _NOT_LABELS}
        fields = {name: members[name] for name in IDENTITY_FIELDS if members.get(name)}
        labels_once = shared.setdefault(tuple(labels.items()), labels)
        yield Row(members["name"], members.get("platform", ""), fields, labels_once, line)


def _members(written: str, span: Span, tally: Tally) -> dict[str, str] | None:
    """All members of a line as texts, those of `labels` among them; None when the line cannot be used."""
    body = _parsed(written, span, tally)
    if body is None:
        return None
    flat = {name: value for name, value in body.items() if name != "labels"}
    labels = body.get("labels") or {}
    if not isinstance(labels, dict):
        tally.add(BAD_MEMBER.at(span, 'Member \'labels\' is not an object. Write {"labels": {"site": "lab"}}'))
        return None
    clash = sorted(labels.keys() & (flat.keys() | _NOT_LABELS))
    if clash:
        tally.add(BAD_MEMBER.at(span, f"Label {clash[0]!r} is also a member of the line itself. Keep one of the two"))
        return None
    return _texts({**flat, **labels}, span, tally)


def _parsed(written: str, span: Span, tally: Tally) -> JsonObject | None:
    try:
        body = _DECODER.decode(written.rstrip())
    except _TwiceError as exc:
        tally.add(BAD_OBJECT.at(span, f"Member {exc.args[0]!r} stands twice. Keep one"))
    except (ValueError, RecursionError) as exc:
        tally.add(BAD_OBJECT.at(span, _no_json(written, exc)))
    else:
        if isinstance(body, dict):
            return body
        tally.add(BAD_OBJECT.at(span, 'Found JSON that is not an object, expected {"name": ..., "platform": ...}'))
    return None


def _no_json(written: str, exc: Exception) -> str:
    bare = written.strip()
    if bare in {"[", "]"} or bare.endswith("},"):
        return (
            "Found a piece of a JSON list, expected one JSON object on the line. Remove `[`, `]` and the commas between"
        )
    where = f" at column {exc.colno}" if isinstance(exc, json.JSONDecodeError) else ""
    return f"Found text that is not JSON{where}, expected one JSON object on the line"


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return members


# Numbers stay the digits that were written: an IMEI must not pass through a float. It is made once,
# not for each line.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant, object_pairs_hook=_once)


def _texts(members: JsonObject, span: Span, tally: Tally) -> dict[str, str] | None:
    texts: dict[str, str] = {}
    is_good = True
    for name, value in members.items():
        if isinstance(value, bool):
            texts[name] = "true" if value else "false"
        elif isinstance(value, str):
            texts[name] = value
        elif value is not None:
            is_good = False
            tally.add(BAD_MEMBER.at(span, f"Member {name!r} is a list or an object, expected text or a number"))
    return texts if is_good else None
