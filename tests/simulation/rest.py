"""I14 and I15: a copy of the state and of the plan is damaged, and the program must notice."""

import contextlib
import gzip
import random
import shutil

from reconcile.model.errors import PlanRefused, ReconcileError
from reconcile.runs.planfile import read_plan

from .broken import Broken
from .store import Store

_EVERY = 8


def check_damage(site):
    """One flipped byte of the journal and of the plan file; a log cut off at any byte. In one of eight schedules."""
    dice = random.Random(site.schedule.dice)
    if dice.randrange(_EVERY):
        return
    _flipped_entry(site, dice)
    _torn_log(site, dice)
    if site.saved is not None:
        _flipped_plan(site, dice)


def _flipped_entry(site, dice):
    entries = site.checks.journal(site).entries
    if not entries:
        return
    store = _copy_of(site, "flipped.db")
    try:
        seq = dice.randrange(1, len(entries) + 1)
        (body,) = store._connection.execute("SELECT body FROM journal WHERE seq = ?", (seq,)).fetchone()
        store._connection.execute("UPDATE journal SET body = ? WHERE seq = ?", (_flipped(bytes(body), dice), seq))
        try:
            list(store.journal())
        except ReconcileError:
            return
        raise Broken(f"I14: a flipped byte of entry {seq} went unnoticed")
    finally:
        store.forget()


def _flipped_plan(site, dice):
    """A byte of the file, and a digit of the text in it, packed again with its right checksum."""
    whole = (site.folder / "kept.plan").read_bytes()
    text = gzip.decompress(whole)
    digits = [position for position, byte in enumerate(text[: text.rindex(b'{"content')]) if byte in b"123456789"]
    position = dice.choice(digits)
    forged = text[:position] + b"0" + text[position + 1 :]
    for damaged in (_flipped(whole[10:], dice, whole[:10]), gzip.compress(forged, mtime=0)):
        path = site.folder / "flipped.plan"
        path.write_bytes(damaged)
        with contextlib.suppress(PlanRefused):
            read_plan(path)
            if gzip.decompress(damaged) != text:  # a bit of gzip's padding means nothing
                raise Broken("I14: a changed plan went unnoticed")


def _torn_log(site, dice):
    """The state as it lies there, its write-ahead log cut off: what is left is a prefix of what was committed."""
    for suffix in ("", "-wal"):
        source = site.state.with_name(site.state.name + suffix)
        if source.exists():
            shutil.copy(source, site.folder / f"torn.db{suffix}")
    log = site.folder / "torn.db-wal"
    if log.exists():
        log.write_bytes(log.read_bytes()[: dice.randrange(log.stat().st_size + 1)])
    store = Store.open(site.folder / "torn.db")
    try:
        left = [(entry.intent, entry.attempt, entry.state.value) for entry in store.journal()]
        whole = [(one["intent"], one["attempt"], one["state"]) for one in site.checks.journal(site).entries]
        if left != whole[: len(left)]:
            raise Broken("I15: what a torn log leaves is no prefix of what was committed")
    finally:
        store.forget()


def _copy_of(site, name):
    target = site.folder / name
    site.reader._connection.execute("VACUUM INTO ?", (str(target),))
    return Store.open(target)


def _flipped(body, dice, head=b""):
    position = dice.randrange(len(body))
    return head + body[:position] + bytes([body[position] ^ (1 << dice.randrange(8))]) + body[position + 1 :]
