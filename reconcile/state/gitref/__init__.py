"""Recorded state in a git ref: no server but the one that has the repository. Needs the program `git`."""

from reconcile.state.gitref.store import GitRef, open_state

__all__ = ["GitRef", "open_state"]
