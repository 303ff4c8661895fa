"""One move of the ref: a commit made, pushed, and looked for when the answer says no or nothing."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from reconcile.model.errors import StateError
from reconcile.state.gitref.git import Answer
from reconcile.state.gitref.layout import Layout
from reconcile.state.gitref.reading import layout_of
from reconcile.state.gitref.remote import Remote
from reconcile.state.gitref.shards import Shards

HISTORY: Final = 500
"""Commits that the ref keeps at most; the next one begins anew, which the compare-and-swap allows as any other."""

_PAUSES_S: Final = (0.05, 0.5, 2.0)


class Moved(StateError):
    """Somebody else moved the ref first: nothing of ours is in it."""


class Publisher:
    """Our commits are told from those of others by a session, and from one another by a number."""

    def __init__(self, remote: Remote, history: int = HISTORY) -> None:
        self.remote, self._history = remote, history
        self._session, self._number = uuid.uuid4().hex[:16], 0
        self._may_begin_anew = True

    def numbered(self, before: Layout, files: Mapping[str, str], shards: Shards, seq: int) -> Layout:
        """The layout that our next commit has."""
        self._number += 1  # each try has its own: one that lands late is not taken for a later one
        after = before.next(files, shards, seq, (self._session, self._number))
        begins_anew = self._may_begin_anew and before.depth + 1 >= self._history
        return replace(after, depth=0 if begins_anew or before.tip is None else before.depth + 1)

    def publish(self, before: Layout, after: Layout, files: Mapping[str, str], message: str) -> str:
        """Moves the ref from one layout to the next; returns its new tip once it certainly is (or was) there.

        Raises: Moved when it certainly is not, because somebody was faster; StateError when the remote does not do it.
        """
        objects, at = self.remote.objects, int(time.time())
        tree = objects.write_tree(files)
        parent = before.tip if after.depth else None
        commit = objects.write_commit(tree, parent, message, at)
        for number, pause_s in enumerate((*_PAUSES_S, None)):
            answer = self.remote.push(before.tip, commit)
            if number == 0 and b"(stale info)" in answer.output:  # git's word for a lease of `--force-with-lease` lost
                raise Moved(f"somebody else moved the ref of the state: {self.remote.address.shown}.")
            if answer.is_good or self._has_landed(before, commit, answer):
                objects.keep(commit)
                return commit
            if parent is None and before.tip is not None:  # a host that wants fast-forwards only
                self._may_begin_anew = False
                parent = before.tip
                commit = objects.write_commit(tree, parent, message, at)
            elif pause_s is not None:
                time.sleep(pause_s)
        raise self.remote.failure("pushed", answer)

    def _has_landed(self, before: Layout, commit: str, answer: Answer) -> bool:
        """Whether a push that failed did its work all the same. Raises: Moved, or StateError when nobody answers."""
        try:
            tip = self.remote.tip()
        except StateError as exc:
            raise self.remote.failure("pushed", answer) from exc
        if tip == commit:
            return True
        if tip == before.tip:
            return False
        if tip is not None:
            layout, _ = layout_of(self.remote.objects, self.remote.fetch())
            if layout.writers.get(self._session) == self._number:
                return True
        raise Moved(f"somebody else moved the ref of the state: {self.remote.address.shown}.")
