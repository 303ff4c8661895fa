"""What became of a set whose answer does not say: decided from the versions and values that are there now.

Premise: the code of a version conflict is documented nowhere, and an earlier copy of the same request may have landed.
Rule, per item of a set that carried the version v:

| value now              | version now | fate of the item        |
| ---------------------- | ----------- | ----------------------- |
| ours                   | v + 1       | landed                  |
| anything               | v           | untouched               |
| none, and we clear     | any         | landed (see below)      |
| anything else          | not v       | moved: somebody else's  |

A version after a clear by null is documented nowhere (emulator switch `null_version`), so a clear is judged by the
value alone; a clear of what was never set is untouched and landed alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from reconcile.model.values import ABSENT, Json, JsonObject, Missing
from reconcile.platforms.aliyun.answers import Row
from reconcile.platforms.aliyun.same import same_untyped


class Fate(Enum):
    """Of a whole set."""

    LANDED = "landed"
    UNTOUCHED = "untouched"
    MOVED = "moved"


def fate(items: JsonObject, versions: Mapping[str, int], rows: Mapping[str, Row]) -> Fate:
    """Landed or untouched when every item is; otherwise moved, also when only a part landed."""
    facts = [(value, versions[path], rows.get(path)) for path, value in items.items()]
    if all(_is_untouched(value, version, row) for value, version, row in facts):
        return Fate.UNTOUCHED
    if all(_landed(value, version, row) for value, version, row in facts):
        return Fate.LANDED
    return Fate.MOVED


def version_now(row: Row | None) -> int:
    """The version of a property; one that is not listed was never set."""
    return 0 if row is None or row.version is None else row.version


def moved(versions: Mapping[str, int], rows: Mapping[str, Row]) -> str:
    """The versions that are not as expected, for a message."""
    found = [(path, version, version_now(rows.get(path))) for path, version in sorted(versions.items())]
    return ", ".join(f"{path} is at {now}, expected {version}" for path, version, now in found if now != version)


def _is_untouched(value: Json, version: int, row: Row | None) -> bool:
    is_gone = row is None or row.value is ABSENT
    return version_now(row) == version and not (value is None and is_gone and version > 0)


def _landed(value: Json, version: int, row: Row | None) -> bool:
    if value is None:
        return row is None or row.value is ABSENT
    if row is None or isinstance(row.value, Missing):
        return False
    return version_now(row) == version + 1 and same_untyped(value, row.value)
