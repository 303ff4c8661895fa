"""Why the devices of a class are written to now or by their queue, counted: `reach.py` says it of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconcile.model.actions import Action, QueueExecute
from reconcile.model.energy import reaches_device
from reconcile.planner.reach import Choice

_BUT_RUNS = "; commands are queued"
"""An instant Execute cannot be recovered, so `mode: now` alone asks for one."""


def by_class(devices: Iterable[tuple[str, Choice | None, Sequence[Action]]]) -> dict[str, dict[str, int]]:
    """For each class, how many devices each sentence is about: of those that are sent something to take."""
    found: dict[str, dict[str, int]] = {}
    for class_id, choice, actions in devices:
        if choice is None or not any(map(reaches_device, actions)):
            continue
        has_queued_run = choice.is_now and any(isinstance(action, QueueExecute) for action in actions)
        why = choice.why + (_BUT_RUNS if has_queued_run else "")
        counted = found.setdefault(class_id, {})
        counted[why] = counted.get(why, 0) + 1
    return {class_id: dict(sorted(counted.items(), key=_most_first)) for class_id, counted in found.items()}


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
