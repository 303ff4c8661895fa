"""Plan files: JSON Lines, compressed, written and read as a stream; one line a class, a device, a notice.

Written beside its place and moved there, so a file is whole or absent. A flipped byte is found: gzip carries a
checksum, the last line another, and the digest is computed again from what was read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from reconcile.model.errors import PlanRefused
from reconcile.model.plan import Plan
from reconcile.model.plan_json import FORMAT, class_json, diagnostic_json, header_json
from reconcile.model.plan_spelling import Spelling
from reconcile.model.values import Json, JsonObject, canonical
from reconcile.runs.kept_devices import Keeper
from reconcile.runs.plan_lines import NOTICES, assemble
from reconcile.runs.whole_file import replacing

UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""What reading raises of bytes that are no plan."""

_MAX_LINE_BYTES = 16 * 1024 * 1024


def write_plan(plan: Plan, path: Path) -> None:
    """Saves a plan. Raises: OSError."""
    with (
        replacing(path, is_private=True) as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file,
    ):
        content = hashlib.sha256()
        for line in _lines(plan):
            content.update(line + b"\n")
            file.write(line + b"\n")
        file.write(canonical(_end(plan, content.hexdigest())) + b"\n")


def _lines(plan: Plan) -> Iterator[bytes]:
    yield canonical({"plan": header_json(plan)})
    for group in plan.classes:
        yield canonical({"class": class_json(group)})
    spelling = Spelling()
    for device in plan.devices:
        yield b'{"device":%b}' % spelling.device(device, with_delivery=True)
    for name in NOTICES:
        for notice in getattr(plan, name):
            yield canonical({name: notice.to_json()})
    for diagnostic in plan.diagnostics:
        yield canonical({"diagnostic": diagnostic_json(diagnostic)})


def _end(plan: Plan, content: str) -> JsonObject:
    """The last line. `content` covers what the digest leaves out: dates, and what people are shown."""
    return {"end": plan.digest, "content": content}


def read_plan(path: Path, keeper: Keeper | None = None) -> Plan:
    """The plan in a file. Raises: PlanRefused when it is no plan, or not the one that was written.

    With a `keeper` its devices are kept packed, for whoever takes them one after the other.
    """
    end = _End()
    try:
        plan, digest = assemble(_bodies(path, end), keeper)
        is_whole = digest == plan.digest and end.line == canonical(_end(plan, end.content.hexdigest())) + b"\n"
    except FileNotFoundError as exc:
        raise PlanRefused(f"no such plan file: {path}. Make one with `reconcile plan -o {path}`.") from exc
    except UNREADABLE as exc:
        raise PlanRefused(f"{path} is not a whole plan file of this version ({FORMAT}). Plan again.") from exc
    if not is_whole:
        raise PlanRefused(f"{path} was changed after it was written: its digest does not match. Plan again.")
    return plan


class _End:
    """What is known once every line was read: the last one as it stands, and the checksum of those before it."""

    def __init__(self) -> None:
        self.line = b""
        self.content = hashlib.sha256()


def _bodies(path: Path, end: _End) -> Iterator[Json]:
    """What the lines before the last hold, one at a time."""
    with gzip.open(path, "rb") as file:
        while line := file.readline(_MAX_LINE_BYTES):
            if end.line:
                end.content.update(end.line)
                yield json.loads(end.line)
            end.line = line
