"""What may be sent, when, and how often, broken one rule at a time."""

import contextlib

from reconcile.apply import attempt, executor, fold, lane, verdict
from reconcile.apply.pace import Pace
from reconcile.model.errors import CallFailed
from reconcile.planner import budget, form
from reconcile.planner import verdict as judging
from reconcile.platforms.onenet.client import OneNetClient
from reconcile.ports import Accepted
from reconcile.runs import planfile, saved_plan


def cancel_without_looking(patch):
    """A cancel counts as a withdrawal whatever became of the command."""

    async def trusting(self, imei, uuid):
        with contextlib.suppress(CallFailed):
            await self.queue.cancel(imei, uuid)
        return Accepted()

    patch(OneNetClient, "_cancel", trusting)


def queue_over_the_older(patch):
    """A newer value is queued without withdrawing the older one."""
    make = form.form

    def hasty(situation, work, found):
        work.withdrawals.clear()
        return make(situation, work, found)

    patch(budget, "form", hasty)


def write_before_the_withdrawal(patch):
    """A newer value does not wait for the withdrawal of the older one to succeed."""
    make = budget.form
    patch(budget, "form", lambda *args: tuple(form.Draft(draft.action) for draft in make(*args)))


def conflicts_are_overwritten(patch):
    """A device that changed in git and outside is written without the version check having seen it."""
    three_way = judging._three_way

    def bold(situation, desired, recorded):
        found = three_way(situation, desired, recorded)
        if found.action is judging.Action.CONFLICT:
            return judging.Verdict(judging.Action.WRITE, recorded.value, "manifest")
        return found

    patch(judging, "_three_way", bold)


def no_limiter(patch):
    """Requests leave as fast as they can."""

    async def at_once(self):
        self.calls += 1

    patch(Pace, "__call__", at_once)


def attempts_without_end(patch):
    """A step that fails goes again and again."""
    patch(attempt, "_ATTEMPTS", 40)


def every_step_twice(patch):
    """A step that succeeded is sent once more."""
    send = attempt._send

    async def twice(own, close):
        with contextlib.suppress(CallFailed):
            await own.client.send(close.work.planned.identity, close.step.action, close.stamp)
        return await send(own, close)

    patch(attempt, "_send", twice)


def stale_plans_run(patch):
    """A saved plan runs whatever happened to the state since."""
    patch(saved_plan, "_has_moved", lambda *_facts, **_options: False)


def damaged_plans_run(patch):
    """The checksums of a plan file are read and never compared."""
    bodies, assemble = planfile._bodies, planfile.assemble

    def unchecked(path, end):
        yield from bodies(path, end)
        end.line = _Whatever(end.line)

    def trusting(lines, keeper=None):
        plan, _digest = assemble(lines, keeper)
        return plan, plan.digest

    patch(planfile, "_bodies", unchecked)
    patch(planfile, "assemble", trusting)


class _Whatever(bytes):
    """Is what it is held against."""

    __hash__ = bytes.__hash__

    def __eq__(self, _other):
        return True


def keys_in_the_journal(patch):
    """The evidence of an attempt holds the key it was signed with."""
    landed = attempt._Closing.landed

    async def talkative(self, state, accepted):
        from dataclasses import replace

        return await landed(self, state, replace(accepted, evidence={**accepted.evidence, "key": "emulator-secret"}))

    patch(attempt._Closing, "landed", talkative)


def no_end_to_settling(patch):
    """An attempt in doubt is asked for ever."""
    judge = lane.judge

    def undecided(*args):
        found = judge(*args)
        return verdict.Undecided(args[-2].server_now) if isinstance(found, verdict.NotLanded) else found

    patch(lane, "judge", undecided)


def digest_without_success(patch):
    """A device counts as done although a step of it failed."""
    work = executor._work

    async def hopeful(job, run, own, turn, tally, health):
        await work(job, run, own, turn, tally, health)
        from reconcile.ports import Commit

        planned, _ = turn
        for record in job.store.devices([planned.ref]):
            await run.writer.commit(Commit(devices=(fold.finish(record, planned),)))

    patch(executor, "_work", hopeful)
