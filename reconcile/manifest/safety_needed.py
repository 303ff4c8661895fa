"""Which lines of `allow:` something declared can need: the others are left over, or misspelt, and a plan says so.

Premise: a line outlives the plan that needed it until its last day, so a plan that does not need it says nothing.
Rule: a line can be needed when a device it covers declares a protected resource or command that it names, a write that
replaces, or when the limit that it raises is set below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconcile.model.desired import DesiredDocument, Ownership, WriteMode
from reconcile.model.device import Device
from reconcile.model.fleet import DesiredDevice, Limits, Safety
from reconcile.model.protection import REPLACE, RESOURCE, Allowance
from reconcile.ports import Dialect, KnowsDangers

_WRITTEN = (Ownership.ENFORCE, Ownership.SEED)


def mark_declared(safety: Safety, devices: Iterable[DesiredDevice], dialects: Mapping[str, Dialect]) -> Safety:
    """The same with `is_declared` set on each line that can be needed. Dialects by platform name."""
    if not safety.allowances and not any(limits.allowances for limits in safety.profiles):
        return safety
    open_lines = {i: line for i, line in enumerate(safety.allowances) if line.kind in (RESOURCE, REPLACE)}
    needed: set[int] = set()
    named: dict[int, list[int]] = {}
    for desired in devices:
        if not open_lines:
            break
        key = id(desired.document)
        if key not in named:
            named[key] = [i for i, line in open_lines.items() if _names(line, desired.document)]
        for i in named[key]:
            if i in open_lines and _can_need(open_lines[i], desired, safety, dialects[desired.device.ref.platform]):
                needed.add(i)
                del open_lines[i]
    lines = tuple(
        replace(line, is_declared=i in needed or _raises(line, _limits_of(safety)))
        for i, line in enumerate(safety.allowances)
    )
    profiles = tuple(
        replace(
            one, allowances=tuple(replace(line, is_declared=_raises(line, _limits_of(one))) for line in one.allowances)
        )
        for one in safety.profiles
    )
    return replace(safety, allowances=lines, profiles=profiles)


def _paths(document: DesiredDocument) -> list[str]:
    written = [resource.path for resource in document.resources if resource.ownership in _WRITTEN]
    return [*written, *(command.execute for command in document.commands)]


def _names(line: Allowance, document: DesiredDocument) -> bool:
    if line.kind == REPLACE:
        is_replacing = document.delivery.write_mode is WriteMode.REPLACE
        return is_replacing and any(line.pattern.matches(path.rpartition("/")[0]) for path in _paths(document))
    return any(map(line.pattern.matches, _paths(document)))


def _can_need(line: Allowance, desired: DesiredDevice, safety: Safety, dialect: Dialect) -> bool:
    if not line.covers(desired.device):
        return False
    if line.kind == REPLACE:
        return True
    paths = [path for path in _paths(desired.document) if line.pattern.matches(path)]
    return any(_is_protected(path, desired.device, safety, dialect) for path in paths)


def _is_protected(path: str, device: Device, safety: Safety, dialect: Dialect) -> bool:
    if any(one.pattern.matches(path) and one.covers(device) for one in safety.protected):
        return True
    return isinstance(dialect, KnowsDangers) and dialect.danger(dialect.model_key(device.identity), path) is not None


def _limits_of(limits: Safety | Limits) -> Mapping[str, float | None]:
    return {
        "maxChangedDevices": limits.max_changed_devices,
        "maxChangedPercent": limits.max_changed_percent,
        "maxInventoryShrinkPercent": limits.max_inventory_shrink_percent if isinstance(limits, Safety) else None,
    }


def _raises(line: Allowance, limits: Mapping[str, float | None]) -> bool:
    limit = limits.get(line.kind)
    return limit is not None and line.up_to > limit
