"""A harness proves something only if its mutants die: the program broken on purpose, one rule at a time.

Each mutant breaks what a document calls necessary; the same histories that the program survives must catch it. The
histories are those of `proving.dice`: the moves, accidents and checks of the state machine, thrown by seed.
"""

import contextlib
import sys

import pytest
from proving.dice import play

from reconcile.apply import attempt, deadlines, fold, recover, verdict
from reconcile.apply.writer import Writer, merged
from reconcile.model.errors import CallFailed, Conflict, InDoubt, Refused
from reconcile.model.recorded import DeliveryState
from reconcile.planner import form
from reconcile.planner import verdict as judging
from reconcile.platforms.aliyun.client import AliyunClient
from reconcile.platforms.onenet import dialect
from reconcile.platforms.onenet.client import OneNetClient
from reconcile.platforms.onenet.wire import requests
from reconcile.ports import Accepted

pytestmark = pytest.mark.timeout(600)

BUDGET = 400
"""Histories, each some 30 ms: the most a mutant may live."""


def blind_resend_of_execute(patch):
    """An Execute in doubt goes again at once, without asking whether it landed."""
    settle = attempt.settle

    async def careless(lane, doubt, emit, stop):
        if doubt.action.kind == "queue_execute":
            return verdict.NotLanded()
        return await settle(lane, doubt, emit, stop)

    patch.setattr(attempt, "settle", careless)


def set_without_versions(patch):
    """Desired values are set without the versions they were planned from."""
    from reconcile.platforms.aliyun import wire

    set_desired = wire.set_desired
    patch.setattr(wire, "set_desired", lambda identity, items, versions: set_desired(identity, items, ()))


def set_over_any_version(patch):
    """A conflict is answered by setting again over whatever version is there."""
    send = AliyunClient.send

    async def forced(self, identity, action, stamp):
        try:
            return await send(self, identity, action, stamp)
        except Conflict:
            higher = tuple((path, version + 1) for path, version in action.versions)
            return await send(self, identity, type(action)(action.items, higher), stamp)

    patch.setattr(AliyunClient, "send", forced)


def failure_taken_for_success(patch, failure):
    send = OneNetClient.send

    async def hopeful(self, identity, action, stamp):
        try:
            return await send(self, identity, action, stamp)
        except failure:
            return Accepted(is_confirmed=action.kind == "write_now")

    patch.setattr(OneNetClient, "send", hopeful)


def doubt_taken_for_success(patch):
    """A 5xx, a lost or an unreadable answer counts as done."""
    failure_taken_for_success(patch, InDoubt)


def refusal_taken_for_success(patch):
    """What the cloud refused counts as done."""
    failure_taken_for_success(patch, Refused)


def execute_with_retries(patch):
    """A queued Execute is left with the platform's default of three retries."""
    queueing = dialect._queueing
    patch.setattr(dialect, "_queueing", lambda delivery, retry: queueing(delivery, retry or 3))


def cancel_without_looking(patch):
    """A cancel counts as a withdrawal whatever became of the command."""

    async def trusting(self, imei, uuid):
        with contextlib.suppress(CallFailed):
            await self.queue.cancel(imei, uuid)
        return Accepted()

    patch.setattr(OneNetClient, "_cancel", trusting)


def queue_over_the_older(patch):
    """A newer value is queued without withdrawing the older one."""
    make = form.form

    def hasty(situation, work, dialect):
        work.withdrawals.clear()
        return make(situation, work, dialect)

    from reconcile.planner import budget

    patch.setattr(budget, "form", hasty)


def write_before_the_withdrawal(patch):
    """A newer value does not wait for the withdrawal of the older one to succeed."""
    from reconcile.planner import budget

    make = budget.form
    patch.setattr(
        budget,
        "form",
        lambda *args: tuple(form.Draft(draft.action) for draft in make(*args)),
    )


def no_wait_for_valid_time(patch):
    """A queued command that is not listed yet counts as never landed, though a late copy may still land."""
    queued = verdict._queued
    patch.setattr(
        verdict,
        "_queued",
        lambda kind, not_after, marker, seen: (
            verdict.NotLanded()
            if isinstance(found := queued(kind, not_after, marker, seen), verdict.Undecided) and found.until
            else found
        ),
    )


def no_valid_time(patch):
    """Queued commands carry no time after which the platform refuses a late copy."""
    validity = requests._validity
    patch.setattr(requests, "_validity", lambda valid_from, expires_at: validity(None, expires_at))


def journal_after_the_request(patch):
    """What is begun becomes durable together with its outcome."""
    commit, kept = Writer.commit, []

    async def careless(self, begun_or_ended):
        if begun_or_ended.opened:
            kept.append(begun_or_ended)
        else:
            await commit(self, merged([*kept, begun_or_ended]))
            kept.clear()

    patch.setattr(Writer, "commit", careless)


def lost_taken_for_delivered(patch):
    """A command that expired, failed or was cancelled counts as delivered."""
    patch.setattr(DeliveryState, "is_lost", property(lambda _state: False))


def recovery_forgets(patch):
    """What a dead run left open is not settled before something new is sent."""
    from reconcile.runs import lanes

    async def careless(_job):
        return 0

    patch.setattr(lanes, "recover", careless)
    assert recover.recover is not careless


def commands_are_not_owed(patch):
    """A death between a write and the command that follows it loses the command."""
    patch.setattr(fold, "owe_runs", lambda record, _left, _now: record)


def equal_expiries(patch):
    """Two commands of one device may carry the same expiry, by which each of them is known again."""
    stamp = deadlines.stamp
    patch.setattr(
        attempt, "stamp_of", lambda action, now, timeout_s, _taken: stamp(action, now, timeout_s, frozenset())
    )


def conflicts_are_overwritten(patch):
    """A device that changed in git and outside is written without the version check having seen it."""
    three_way = judging._three_way

    def bold(situation, desired, recorded):
        found = three_way(situation, desired, recorded)
        if found.action is judging.Action.CONFLICT:
            return judging.Verdict(judging.Action.WRITE, recorded.value, "manifest")
        return found

    patch.setattr(judging, "_three_way", bold)


MUTANTS = (
    blind_resend_of_execute,
    set_without_versions,
    set_over_any_version,
    doubt_taken_for_success,
    refusal_taken_for_success,
    execute_with_retries,
    cancel_without_looking,
    queue_over_the_older,
    write_before_the_withdrawal,
    no_wait_for_valid_time,
    no_valid_time,
    journal_after_the_request,
    lost_taken_for_delivered,
    recovery_forgets,
    commands_are_not_owed,
    equal_expiries,
    conflicts_are_overwritten,
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_mutant_is_caught(mutant, monkeypatch):
    mutant(monkeypatch)
    for seed in range(BUDGET):
        try:
            play(seed)
        except AssertionError as exc:
            sys.stdout.write(f"caught by history {seed}: {str(exc)[:200]}\n")
            return
    pytest.fail(f"{mutant.__name__} survived {BUDGET} histories")


@pytest.mark.parametrize("shard", range(4))
def test_the_same_histories_find_nothing_in_the_program(shard):
    for seed in range(shard, BUDGET, 4):
        play(seed)
