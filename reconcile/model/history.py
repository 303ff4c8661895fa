"""What happened to one device: what git said of it, commit by commit, and what was done about it."""

from __future__ import annotations

from datetime import datetime

from reconcile.model.journal import JournalEntry
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject, Known, Missing


@dataclass(frozen=True, slots=True)
class Reworded:
    """What a commit changed of one resource or command; ABSENT where it was not declared."""

    name: str
    before: Known
    after: Known


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit that changed what is wanted of the device. `unreadable`: its manifests had errors, so many."""

    commit: str
    at: datetime
    author: str
    subject: str
    changes: tuple[Reworded, ...] = ()
    is_gone: bool = False
    unreadable: int = 0

    def to_json(self) -> JsonObject:
        """For machines."""
        body: JsonObject = {
            "kind": "commit",
            "at": self.at.isoformat(),
            "commit": self.commit,
            "author": self.author,
            "subject": self.subject,
            "changes": [_change(one) for one in self.changes],
        }
        if self.is_gone:
            body["gone"] = True
        if self.unreadable:
            body["errors"] = self.unreadable
        return body


@dataclass(frozen=True, slots=True)
class Deed:
    """One attempt of the journal: its last entry, and when it began."""

    last: JournalEntry
    began: datetime

    @property
    def at(self) -> datetime:
        """When it began; what it came to may be told hours later."""
        return self.began

    def to_json(self) -> JsonObject:
        """For machines."""
        last = self.last
        return {
            "kind": "attempt",
            "at": self.began.isoformat(),
            "operation": last.operation,
            "target": last.target,
            "state": last.state.value,
            "until": last.at.isoformat(),
            "attempt": last.attempt,
            "plan": last.plan,
            "evidence": last.evidence,
        }


@dataclass(frozen=True, slots=True)
class History:
    """Oldest first. `is_cut`: there are older commits that were not read."""

    device: str
    revisions: tuple[Revision, ...]
    deeds: tuple[Deed, ...]
    is_cut: bool = False
    no_git: str = ""

    def in_order(self) -> list[Revision | Deed]:
        """Both, by time."""
        return sorted([*self.revisions, *self.deeds], key=lambda one: one.at)


def _change(change: Reworded) -> Json:
    sides: JsonObject = {
        name: side
        for name, side in (("before", change.before), ("after", change.after))
        if not isinstance(side, Missing)
    }
    return {"name": change.name, **sides}
