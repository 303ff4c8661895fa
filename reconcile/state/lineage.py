"""The identity of a state, and where its journal's chain begins."""

from __future__ import annotations

import hashlib

NO_LINEAGE = "none"
"""The lineage of the empty view of a state that does not exist yet."""


def first_hash(lineage: str) -> bytes:
    """What the first journal entry is chained to: a journal moved to another state does not hold there."""
    return hashlib.sha256(lineage.encode()).digest()
