"""Recorded devices as they will stand once a saved plan was applied: what its inventory is screened by.

Premise: to apply a saved plan, the manifests are asked whether its devices are still who they were; a device that the
plan brings to the very document that is declared for it need not be compiled for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from reconcile.model.plan import Plan
from reconcile.model.recorded import HeadRow
from reconcile.runs.kept_devices import KeptDevices

if TYPE_CHECKING:
    from reconcile.runs.kept_devices import PlannedHead

Foresight: TypeAlias = Callable[[Iterator[HeadRow]], Iterator[HeadRow]]
"""What heads become; in the order of (platform, name) before and after."""


def after(plan: Plan | None) -> Foresight | None:
    """What a plan makes of the heads; None where more than that is asked about its devices when it is applied."""
    if plan is None or plan.rollouts or plan.policy is not None or plan.protected or plan.raised:
        return None
    devices = plan.devices
    return (lambda rows: _merged(rows, devices.heads())) if isinstance(devices, KeptDevices) else None


def _merged(rows: Iterator[HeadRow], planned: Iterator[PlannedHead]) -> Iterator[HeadRow]:
    row = next(rows, None)
    for platform, name, identity, digest, waits in _in_order(planned):
        while row is not None and (row[0], row[1]) < (platform, name):
            yield row
            row = next(rows, None)
        if row is not None and (row[0], row[1]) == (platform, name):
            row = next(rows, None)
        yield platform, name, identity, digest, waits
    if row is not None:
        yield row
        yield from rows


def _in_order(planned: Iterator[PlannedHead]) -> Iterator[HeadRow]:
    """Those of a plan, up to the first that stands out of order: the devices of the rest are compiled."""
    last = ("", "")
    for head in planned:
        key = (head.ref.platform, head.ref.name)
        if key <= last:
            return
        last = key
        yield *key, str(head.identity), None if head.is_released else head.settles, False
