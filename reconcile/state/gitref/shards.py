"""Which file a device lies in: ranges of names whose limits follow from the names alone.

Rule: a range begins at every name whose SHA-256 begins with a zero byte, so it holds 256 devices on average, a device
that comes or goes moves no other range, and the same devices are the same files whoever wrote them.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

Shard = tuple[str, str]
"""Platform, and the name its range begins with; the first range of a platform begins with the empty name."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


def begins_shard(name: str) -> bool:
    """True when a range begins at that name."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[0] == 0


def path_of(shard: Shard) -> str:
    """The file of a range: readable, and different from every other."""
    platform, start = shard
    return f"devices/{_slug(platform)}/{_slug(start) if start else 'first'}.jsonl"


def _slug(name: str) -> str:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{_UNSAFE.sub('-', name)[:40]}.{digest}"


class Shards:
    """The ranges there are."""

    def __init__(self, shards: Iterable[Shard] = ()) -> None:
        self._starts: dict[str, list[str]] = {}
        for platform, start in sorted(shards):
            self._starts.setdefault(platform, []).append(start)

    def all(self) -> set[Shard]:
        """Every range."""
        return {(platform, start) for platform, starts in self._starts.items() for start in starts}

    def holding(self, platform: str, name: str) -> Shard:
        """The range that a name belongs to."""
        starts = self._starts.get(platform, [])
        at = bisect_right(starts, name)
        return platform, starts[at - 1] if at else ""

    def end(self, shard: Shard) -> str | None:
        """The name at which the next range begins; None for the last."""
        platform, start = shard
        starts = self._starts.get(platform, [])
        at = bisect_right(starts, start)
        return starts[at] if at < len(starts) else None
