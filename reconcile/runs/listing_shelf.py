"""Kept listings: one file for each question to each account, beside the state; whole or absent.

The name of a file holds a digest of what was asked and of whom, so the listing of an emulator (`--endpoint`) or of
other products is never taken for this one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from reconcile.manifest.inventory_entries import ListedInventory
from reconcile.manifest.inventory_sealed import Heading, read_heading
from reconcile.model.errors import ReconcileError
from reconcile.model.late import dataclass
from reconcile.model.values import Json, canonical, short_digest
from reconcile.ports import NamedBytes, PlatformConfig, Problem
from reconcile.runs.source import FolderSource

FORGOTTEN_AFTER = timedelta(days=30)
"""A listing that no entry asks for is kept this long: an edit that is taken back need not ask the cloud again."""

_OURS = re.compile(r"\.?[^/]+-[0-9a-f]{12}\.ndjson(\..+)?")
"""Names of listings, and of those that a killed run left half written."""

LIMIT_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A listing that was kept, whole and unharmed."""

    file: NamedBytes
    heading: Heading


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of kept listings."""

    folder: Path

    def find(self, name: str) -> Kept | str:
        """What is kept under that name, or why it cannot be used."""
        if not os.path.lexists(self.folder / name):
            return "it was never fetched"
        found = FolderSource(self.folder).read(name, LIMIT_BYTES)
        if isinstance(found, Problem):
            return f"the kept one cannot be read: {found.detail.removesuffix('.')}"
        try:
            content = found.content[0 : len(found.content)]
            heading = read_heading(content)
        except ValueError as exc:
            return f"the kept one cannot be used: {exc}"
        return Kept(NamedBytes(f"{self.folder.name}/{name}", content), heading)

    def put(self, name: str, content: bytes) -> Kept:
        """Keeps a listing. Raises: ReconcileError when the disk refuses."""
        from reconcile.runs.whole_file import replacing

        try:
            with replacing(self.folder / name, is_private=True) as file:
                file.write(content)
        except OSError as exc:
            why = os.strerror(exc.errno or 0)
            raise ReconcileError(f"a listing cannot be kept in {self.folder}: {why}. Make room, or grant it.") from exc
        return Kept(NamedBytes(f"{self.folder.name}/{name}", content), read_heading(content))

    def clear(self, wanted: Collection[str], now: datetime) -> None:
        """Removes listings that nothing asks for any more and nobody fetched for long; what cannot go, stays."""
        before_s = (now - FORGOTTEN_AFTER).timestamp()
        with suppress(OSError):
            for entry in list(os.scandir(self.folder)):
                is_ours = _OURS.fullmatch(entry.name) is not None and entry.is_file(follow_symlinks=False)
                if is_ours and entry.name not in wanted and entry.stat().st_mtime < before_s:
                    Path(entry.path).unlink()


def name_of(entry: ListedInventory, config: PlatformConfig, endpoint: str | None) -> str:
    """The file of an entry: `aliyun-prod-0b1f….ndjson`. How fast an account may be called does not count."""
    listing = entry.listing
    asked: Json = {
        "spec": {name: value for name, value in config.spec.items() if name != "quota"},
        "endpoint": endpoint,
        "products": [*sorted(listing.products)],
        "tags": dict(listing.tags),
    }
    return f"{listing.platform}-{short_digest(canonical(asked))[:12]}.ndjson"
