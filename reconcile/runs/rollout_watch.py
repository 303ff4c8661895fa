"""A wave, watched while it is sent: when the evidence says stop, nothing more of its rollout goes.

Premise: a wave may be ten thousand devices that answer at once; its first hundred may say enough.
Rule: the rule of the gate between waves, looked at after every device. All that this run is to send counts as silent
until it ends, so what is certain is certain of the whole wave; strong evidence may be looked at as often as one likes.
What is not begun stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from reconcile.model.device import DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.plan import PlannedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.planner.rollout_gate import Evidence, must_abort
from reconcile.planner.rollout_stage import Member, Stage, evidence_of


class Watch:
    """The rollouts of one run. `desired` are declared devices, `going` what the run is to send.

    `is_whole`: no wave of the plan is kept back. `stopped` are profiles.
    """

    def __init__(
        self,
        stages: Iterable[Stage],
        going: Iterable[PlannedDevice],
        desired: Mapping[DeviceRef, DesiredDevice],
        before: Mapping[DeviceRef, RecordedDevice],
        now: datetime,
    ) -> None:
        self.stopped: set[str] = set()
        self.is_whole = True
        self._rollouts = {one.rollout.profile: one.rollout for one in stages}
        self._desired, self._now = desired, now
        self._total = {one.rollout.profile: replace(sum(one.evidence, Evidence()), unsent=0) for one in stages}
        self._each: dict[DeviceRef, Evidence] = {}
        for planned in going:
            if planned.rollout is None or planned.ref not in desired:
                continue
            profile = planned.rollout.profile
            counted = self._seen(planned, before.get(planned.ref))
            self._each[planned.ref] = counted or Evidence(silent=1)
            if counted is None:
                self._total[profile] += Evidence(silent=1)

    def may_begin(self, planned: PlannedDevice) -> bool:
        """Whether the device may still be sent its change."""
        return planned.rollout is None or planned.rollout.profile not in self.stopped

    def ended(self, planned: PlannedDevice, record: RecordedDevice) -> None:
        """Takes note of what became of a device in this run."""
        known, found = self._each.get(planned.ref), self._seen(planned, record)
        if planned.rollout is None or known is None or found is None:
            return
        profile = planned.rollout.profile
        self._each[planned.ref] = found
        self._total[profile] += found - known
        if must_abort(self._rollouts[profile], self._total[profile]):
            self.stopped.add(profile)

    def _seen(self, planned: PlannedDevice, record: RecordedDevice | None) -> Evidence | None:
        """What the record says of the device's part in its rollout; None where it has none."""
        if record is None or planned.rollout is None:
            return None
        member = Member(self._desired[planned.ref], record)
        mark = member.mark(self._now)
        return None if mark is None else evidence_of(self._rollouts[planned.rollout.profile], member, mark, self._now)
