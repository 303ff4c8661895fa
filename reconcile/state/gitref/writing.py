"""What changed in the working copy, as files: the same rows are the same bytes, whoever writes them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Final

from reconcile.model.values import Json, canonical
from reconcile.state.checksum import checked
from reconcile.state.gitref.layout import FORMAT, META, SEGMENT, Layout, segment_path
from reconcile.state.gitref.objects import Objects
from reconcile.state.gitref.shards import Shard, Shards, begins_shard, path_of

_TRIGGER: Final = """CREATE TEMP TRIGGER dirty_{what} AFTER {what} ON device
    BEGIN INSERT INTO dirty VALUES ({row}.platform, {row}.name); END"""
NOTING: Final = (
    "CREATE TEMP TABLE dirty (platform TEXT, name TEXT)",
    *(_TRIGGER.format(what=what, row=row) for what, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))),
)
"""Statements that make a connection note which devices its transaction touches."""

_ELSEWHERE: Final = ("only", "foretold")


def changed_files(
    connection: sqlite3.Connection, before: Layout, objects: Objects, *, is_new_journal: bool
) -> tuple[dict[str, str], Shards, int]:
    """The files after the transaction (without `meta.json`), their ranges, and the number of the last entry."""
    files = {path: name for path, name in before.files.items() if path != META}
    shards = _devices(connection, before.shards, files, objects)
    (seq,) = connection.execute("SELECT journal_seq FROM meta").fetchone()
    if is_new_journal:
        files = {path: name for path, name in files.items() if not path.startswith("journal/")}
    _journal(connection, 0 if is_new_journal else before.seq, seq, files, objects)
    for path, lines in (
        ("leases.jsonl", _leases(connection)),
        ("open.jsonl", _open(connection)),
        ("consumed.jsonl", _consumed(connection)),
        ("forecast.json", _forecast(connection)),
    ):
        body = b"".join(lines)
        if body:
            files[path] = objects.write("blob", body)
        else:
            files.pop(path, None)
    return files, shards, seq


def meta_file(connection: sqlite3.Connection, layout: Layout) -> bytes:
    """`meta.json`, one member a line."""
    row = connection.execute("SELECT * FROM meta")
    names = [column[0] for column in row.description]
    known = {name: value for name, value in zip(names, row.fetchone(), strict=True) if name not in _ELSEWHERE}
    body: dict[str, Json] = {
        "format": FORMAT,
        "row": {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in known.items()},
        **layout.chain_json(),
    }
    return (json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


_TOUCHED: Final = """SELECT DISTINCT platform, name, EXISTS (
    SELECT 1 FROM device WHERE device.platform = dirty.platform AND device.name = dirty.name) FROM dirty"""


def _devices(connection: sqlite3.Connection, before: Shards, files: dict[str, str], objects: Objects) -> Shards:
    touched = connection.execute(_TOUCHED).fetchall()
    if not touched:
        return before
    starts = before.all()
    for platform, name, is_there in touched:
        starts.add((platform, ""))
        if begins_shard(name):
            (starts.add if is_there else starts.discard)((platform, name))
    after = Shards(starts)
    affected = {side.holding(platform, name) for platform, name, _ in touched for side in (before, after)}
    empty = set()
    for shard in sorted(affected | (starts - before.all())):
        lines = list(_lines(connection, shard, after.end(shard))) if shard in starts else []
        if lines:
            files[path_of(shard)] = objects.write("blob", b"".join(lines))
        else:
            files.pop(path_of(shard), None)
            empty.add(shard)
    return Shards(starts - empty)


def _lines(connection: sqlite3.Connection, shard: Shard, end: str | None) -> Iterator[bytes]:
    query = "SELECT name, identity, digest, waiting, body FROM device WHERE platform = ? AND name >= ?"
    values = shard if end is None else (*shard, end)
    for *head, body in connection.execute(f"{query}{'' if end is None else ' AND name < ?'} ORDER BY name", values):
        yield b"%b\t%b\n" % (canonical(head), checked(body))


def _journal(connection: sqlite3.Connection, before: int, last: int, files: dict[str, str], objects: Objects) -> None:
    first = before // SEGMENT * SEGMENT + 1
    if last <= before:
        return
    segments: dict[str, list[bytes]] = {}
    rows = connection.execute("SELECT seq, hash, body FROM journal WHERE seq >= ? ORDER BY seq", (first,))
    for seq, digest, body in rows:
        segments.setdefault(segment_path(seq), []).append(b"%d\t%b\t%b\n" % (seq, bytes(digest).hex().encode(), body))
    for path, lines in segments.items():
        files[path] = objects.write("blob", b"".join(lines))


def _leases(connection: sqlite3.Connection) -> Iterator[bytes]:
    rows = connection.execute("SELECT * FROM lease ORDER BY lane")
    names = [column[0] for column in rows.description]
    for row in rows:
        yield canonical(dict(zip(names, row, strict=True))) + b"\n"


def _open(connection: sqlite3.Connection) -> Iterator[bytes]:
    for intent, seq, *parts in connection.execute("SELECT * FROM open ORDER BY seq, rowid"):
        yield b"\t".join([canonical([intent, seq]), *map(checked, parts)]) + b"\n"


def _consumed(connection: sqlite3.Connection) -> Iterator[bytes]:
    for row in connection.execute("SELECT plan, serial FROM consumed ORDER BY serial, plan"):
        yield canonical(list(row)) + b"\n"


def _forecast(connection: sqlite3.Connection) -> Iterator[bytes]:
    (body,) = connection.execute("SELECT foretold FROM meta").fetchone()
    if body is not None:
        yield bytes(body) + b"\n"
