"""Change classes: devices with the same set of changes, so that a person reviews four lines and not eight thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.plan import Change, ChangeClass
from reconcile.model.values import canonical

_SAMPLES = 3


@dataclass(slots=True)
class _Growing:
    changes: tuple[Change, ...]
    devices: list[DeviceRef] = field(default_factory=list)


def classify(changes_of: Sequence[tuple[DeviceRef, Sequence[Change]]]) -> tuple[list[ChangeClass], list[str]]:
    """Classes, the largest first, and the class id of each input in the order given; no changes means no class ("")."""
    growing: dict[bytes, _Growing] = {}
    keys: list[bytes | None] = []
    known: dict[tuple[str, int], bytes] = {}  # the very changes that devices share (`alike.py`) are spelled once
    for ref, changes in changes_of:
        if not changes:
            keys.append(None)
            continue
        which = ref.platform, id(changes)
        key = known.get(which)
        if key is None:
            key = known[which] = canonical([ref.platform, [change.to_json() for change in changes]])
        keys.append(key)
        growing.setdefault(key, _Growing(tuple(changes))).devices.append(ref)
    ordered = sorted(growing.items(), key=lambda item: (-len(item[1].devices), item[0]))
    ids = {key: f"c{number}" for number, (key, _) in enumerate(ordered, start=1)}
    classes = [
        ChangeClass(ids[key], len(group.devices), tuple(group.devices[:_SAMPLES]), group.changes)
        for key, group in ordered
    ]
    return classes, ["" if key is None else ids[key] for key in keys]
