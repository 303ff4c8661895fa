"""What stands on a git host."""

from __future__ import annotations

from reconcile.model.late import dataclass


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as the host has it."""

    id: str
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An open issue."""

    number: str
    author: str
    title: str
    text: str
