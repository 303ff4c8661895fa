"""Large model folders in the form that their dialect reads fastest, kept between runs.

Premise: three hundred object definitions are megabytes of XML that change rarely.
Rule: entries are keyed by form and content, so a changed file, or one condensed by another version, is read anew; one
file a fleet, replaced as a whole; a cache that cannot be read or written is none. It may be deleted at any time. Small
folders are never cached: reading them is faster than asking.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from reconcile.ports import CondensesModels, NamedBytes

WORTHWHILE_BYTES = 256 * 1024
_LARGEST_BYTES = 64 * 1024 * 1024


class ModelCache:
    """The cache of one fleet; `path` is its file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def beside(cls, folder: Path, environ: Mapping[str, str]) -> ModelCache | None:
        """The cache for a manifest folder, in the user's cache folder; None where there is no such folder."""
        root = environ.get("XDG_CACHE_HOME") or (environ.get("HOME") and str(Path(environ["HOME"]) / ".cache"))
        if not root:
            return None
        name = hashlib.blake2b(os.fsencode(folder.absolute()), digest_size=16).hexdigest()
        return cls(Path(root) / "reconcile" / f"models-{name}.json")

    def condensed(self, files: Sequence[NamedBytes], dialect: CondensesModels) -> Sequence[NamedBytes]:
        """The same files, those that the dialect condenses in their condensed form."""
        mine = [file for file in files if dialect.may_condense(file)]
        if sum(len(file.content) for file in mine) < WORTHWHILE_BYTES:
            return files
        known, kept = self._read(), dict[str, str]()
        is_new = False
        found = {}
        for file in mine:
            key = f"{dialect.condensed_form} {hashlib.blake2b(file.content, digest_size=32).hexdigest()}"
            text = known.get(key)
            if not isinstance(text, str):
                content = dialect.condense(file)
                if content is None:
                    continue
                text, is_new = content.decode("utf-8", "surrogatepass"), True
            kept[key] = text
            content = text.encode("utf-8", "surrogatepass")
            found[file.name] = NamedBytes(file.name, content, is_condensed=True)
        if is_new or len(kept) < len(known):
            self._write(kept)
        return [found.get(file.name, file) for file in files]

    def _read(self) -> dict[str, str]:
        try:
            if self._path.stat().st_size > _LARGEST_BYTES:
                return {}
            content = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    def _write(self, entries: dict[str, str]) -> None:
        """Atomically, or not at all: a cache that cannot be written is none."""
        text = json.dumps(entries, separators=(",", ":"))
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self._path.parent, delete=False, encoding="utf-8") as file:
                file.write(text)
            Path(file.name).replace(self._path)
