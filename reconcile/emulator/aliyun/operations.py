"""The table of all actions that are served."""

from __future__ import annotations

from reconcile.emulator.aliyun import desired, devices, direct, groups, models, products, reported, status, tags
from reconcile.emulator.aliyun.operation import Operation

_ROOMS = (desired, reported, status, devices, models, tags, groups, products, direct)

OPERATIONS: dict[str, Operation] = {one.action: one for room in _ROOMS for one in room.OPERATIONS}
"""Every action by the vendor's name."""
