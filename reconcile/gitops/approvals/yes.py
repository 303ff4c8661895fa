"""Somebody's yes to a digest, or why none counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Yes:
    """`who` as the source names them, `at` when, RFC 3339, where the source says it, and what they said yes to."""

    source: str
    who: tuple[str, ...]
    digest: str
    at: str | None = None

    def to_json(self) -> JsonObject:
        """For the pipeline's log."""
        return {"source": self.source, "who": list(self.who), "at": self.at, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source says: a yes, or the reasons why nothing there is one."""

    yes: Yes | None = None
    why: tuple[str, ...] = ()


def no(*why: str) -> Answer:
    """Nothing counts, because."""
    return Answer(None, why)


def several(names: Iterable[str], most: int = 5) -> str:
    """Names for a sentence."""
    listed = sorted({*names})
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
