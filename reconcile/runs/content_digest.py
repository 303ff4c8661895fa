"""The digest of everything that a fleet is read from."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress

from reconcile.model.errors import ReconcileError
from reconcile.ports import NamedContent

_PIECE_BYTES = 1 << 20
WORTHWHILE_BYTES = 32 << 20
"""Less is hashed before a thread is there."""


def content_digest(files: Iterable[NamedContent]) -> str:
    """`sha256:` over the names and bytes of the files, whatever their order."""
    content = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.name):
        name = file.name.encode("utf-8", "surrogatepass")
        content.update(f"{len(name)} {len(file.content)}\n".encode())
        content.update(name)
        for start in range(0, len(file.content), _PIECE_BYTES):
            content.update(file.content[start : start + _PIECE_BYTES])
    return "sha256:" + content.hexdigest()


class Digesting:
    """A digest that is worked out when it is asked for; beside everything else once `begin_beside` was called, since
    hashing needs no lock of the interpreter. A process that will fork must not have begun.
    """

    def __init__(self, files: Sequence[NamedContent]) -> None:
        self._files, self._thread = files, threading.Thread(target=self._work, daemon=True)
        self._found = ""

    def begin_beside(self) -> None:
        """Works on a core of its own from now on, where there is much to do."""
        if sum(len(file.content) for file in self._files) > WORTHWHILE_BYTES:
            self._thread.start()

    def result(self) -> str:
        """The digest. Raises: what reading a file raises."""
        if self._thread.ident is not None:
            self._thread.join()
        return self._found or content_digest(self._files)

    def _work(self) -> None:
        with suppress(OSError, ReconcileError):  # met again, and told, where the digest is asked for
            self._found = content_digest(self._files)
