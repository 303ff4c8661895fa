"""The lines of an export as objects, and what to say of one that is not taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from reconcile.model.errors import StateError
from reconcile.model.values import Json, JsonObject

_LINE_BYTES: Final = 16 * 1024 * 1024


def read_lines(lines: Iterable[bytes]) -> Iterator[JsonObject]:
    """The records of a file, one a line. Raises: StateError with the number of the line."""
    for number, line in enumerate(lines, start=1):
        try:
            body = _object(line)
        except (ValueError, TypeError, RecursionError) as exc:
            raise refusal(number, f"it is not a record ({short(exc)})") from exc
        yield body


def refusal(line: int, why: str) -> StateError:
    """What to say of an export that is not taken."""
    return StateError(
        f"the export cannot be imported: line {line}: {why}. Nothing was changed. Use a whole, unchanged file as "
        "`reconcile state export` printed it.",
        code="RCL503",
    )


def named(found: object) -> str:
    """What was found, short enough for a message."""
    return repr(found)[:60]


def short(exc: BaseException) -> str:
    """What is wrong, short enough for a message."""
    if isinstance(exc, KeyError):
        return f"{named(exc.args[0])} is missing"
    if isinstance(exc, RecursionError):
        return "it is nested too deeply"
    return str(exc)[:120] or type(exc).__name__


def _object(line: bytes) -> JsonObject:
    if len(line) > _LINE_BYTES:
        raise ValueError(f"longer than {_LINE_BYTES // 1024**2} MiB")
    body = json.loads(line.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_no_twins)
    if not isinstance(body, dict):
        raise TypeError("not a JSON object")
    return body


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError("a member is there twice")
    return body


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")
