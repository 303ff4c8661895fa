"""Records what an import found in place, so that the first plan is empty also where devices sleep."""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.model.late import dataclass
from reconcile.model.recorded import RecordedDevice
from reconcile.ports import Commit
from reconcile.runs.lanes import leases
from reconcile.runs.plan import plan_now
from reconcile.runs.request import Refresh, Request
from reconcile.runs.session import Options, Session

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many devices were recorded, how many were on record already, and how many a plan would still change."""

    devices: int
    known: int
    left: int


def record(options: Options, records: Sequence[RecordedDevice], owner: str) -> Recorded:
    """Records devices that the state does not know yet, then plans from it. Raises: StateError, LeaseHeld."""
    with Session.open(options, creates_state=True) as session:
        known = {head.ref for head in session.store.heads()}
        new = [one for one in records if one.ref not in known]
        with leases(session, owner) as fences:
            for start in range(0, len(new), _BATCH):
                session.store.commit(Commit(devices=new[start : start + _BATCH]), fences=fences.by_lane)
        plan = plan_now(session, Request(Refresh.NONE)).plan
        return Recorded(len(new), len(records) - len(new), len(plan.devices))
