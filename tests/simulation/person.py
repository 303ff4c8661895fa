"""What a person does: looks at a device and says what is seen, asks how far all got, lets a rollout go on."""

from reconcile.runs import status
from reconcile.runs.recorded import Deed
from reconcile.runs.recorded_settle import for_operator, settle_by_hand
from reconcile.runs.rollout_clear import clear_abort

from .waves import PROFILE


async def settle(site, session):
    """Says of each whether it ran; when all processes are over, and no copy is on its way any more."""
    for one in for_operator(session):
        text = one.attempt.step["request"]["args"]
        has_run = any(ran["args"] == text for ran in site.executions("listener"))
        settle_by_hand(session, one, Deed("person", "looked at the device"), has_run=has_run)
        if not has_run:
            site.checks.calls.forgive(text)


async def ask(session):
    """`status --refresh`."""
    await status.refresh(session, status.Asking("person"))


async def let_go_on(site, session):
    """`state rollout --clear`: of a rollout that was aborted; git asks again for what was taken back."""
    clear_abort(session, PROFILE, Deed("person", "looked at the devices"))
    site.checks.spread.goes_on(site.schedule.devices)
