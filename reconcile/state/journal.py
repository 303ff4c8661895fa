"""The journal's chain: every entry is hashed together with the hash before it.

`hash = sha256(previous hash + canonical entry)`; the first one hangs on the lineage. The last number and hash are
kept apart, so that entries cut off the end are missed too.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconcile.model.attempt_machine import PENDING, may_follow
from reconcile.model.errors import JournalBroken, JournalRefused
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt
from reconcile.model.late import dataclass
from reconcile.model.values import canonical
from reconcile.ports import Commit
from reconcile.state.checksum import checked, summed
from reconcile.state.codec import loads, read_entry
from reconcile.state.lineage import first_hash
from reconcile.state.sql import Row, Sql

_END = 1000
"""Entries that are verified before more are added: some 2 ms. All of them are by an export."""


@dataclass(frozen=True, slots=True)
class Link:
    """One stored entry: its number from 1, its hash, and the canonical bytes that were hashed."""

    seq: int
    hash: bytes
    body: bytes


def chain(seq: int, previous: bytes, bodies: Sequence[bytes]) -> Iterator[Link]:
    """Links that continue a chain whose last entry was number `seq` with hash `previous`."""
    for body in bodies:
        seq += 1
        previous = hashlib.sha256(previous + body).digest()
        yield Link(seq, previous, body)


def entries_of(commit: Commit) -> Sequence[JournalEntry]:
    """What a commit journals: its entries, and before them each attempt it opens without naming it there."""
    if not commit.opened:
        return commit.entries
    named = {(entry.intent, entry.attempt, entry.state) for entry in commit.entries}
    unnamed = [a.entry for a in commit.opened if (a.entry.intent, a.entry.attempt, a.entry.state) not in named]
    if not unnamed:
        return commit.entries
    return sorted(
        [*unnamed, *commit.entries], key=lambda entry: entry.attempt
    )  # an attempt ends before the next begins


def last_of_each(entries: Sequence[JournalEntry]) -> Mapping[str, JournalEntry]:
    """Where each intent stands after those entries."""
    return {entry.intent: entry for entry in entries}


def append(connection: Sql, commit: Commit, bodies: Sequence[bytes]) -> None:
    """Adds a commit's entries (`bodies`: the canonical form of `entries_of`) and follows which intents stay open.

    Raises: JournalRefused for an entry that cannot follow where its intent stands.
    """
    entries = entries_of(commit)
    if not entries:
        return
    check(connection, entries)
    seq, previous = connection.execute("SELECT journal_seq, journal_hash FROM meta").fetchone()
    links = list(chain(seq, previous, bodies))
    connection.executemany("INSERT INTO journal VALUES (?, ?, ?)", [(k.seq, k.hash, k.body) for k in links])
    connection.execute("UPDATE meta SET journal_seq = ?, journal_hash = ?", (links[-1].seq, links[-1].hash))
    last = last_of_each(entries)
    written = {id(entry): body for entry, body in zip(entries, bodies, strict=True)}
    _follow(connection, {intent: (entry, written[id(entry)]) for intent, entry in last.items()}, commit.opened, seq + 1)
    outcomes = {(entry.plan, entry.step): entry.state.value for entry in last.values()}
    connection.executemany(
        "INSERT INTO outcome VALUES (?, ?, ?) ON CONFLICT (plan, step) DO UPDATE SET state = excluded.state",
        [(*step, state) for step, state in outcomes.items()],
    )


def check(connection: Sql, entries: Sequence[JournalEntry]) -> None:
    """Holds entries against the table of `model/attempt_machine.py`. Raises: JournalRefused."""
    first = {entry.intent: entry for entry in reversed(entries) if not entry.is_deed}
    rows = connection.look_up(_STANDS, [(entry.plan, entry.step, entry.intent) for entry in first.values()])
    last = dict(zip(first, map(_stands, rows), strict=True))
    for entry in entries:
        if entry.is_deed:
            continue
        intent = entry.intent
        before = last[intent]
        if not may_follow(before, entry.state):
            raise JournalRefused(
                f"the journal cannot say so: {entry.operation} on {entry.device}, intent {intent}: found "
                f"{before.value if before else PENDING}, and {entry.state.value} does not follow it. Nothing of this "
                "was recorded. This is a bug: please report it with the output of `reconcile state export`."
            )
        last[intent] = entry.state


_STANDS = """SELECT (SELECT state FROM outcome WHERE plan = ? AND step = ?),
    (SELECT entry FROM open WHERE intent = ?)"""


def _stands(row: Row | None) -> AttemptState | None:
    """Where an intent stands; of plans before the last one begun only what is still open is known."""
    assert row is not None
    state, stored = row
    if state is None and stored is not None:
        state = loads(checked(stored))["state"]
    return None if state is None else AttemptState(state)


def begin_plan(connection: Sql, plan: str) -> None:
    """Remembers the plan that is being applied, and lets go of the outcomes of those before it."""
    connection.execute("UPDATE meta SET begun = ?", (plan,))
    connection.execute("DELETE FROM outcome WHERE plan <> ?", (plan,))


def _follow(
    connection: Sql,
    last: Mapping[str, tuple[JournalEntry, bytes]],
    opened: Sequence[OpenAttempt],
    start: int,
) -> None:
    closed = [(intent,) for intent, (entry, _) in last.items() if not entry.state.is_open]
    connection.executemany("DELETE FROM open WHERE intent = ?", closed)
    attempts = {attempt.entry.intent: attempt for attempt in opened}
    with_step, alone = [], []
    for seq, (intent, (entry, body)) in enumerate(last.items(), start):
        if not entry.state.is_open:
            continue
        attempt = attempts.get(intent)
        if attempt is None:
            alone.append((intent, seq, summed(body), b"{}", b"{}"))
        else:
            step, device = canonical(attempt.step), canonical(attempt.device)
            with_step.append((intent, seq, summed(body), summed(step), summed(device)))
    connection.executemany(
        """INSERT INTO open VALUES (?, ?, ?, ?, ?) ON CONFLICT (intent) DO UPDATE SET
            seq = excluded.seq, entry = excluded.entry, step = excluded.step, device = excluded.device""",
        with_step,
    )
    # An open entry whose step nobody gave is kept all the same: an intent is never lost.
    connection.executemany(
        "INSERT INTO open VALUES (?, ?, ?, ?, ?) ON CONFLICT (intent) DO UPDATE SET entry = excluded.entry", alone
    )


def read_links(connection: Sql) -> Iterator[Link]:
    """All entries, oldest first, each verified before it is handed out. Raises: JournalBroken with the number."""
    (lineage,) = connection.execute("SELECT lineage FROM meta").fetchone()
    rows = connection.execute("SELECT seq, hash, body FROM journal ORDER BY seq")
    yield from _verified(connection, rows, 0, first_hash(lineage))


def check_end(connection: Sql) -> None:
    """Verifies the last entries, before anything is added to them. Raises: JournalBroken with the number."""
    (last,) = connection.execute("SELECT journal_seq FROM meta").fetchone()
    before = connection.execute("SELECT hash FROM journal WHERE seq = ?", (last - _END,)).fetchone()
    if before is None:  # the journal is that short, or was changed there
        deque(read_links(connection), maxlen=0)
        return
    rows = connection.execute("SELECT seq, hash, body FROM journal WHERE seq > ? ORDER BY seq", (last - _END,))
    deque(_verified(connection, rows, last - _END, before[0]), maxlen=0)


def _verified(connection: Sql, rows: Iterable[tuple[int, bytes, object]], seq: int, previous: bytes) -> Iterator[Link]:
    """The rows that follow entry number `seq` with that hash, up to the last that was written."""
    for found_seq, found_hash, stored in rows:
        seq += 1
        if found_seq != seq:
            raise _broken(seq, "it is missing")
        body = _bytes(stored)
        previous = hashlib.sha256(previous + body).digest()
        if previous != found_hash:
            raise _broken(seq, "it, or the one before it, was changed")
        yield Link(seq, previous, body)
    last_seq, last_hash = connection.execute("SELECT journal_seq, journal_hash FROM meta").fetchone()
    if (seq, previous) != (last_seq, last_hash):
        raise _broken(seq + 1, f"it and all after it are missing; the last was number {last_seq}")


def read_entries(connection: Sql) -> Iterator[JournalEntry]:
    """The entries of `read_links`, decoded. Raises: JournalBroken."""
    for link in read_links(connection):
        try:
            yield read_entry(loads(link.body))
        except (KeyError, TypeError, ValueError) as exc:
            raise _broken(link.seq, "it cannot be read") from exc


def _bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else str(body).encode()


def _broken(seq: int, why: str) -> JournalBroken:
    return JournalBroken(
        f"the journal does not hold: entry {seq}: {why}. Nothing was sent. Restore the state from a copy, or look at "
        "the file before anything is applied on it."
    )
