"""A device that proves unreachable: its instant write is queued instead, and it is not called again in this run.

Premise: the plan names both requests, so whoever reviewed it agreed to either. Only a refusal that proves that nothing
landed lets the second go in the same run; an answer that was lost is settled first, and the next plan decides.
"""

from __future__ import annotations

from dataclasses import replace

from reconcile.model.actions import ExecuteNow, WriteNow
from reconcile.model.plan import Step


def instead(step: Step, *, has_missed: bool) -> Step:
    """The step as it is to be sent: with the request that takes its place once the device did not answer."""
    if not has_missed or step.otherwise is None:
        return step
    return replace(step, action=step.otherwise, otherwise=None)


def is_pointless(step: Step, *, has_missed: bool) -> bool:
    """True for an instant call to a device that just did not answer one, when nothing can take its place."""
    return has_missed and step.otherwise is None and isinstance(step.action, WriteNow | ExecuteNow)
