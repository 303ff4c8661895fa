"""What this machine saw last of a ref, so that a ref that was set back or replaced is noticed."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from reconcile.model.errors import StateError
from reconcile.state.gitref.address import Address
from reconcile.state.gitref.layout import Layout


class Seen:
    """Kept in `.reconcile` of the manifest folder, once there is one; may be deleted."""

    def __init__(self, folder: Path, address: Address) -> None:
        name = hashlib.sha256(f"{address.remote} {address.ref}".encode("utf-8", "replace")).hexdigest()[:16]
        self._path, self._where = folder / ".reconcile" / f"gitref-{name}.json", address.shown
        self._moves, self._seal = 0, ""
        with suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads(self._path.read_bytes())
            self._moves, self._seal = int(found["moves"]), str(found["seal"])

    def check(self, layout: Layout) -> None:
        """Raises: StateError when a commit cannot have come after what was seen here."""
        at = self._moves - layout.moves - 1  # where our seal stands among the last ones, from their end
        is_behind = at > -1
        is_other = not is_behind and -at <= len(layout.seals) and layout.seals[at] != self._seal
        if self._moves and (is_behind or is_other):
            found = f"it has move {layout.moves}, and {self._moves} was seen" if is_behind else "its history is another"
            raise StateError(
                f"the state's git ref was set back or replaced: {self._where}: {found} here. Nothing was sent: what "
                "was applied since would be unknown. Put the ref back; if it was meant, look at what is deployed "
                f"(`reconcile drift`) and delete {self._path}."
            )

    def note(self, layout: Layout, *, is_kept: bool) -> None:
        """Remembers a commit; on disk where we may write, or a folder is there already."""
        self._moves, self._seal = layout.moves, layout.seals[-1]
        with suppress(OSError):
            if is_kept:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._path.parent.is_dir():
                new = self._path.with_suffix(".new")
                new.write_text(json.dumps({"moves": self._moves, "seal": self._seal}), encoding="utf-8")
                new.replace(self._path)
