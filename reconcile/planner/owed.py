"""Commands that are owed for a change that stands, though what they follow has changed further since.

A command may wait for hours, until all it follows is sent and confirmed. What was written meanwhile stays a reason to
run it when the manifests take back the rest; only a write that was withdrawn, or taken back, is none.
"""

from __future__ import annotations

from datetime import datetime

from reconcile.model.desired import Command
from reconcile.model.recorded import RecordedRun
from reconcile.planner.situation import Situation


def still_owed(situation: Situation, command: Command, last: RecordedRun) -> bool:
    """Whether a write that the command follows was accepted since it is owed, and still stands."""
    return last.is_owed and any(_stands(situation, path, last.at) for path in command.after)


def _stands(situation: Situation, path: str, since: datetime) -> bool:
    desired, record = situation.declared().get(path), situation.recorded_resource(path)
    if desired is None or record is None or record.accepted_at < since:
        return False
    if not situation.same(path, desired.value, record.value) or situation.delivery_of(record).is_lost:
        return False
    # A write that was withdrawn leaves what was confirmed before it was accepted.
    return record.delivery.is_open or (record.confirmed_at is not None and record.confirmed_at >= record.accepted_at)
