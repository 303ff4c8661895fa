"""The history run: one device through the commits that touched the manifests, and through the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from reconcile.model.desired import Command, DesiredDocument
from reconcile.model.device import DeviceRef
from reconcile.model.history import Deed, History, Revision, Reworded
from reconcile.model.journal import JournalEntry
from reconcile.model.late import dataclass
from reconcile.model.values import ABSENT, Known, same
from reconcile.runs.caches import Caches
from reconcile.runs.commit_source import at_commit
from reconcile.runs.explain import find_device
from reconcile.runs.git import Git, GitError
from reconcile.runs.listing_ask import listings_of
from reconcile.runs.listings import Freshness
from reconcile.runs.load import load
from reconcile.runs.recorded_device import recorded_ref
from reconcile.runs.session import InputRejectedError, Session

_FIELDS = "%H%x00%ct%x00%an%x00%s"


@dataclass(frozen=True, slots=True)
class _Commit:
    hash: str
    at: datetime
    author: str
    subject: str


def history(session: Session, name: str, limit: int, progress: Callable[[int, int], None]) -> History:
    """One device through the last `limit` commits that touched the manifests; `progress` counts them.

    `name` is `platform/name`, or a bare name that is declared or recorded. Raises: InputRejectedError, StateError.
    """
    ref, no_git, commits = _ref(session, name), "", list[_Commit]()
    try:
        commits = _commits(session, limit + 1)
    except GitError as exc:
        no_git = str(exc)
    is_cut = len(commits) > limit
    revisions = tuple(_revisions(session, ref, commits[-limit:], progress, is_cut=is_cut))
    return History(str(ref), revisions, tuple(_deeds(session.store.journal(), ref)), is_cut, no_git)


def _ref(session: Session, name: str) -> DeviceRef:
    """Declared, or recorded, or, written in full, one that only older commits know. Raises: InputRejectedError."""
    try:
        return find_device(session, name).device.ref
    except InputRejectedError as unknown:
        try:
            return recorded_ref(session, name)
        except InputRejectedError:
            if "/" not in name:
                raise unknown from None
            return DeviceRef.parse(name)


def _commits(session: Session, limit: int) -> list[_Commit]:
    """Oldest first. Raises: GitError."""
    folder = session.options.manifests
    told = Git(folder).text("log", "-z", f"--max-count={limit}", f"--format={_FIELDS}", "HEAD", "--", ".")
    words = told.rstrip("\0").split("\0") if told else []
    found = []
    for hash_, seconds, author, subject in zip(*(words[at::4] for at in range(4)), strict=True):
        found.append(_Commit(hash_, datetime.fromtimestamp(int(seconds), UTC), author, subject))
    return found[::-1]


def _revisions(
    session: Session,
    ref: DeviceRef,
    commits: Sequence[_Commit],
    progress: Callable[[int, int], None],
    *,
    is_cut: bool,
) -> Iterator[Revision]:
    before: DesiredDocument | None = None
    for position, commit in enumerate(commits):
        progress(position, len(commits))
        document, errors = _document(session, ref, commit.hash)
        if errors:
            yield Revision(commit.hash, commit.at, commit.author, commit.subject, unreadable=errors)
            continue
        changes = tuple(_changes(before, document))
        # What the oldest commit read says may be older than it: it is what the device began with here.
        if changes and not (is_cut and position == 0):
            is_gone = document is None
            yield Revision(commit.hash, commit.at, commit.author, commit.subject, changes, is_gone=is_gone)
        before = document


def _document(session: Session, ref: DeviceRef, commit: str) -> tuple[DesiredDocument | None, int]:
    """What a commit wants of the device, and how many errors keep that from being known."""
    options = session.options
    try:
        with at_commit(options.manifests, commit) as source:
            listings = listings_of(options, Freshness.IF_KEPT)
            caches = Caches.beside(options.manifests, options.environ)
            fleet = load(source, now=options.now(), listings=listings, caches=caches)
    except GitError:
        return None, 0  # the folder did not exist then
    found = next((one.document for one in fleet.devices if one.device.ref == ref), None)
    # An error of a model costs only its own devices; any other may hide a layer of this one.
    errors = [one for one in fleet.diagnostics if one.is_error and (ref in fleet.doubtful or not one.is_local)]
    return found, len(errors)


def _changes(before: DesiredDocument | None, after: DesiredDocument | None) -> Iterator[Reworded]:
    old, new = _facts(before), _facts(after)
    for name in sorted(old.keys() | new.keys()):
        left, right = old.get(name, ABSENT), new.get(name, ABSENT)
        if not same(left, right) and not (left is ABSENT and right is ABSENT):
            yield Reworded(name, left, right)


def _facts(document: DesiredDocument | None) -> dict[str, Known]:
    if document is None:
        return {}
    facts: dict[str, Known] = {one.path: one.value for one in document.resources}
    return facts | {f"command {one.name}": _order(one) for one in document.commands}


def _order(command: Command) -> Known:
    return {
        "execute": command.execute,
        **({} if command.args is None else {"args": command.args}),
        **({} if command.trigger is None else {"trigger": command.trigger}),
        **({"after": list(command.after)} if command.after else {}),
    }


def _deeds(journal: Iterator[JournalEntry], ref: DeviceRef) -> list[Deed]:
    """The attempts on the device, oldest first."""
    begun: dict[tuple[str, int], Deed] = {}
    for entry in journal:
        if entry.device == ref:
            key = entry.intent, entry.attempt
            begun[key] = Deed(entry, begun[key].began if key in begun else entry.at)
    return list(begun.values())
