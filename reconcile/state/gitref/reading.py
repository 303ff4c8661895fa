"""Brings the working copy from one commit of the ref to another: only the files that differ are read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from reconcile.model.errors import StateError, StateTooNew
from reconcile.model.values import canonical
from reconcile.state.checksum import summed
from reconcile.state.gitref.layout import FORMAT, META, READABLE, SEGMENT, Layout, seal, segment_path
from reconcile.state.gitref.objects import Objects
from reconcile.state.gitref.shards import Shard, Shards, begins_shard, path_of


def layout_of(objects: Objects, commit: str) -> tuple[Layout, Mapping[str, Any]]:
    """What a commit holds, and its `meta.json`; ranges are not known yet. Raises: StateError when it does not hold."""
    files = objects.files(commit)
    try:
        meta = json.loads(next(objects.read([files[META]])))
        found = meta["format"]
        if found not in READABLE:
            raise StateTooNew(
                f"the state has another format: found {str(found)[:40]!r}, this version reads {FORMAT}. "
                "Use the version that wrote it; nothing was changed."
            )
        layout = Layout(
            tip=commit,
            files=files,
            seq=int(meta["row"]["journal_seq"]),
            moves=int(meta["moves"]),
            depth=int(meta["depth"]),
            seals=tuple(map(str, meta["seals"])),
            writers={str(name): int(number) for name, number in meta["writers"]},
        )
        before = layout.seals[-2] if len(layout.seals) > 1 else ""
        is_whole = layout.seals[-1] == seal(before, files)
    except (KeyError, IndexError, TypeError, ValueError) as exc:
        raise damaged(f"{META} cannot be read") from exc
    if not is_whole:
        raise damaged("its files are not those that were sealed")
    return layout, meta


def damaged(why: str) -> StateError:
    """What to say of a ref that was changed by somebody else."""
    return StateError(
        f"the state in the git ref is damaged or was changed by hand: {why}. Nothing was sent. Put the ref back to a "
        "commit that holds, or delete it and import an export (`reconcile state import`)."
    )


def bring(
    connection: sqlite3.Connection, objects: Objects, old: Layout, new: Layout, meta: Mapping[str, Any]
) -> Shards:
    """Changes the rows, inside the caller's transaction; returns the ranges. Raises: StateError."""
    changed = [path for path, name in new.files.items() if old.files.get(path) != name and path != META]
    gone = set(old.files) - set(new.files)
    bodies = dict(zip(changed, objects.read([new.files[path] for path in changed]), strict=True))
    try:
        before = _stand(connection, old.seq)
        shards = _devices(connection, old.shards, bodies, gone)
        _journal(connection, bodies, new)
        _small(connection, bodies, gone)
        row = {name: _value(value) for name, value in meta["row"].items()}
        connection.execute(_update(connection, "meta", row), tuple(row.values()))
        _outcomes(connection, row.get("begun"), old.seq if before == _stand(connection, old.seq) else 0)
        connection.execute("DELETE FROM dirty")
    except (KeyError, IndexError, TypeError, ValueError, sqlite3.IntegrityError) as exc:
        raise damaged("a line of it cannot be read") from exc
    return shards


def _devices(connection: sqlite3.Connection, old: Shards, bodies: Mapping[str, bytes], gone: set[str]) -> Shards:
    starts = old.all()
    for shard in [one for one in starts if path_of(one) in bodies or path_of(one) in gone]:
        end = old.end(shard)
        connection.execute(
            "DELETE FROM device WHERE platform = ?1 AND name >= ?2 AND (?3 IS NULL OR name < ?3)", (*shard, end)
        )
        starts.discard(shard)
    rows: list[tuple[Any, ...]] = []
    for path in sorted(bodies):
        if path.startswith("devices/"):
            shard, some = _shard(bodies[path])
            if path_of(shard) != path:
                raise damaged(f"{path} holds devices of another file")
            starts.add(shard)
            rows += some
    connection.executemany("INSERT INTO device VALUES (?, ?, ?, ?, ?, ?)", rows)
    return Shards(starts)


def _shard(body: bytes) -> tuple[Shard, list[tuple[Any, ...]]]:
    rows: list[tuple[Any, ...]] = []
    platform = ""
    for line in body.splitlines():
        head, _, device = line.partition(b"\t")
        name, identity, digest, waiting = json.loads(head)
        if not rows:
            platform = json.loads(device)["device"].removesuffix(f"/{name}")
        rows.append((platform, name, identity, digest, waiting, summed(device)))
    first = rows[0][1]
    return (platform, first if begins_shard(first) else ""), rows


def _journal(connection: sqlite3.Connection, bodies: Mapping[str, bytes], new: Layout) -> None:
    for path, body in bodies.items():
        if path.startswith("journal/"):
            rows = [line.split(b"\t", 2) for line in body.splitlines()]
            entries = [(int(seq), bytes.fromhex(digest.decode()), entry) for seq, digest, entry in rows]
            first = (entries[0][0] - 1) // SEGMENT * SEGMENT + 1
            if segment_path(first) != path:
                raise damaged(f"{path} holds entries of another file")
            connection.execute("DELETE FROM journal WHERE seq >= ? AND seq < ?", (first, first + SEGMENT))
            connection.executemany("INSERT INTO journal VALUES (?, ?, ?)", entries)
    connection.execute("DELETE FROM journal WHERE seq > ?", (new.seq,))


def _small(connection: sqlite3.Connection, bodies: Mapping[str, bytes], gone: set[str]) -> None:
    if "leases.jsonl" in bodies or "leases.jsonl" in gone:
        connection.execute("DELETE FROM lease")
        for line in bodies.get("leases.jsonl", b"").splitlines():
            row = json.loads(line)
            connection.execute("INSERT INTO lease (lane, fence) VALUES (?, 0)", (row["lane"],))
            update = _update(connection, "lease", row)
            connection.execute(f"{update} WHERE lane = ?", (*row.values(), row["lane"]))
    for path, emptying, filling, rows in (
        ("consumed.jsonl", "DELETE FROM consumed", "INSERT INTO consumed VALUES (?, ?)", _plain),
        ("open.jsonl", "DELETE FROM open", "INSERT INTO open VALUES (?, ?, ?, ?, ?)", _open),
    ):
        if path in bodies or path in gone:
            connection.execute(emptying)
            connection.executemany(filling, rows(bodies.get(path, b"")))
    if "forecast.json" in bodies or "forecast.json" in gone:
        forecast = bodies.get("forecast.json")
        connection.execute("UPDATE meta SET foretold = ?", (forecast.rstrip(b"\n") if forecast else None,))


def _update(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> str:
    """A statement that sets each member's column. Raises: StateTooNew for one that this version has no column for."""
    columns = {column[1] for column in connection.execute(f"PRAGMA table_info({table})")}
    for name in row:
        if name not in columns:
            raise StateTooNew(
                f"the state was written by a newer version: found `{name[:40]}`. Upgrade reconcile to the version that "
                "wrote it; nothing was changed."
            )
    return " ".join(["UPDATE", table, "SET", ", ".join(f"{name} = ?" for name in row)])


def _value(found: Any) -> Any:
    return bytes.fromhex(found["hex"]) if isinstance(found, dict) else found


def _plain(body: bytes) -> Iterator[tuple[Any, ...]]:
    for line in body.splitlines():
        yield tuple(json.loads(line))


def _open(body: bytes) -> Iterator[tuple[Any, ...]]:
    for line in body.splitlines():
        head, *parts = line.split(b"\t")
        yield (*json.loads(head), *map(summed, parts))


def _stand(connection: sqlite3.Connection, seq: int) -> Any:
    """The plan last begun, and the journal's hash at an entry: where both stay, only later entries tell more."""
    query = "SELECT begun, (SELECT hash FROM journal WHERE seq = ?) FROM meta"
    return connection.execute(query, (seq,)).fetchone()


def _outcomes(connection: sqlite3.Connection, begun: str | None, after: int) -> None:
    """How far the steps of the plan last begun got, which its journal says."""
    if after == 0:
        connection.execute("DELETE FROM outcome")
    if begun is None:
        return
    rows = connection.execute(
        "SELECT body FROM journal WHERE seq > ? AND instr(body, ?) ORDER BY seq", (after, canonical(begun)[1:-1])
    ).fetchall()
    entries = [entry for (body,) in rows if (entry := json.loads(body))["plan"] == begun]
    last = {entry["step"]: entry["state"] for entry in entries}
    connection.executemany(
        "INSERT INTO outcome VALUES (?, ?, ?) ON CONFLICT (plan, step) DO UPDATE SET state = excluded.state",
        [(begun, step, state) for step, state in last.items()],
    )
