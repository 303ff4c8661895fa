"""What is asked and what came back, and the two ways in which that may fail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Final

from reconcile.model.late import dataclass


class Unreached(Exception):  # what became of the request, not an error of ours
    """No connection came about, or the request cannot be written: not a byte of it left. The text is for people."""


class Broken(Exception):  # as above
    """The connection ended, or said what is not HTTP, before a whole answer was read: the request may have landed."""


class AnswerTooLong(Broken):
    """More bytes than any answer of these clouds has."""


LOST: Final = (Unreached, Broken, OSError)
"""Everything that an exchange raises. A timeout is an OSError; it and `Broken` leave the request in doubt."""


@dataclass(slots=True)
class Answered:
    """A whole answer. Names of headers are in lower case; the body is decompressed where nobody had asked for that."""

    status: int
    headers: Sequence[tuple[bytes, bytes]] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: bytes) -> str:
        """The first header of that name (lower case), or ""."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1")
        return ""


@dataclass(slots=True)
class Asked:
    """One request: `target` is encoded already, `headers` are complete but for the length; times are in seconds.

    `host` is the header; `read_s` is for the whole exchange once there is a connection.
    """

    method: str
    target: str = field(repr=False)
    headers: Sequence[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)
    connect_s: float
    read_s: float
