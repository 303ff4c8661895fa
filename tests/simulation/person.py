"""What a person does about attempts that only a person can settle: looks at the device, and says what is seen."""

from reconcile.runs.recorded import Deed
from reconcile.runs.recorded_settle import for_operator, settle_by_hand


async def settle(site, session):
    """Says of each whether it ran; when all processes are over, and no copy is on its way any more."""
    for one in for_operator(session):
        text = one.attempt.step["request"]["args"]
        has_run = any(ran["args"] == text for ran in site.executions("listener"))
        settle_by_hand(session, one, Deed("person", "looked at the device"), has_run=has_run)
        if not has_run:
            site.checks.calls.forgive(text)
