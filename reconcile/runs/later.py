"""Entries that are kept as one text, and read when somebody looks into them: most runs look into none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from reconcile.model.values import Json


class Later(Mapping[str, Json]):
    """What a JSON object holds, by its text; nothing when the text is no object."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: dict[str, Json] | None = None

    @classmethod
    def of(cls, entries: Mapping[str, Json]) -> Later:
        """The same entries as a text."""
        return cls(json.dumps(dict(entries), separators=(",", ":")))

    def __getitem__(self, key: str) -> Json:
        return self._entries()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries())

    def __len__(self) -> int:
        return len(self._entries())

    def _entries(self) -> dict[str, Json]:
        if self._read is None:
            try:
                read = json.loads(self.text)
            except (ValueError, RecursionError):  # what was kept was damaged
                read = None
            self._read = read if isinstance(read, dict) else {}
        return self._read
