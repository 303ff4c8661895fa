"""What is left of a plan when device models are wrong: the devices that have them are told as unknown."""

from __future__ import annotations

from dataclasses import replace

from reconcile.model.plan import Notice, Plan
from reconcile.runs.session import Session


def with_doubtful(session: Session, plan: Plan) -> Plan:
    """The plan with the devices that it leaves out because of their models; such a plan is only looked at."""
    notices = [Notice(ref, reason) for ref, reason in sorted(session.fleet.doubtful.items())]
    if not notices:
        return plan
    summary = plan.summary
    summary = replace(summary, devices=summary.devices + len(notices), unknown=summary.unknown + len(notices))
    return replace(plan, unknown=(*notices, *plan.unknown), summary=summary)
