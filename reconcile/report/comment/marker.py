"""The first line of a sticky comment: a program finds its comment by it, and sees whether it says the same already."""

from __future__ import annotations

import re

from reconcile.model.late import dataclass

PLAIN = "plan"
"""The name of a comment where a repository has one alone."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LINE = re.compile(r"<!-- reconcile comment=(\S+) digest=(\S+) -->")


@dataclass(frozen=True, slots=True)
class Marker:
    """`name` tells the comments of one pull request apart (one an environment); `digest` is the plan's."""

    name: str
    digest: str

    def __str__(self) -> str:
        return f"<!-- reconcile comment={self.name} digest={self.digest} -->"


def marker_of(body: str) -> Marker | None:
    """The marker of a comment's body; None where the first line is none of ours. Who wrote it is not proved by it."""
    found = _LINE.fullmatch(body.split("\n", 1)[0].rstrip())
    return None if found is None else Marker(found[1], found[2])
