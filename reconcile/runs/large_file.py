"""A large file on disk, asked for its bytes where they are needed: an inventory of ten million rows has 750 MB.

Premise: a file that is written to while it is read would be judged in parts of two versions of it, and a mapped one
that is cut off ends the process. Rule: it is opened once and read by position, which two processes may do at a time;
at the end it must be the file that it was at the beginning.
"""

from __future__ import annotations

import os

from reconcile.manifest.codes import SUMMARIES, UNREADABLE
from reconcile.model.errors import ReconcileError

PIECE_BYTES = 256 << 10
"""Read at a time where something is looked for; what is larger does not stay in a core's cache."""


class ChangedMeanwhileError(ReconcileError):
    """A file was written to, or cut off, while it was read."""

    code = UNREADABLE

    def __init__(self, name: str) -> None:
        advice = "It was changed while it was read. Run the command again when it is complete"
        super().__init__(f"{SUMMARIES[UNREADABLE]}: {name}. {advice}; to replace a file in use, rename a new one to it")


class LargeFile:
    """A `ports.Content` over an open descriptor, which it closes when nobody has it any more."""

    __slots__ = ("_handle", "_name", "_stamp")

    def __init__(self, name: str, handle: int) -> None:
        self._name, self._handle = name, handle
        self._stamp = self._now()

    def __len__(self) -> int:
        return self._stamp[0]

    def __getitem__(self, part: slice) -> bytes:
        """A part of it; steps are none of a file's. Raises: ChangedMeanwhileError when it ends too early."""
        start, end, _ = part.indices(len(self))
        pieces = []
        while start < end:
            piece = os.pread(self._handle, end - start, start)
            if not piece:
                raise ChangedMeanwhileError(self._name)
            pieces.append(piece)
            start += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def find(self, wanted: bytes, start: int = 0, end: int | None = None, /) -> int:
        """As that of bytes, for places from 0 on."""
        end, more = min(len(self), len(self) if end is None else end), len(wanted) - 1
        size = 4 << 10  # the end of a line is near
        while start + more < end:
            found = self[start : min(start + size + more, end)].find(wanted)
            if found >= 0:
                return start + found
            start, size = start + size, PIECE_BYTES
        return -1

    def count(self, wanted: bytes, start: int = 0, end: int | None = None, /) -> int:
        """As that of bytes, for bytes that cannot overlap themselves."""
        end, more = min(len(self), len(self) if end is None else end), len(wanted) - 1
        places = range(start, end, PIECE_BYTES)
        return sum(self[at : min(at + PIECE_BYTES + more, end)].count(wanted) for at in places)

    def check(self) -> None:
        """Raises: ChangedMeanwhileError unless it is still the file that was opened."""
        if self._now() != self._stamp:
            raise ChangedMeanwhileError(self._name)

    def _now(self) -> tuple[int, int]:
        found = os.fstat(self._handle)  # its change time moves, too, where its name goes to another
        return found.st_size, found.st_mtime_ns

    def __del__(self) -> None:
        os.close(self._handle)
