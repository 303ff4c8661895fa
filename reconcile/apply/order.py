"""Whether a step's turn has come: its plan was made before the steps it follows were sent.

A write that was to be answered at once may have been queued instead, when the device proved unreachable. What follows
it is then left for the run after its confirmation: that is no failure.
"""

from __future__ import annotations

from collections.abc import Collection

from reconcile.model.plan import Step
from reconcile.model.recorded import DeliveryState, RecordedDevice


def must_wait(step: Step, record: RecordedDevice, done: Collection[str], waiting: Collection[str]) -> bool:
    """Whether a later run has to send the step. `done` and `waiting` are ids of the device's steps so far.

    False as well when a step that it follows failed: then it is blocked.
    """
    missing = [name for name in step.after if name not in done]
    if missing:
        return all(name in waiting for name in missing)
    return not all(_is_confirmed(record, path) for path in step.confirmed)


def _is_confirmed(record: RecordedDevice, path: str) -> bool:
    resource = record.resources.get(path)
    return resource is not None and resource.delivery is DeliveryState.CONFIRMED
