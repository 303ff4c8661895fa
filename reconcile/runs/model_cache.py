"""Large model folders in the form that their dialect reads fastest, kept between runs.

Premise: three hundred object definitions are megabytes of XML that change rarely.
Rule: entries are keyed by form and content, so a changed file, or one condensed by another version, is read anew. Small
folders are never kept: reading them is faster than asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reconcile.model.values import Json
from reconcile.ports import CondensesModels, NamedBytes
from reconcile.runs.content_cache import content_key, read_cache, write_cache

WORTHWHILE_BYTES = 256 * 1024


class ModelCache:
    """The models of one fleet; `path` is the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def condensed(self, files: Sequence[NamedBytes], dialect: CondensesModels) -> Sequence[NamedBytes]:
        """The same files, those that the dialect condenses in their condensed form."""
        mine = [file for file in files if dialect.may_condense(file)]
        if sum(len(file.content) for file in mine) < WORTHWHILE_BYTES:
            return files
        known, kept = read_cache(self._path), dict[str, Json]()
        is_new = False
        found = {}
        for file in mine:
            key = content_key(dialect.condensed_form, file.content)
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
            write_cache(self._path, kept)
        return [found.get(file.name, file) for file in files]
