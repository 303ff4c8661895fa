"""Why a file gives no definition."""

from __future__ import annotations


class BadXml(Exception):
    """The text cannot or may not be read; line and column count from 1."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


class NotADefinition(Exception):
    """Well-formed XML of some other kind."""
