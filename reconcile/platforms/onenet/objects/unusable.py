"""Why a file gives no definition, and which objects it was meant to define."""

from __future__ import annotations

import re

from reconcile.platforms.onenet.objects.definition import HIGHEST_ID

_OBJECT_ID = re.compile(rb"<ObjectID>\s*([0-9]{1,5})\s*</ObjectID>")


class BadXml(Exception):
    """The text cannot or may not be read; line and column count from 1."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


class NotADefinition(Exception):
    """Well-formed XML of some other kind."""


def meant(content: bytes) -> frozenset[int] | None:
    """The objects whose ids stand in a file that cannot be read; None when none does, so that it may be any.

    A guess, for telling which devices a broken file concerns: nothing is sent while there is one.
    """
    found = frozenset(int(number) for number in _OBJECT_ID.findall(content))
    return found if found and max(found) <= HIGHEST_ID else None
