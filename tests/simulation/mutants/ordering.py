"""Instant commands and what waits for them, broken one rule at a time."""

from reconcile.apply import lane, verdict
from reconcile.planner import budget, form


def instant_execute_goes_again(patch):
    """An instant Execute whose answer was lost counts as never landed."""
    judge = lane.judge

    def hopeful(action, *facts):
        return verdict.NotLanded() if action.kind == "execute_now" else judge(action, *facts)

    patch(lane, "judge", hopeful)


def writes_before_the_command(patch):
    """What is to be written only when a command ran does not wait for it."""
    make = budget.form

    def hasty(*facts):
        return tuple(form.Draft(one.action) if one.action.kind == "write_now" else one for one in make(*facts))

    patch(budget, "form", hasty)
