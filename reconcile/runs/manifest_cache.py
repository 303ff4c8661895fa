"""Manifest files as they were read, kept between runs, so that a change to one of a thousand reads one.

Keyed by content, the form it is kept in, the program's version and its schemas: whatever could read a file otherwise
is another key. Small folders are never kept: reading them is faster than asking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from reconcile import __version__
from reconcile.manifest.kept import FORM
from reconcile.model.values import Json
from reconcile.ports import NamedBytes
from reconcile.runs.content_cache import content_key, read_cache, write_cache

WORTHWHILE_FILES = 50
_MOST_BYTES = 16 << 20
"""More is not kept: reading what was kept of it takes as long as reading it, and more memory."""


class KnownFiles:
    """Manifest files in a form, by their content; `used` are those that a run asked for, or read."""

    def __init__(self, form: str, known: Mapping[str, Json]) -> None:
        self._form, self._known = f"{FORM} {form}", known
        self.used: dict[str, Json] = {}

    def get(self, content: bytes) -> Json:
        """What was kept of a file of this content; None when it is not known."""
        key = content_key(self._form, content)
        body = self._known.get(key)
        if body is not None:
            self.used[key] = body
        return body

    def keep(self, content: bytes, body: Json) -> None:
        """Keeps it for a later run."""
        self.used[content_key(self._form, content)] = body

    def used_of(self, contents: Iterable[bytes]) -> dict[str, Json]:
        """Of what was asked for or read, these files alone."""
        keys = (content_key(self._form, content) for content in contents)
        return {key: self.used[key] for key in keys if key in self.used}


class ManifestCache(KnownFiles):
    """The manifest files of one run: known from earlier ones, or to be known by later ones."""

    def __init__(self, path: Path, schemas: Mapping[str, bytes]) -> None:
        content = hashlib.blake2b(digest_size=16)
        for name, schema in sorted(schemas.items()):
            content.update(f"{name} {len(schema)}\n".encode() + schema)
        super().__init__(f"{__version__} {content.hexdigest()}", read_cache(path))
        self._path = path

    @classmethod
    def worthwhile(
        cls, path: Path | None, files: Sequence[NamedBytes], schemas: Mapping[str, bytes]
    ) -> ManifestCache | None:
        """The cache of a folder's files; None when they are few or very large, or there is no place to keep them in."""
        is_worth_it = len(files) >= WORTHWHILE_FILES and sum(len(file.content) for file in files) <= _MOST_BYTES
        return cls(path, schemas) if path is not None and is_worth_it else None

    def close(self) -> None:
        """Writes what this run used, when it is not what was there."""
        if self.used.keys() != self._known.keys():
            write_cache(self._path, self.used)
