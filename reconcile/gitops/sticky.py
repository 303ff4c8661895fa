"""One comment of ours on a pull request, kept up to date in place.

Ours is a comment that the host says we wrote and that begins with our marker: anybody can copy a marker.
"""

from __future__ import annotations

from enum import StrEnum

from reconcile.gitops.forges.forge import Forge
from reconcile.gitops.forges.http import ForgeError
from reconcile.gitops.forges.nouns import Comment
from reconcile.report.comment.marker import marker_of


class Placed(StrEnum):
    """What was done with the comment."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def place(forge: Forge, number: int, text: str, name: str) -> Placed:
    """Makes the comment of that name say this; copies that a lost answer left are removed. Raises: ForgeError."""
    found = _ours(forge, number, name)
    if not found:
        try:
            forge.add_comment(number, text)
        except ForgeError as exc:
            # The answer was lost: it is there, or it is not. Asked again, it could stand there twice.
            if not (exc.may_have_landed and _ours(forge, number, name)):
                raise
        return Placed.CREATED
    first, *copies = found
    for copy in copies:
        forge.remove_comment(number, copy.id)
    if _same(first.text, text):
        return Placed.UNCHANGED
    forge.edit_comment(number, first.id, text)
    return Placed.UPDATED


def _ours(forge: Forge, number: int, name: str) -> list[Comment]:
    marked = [one for one in forge.comments(number) if (mark := marker_of(one.text)) is not None and mark.name == name]
    return [one for one in marked if one.author == forge.me] if marked else []


def _same(there: str, text: str) -> bool:
    """Hosts change line ends, and drop the last."""
    return there.replace("\r\n", "\n").rstrip() == text.rstrip()
