"""Which rules have a word about a device, or about one resource or command of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from reconcile.model.device import Device
from reconcile.model.policy import Rule, Subject
from reconcile.planner.policy.reach import Reach


def speaking(
    rules: Sequence[Rule], reach: Reach, device: Device, paths: Collection[str], executes: Collection[str]
) -> Iterator[Rule]:
    """The rules about the device that concern one of its `paths`, one of the commands it `executes`, or itself."""
    for rule in rules:
        if reach.covers(rule, device) and _concerns(rule, device, paths, executes):
            yield rule


def _concerns(rule: Rule, device: Device, paths: Collection[str], executes: Collection[str]) -> bool:
    match rule.subject:
        case Subject.PRODUCTS:
            return device.identity.get("imei") is None
        case Subject.IMEI_PREFIXES:
            return device.identity.get("imei") is not None
        case Subject.RESOURCES:
            return bool(paths)
        case Subject.COMMANDS:
            return bool(executes)
        case Subject.BOUNDS:
            return rule.bounds is not None and any(map(rule.bounds.pattern.matches, paths))
        case Subject.COMBINATION:
            return any(condition.pattern.matches(path) for condition in rule.combination for path in paths)
        case Subject.WINDOWS:
            return True
        case Subject.OWNERS:
            return False
