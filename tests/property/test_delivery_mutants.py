"""A harness proves something only if its mutants die: the program broken on purpose, one rule at a time.

Each mutant breaks what a document calls necessary; the same histories that the program survives must catch it. The
histories are those of `proving.dice`: the moves and checks of the state machine, thrown by seed, with the fleet, the
moves and the accidents that concern the rule that is broken.
"""

import contextlib
import sys
from dataclasses import replace

import pytest
from proving.dice import copies, deaths, play
from proving.past import Rules

from reconcile.apply import attempt, deadlines, fold, recover, verdict
from reconcile.apply.writer import Writer, merged
from reconcile.model.desired import OnRemoval
from reconcile.model.errors import CallFailed, Conflict, InDoubt, Refused
from reconcile.model.recorded import DeliveryState
from reconcile.planner import delta, form
from reconcile.planner import verdict as judging
from reconcile.planner.situation import Situation
from reconcile.platforms.aliyun.client import AliyunClient
from reconcile.platforms.onenet import dialect
from reconcile.platforms.onenet.client import OneNetClient
from reconcile.platforms.onenet.wire import requests
from reconcile.ports import Accepted

pytestmark = pytest.mark.timeout(600)

BUDGET = 60
"""Histories, each some 30 ms: the most a mutant may live."""

SLEEPER, LAMP = (("sleeper",),), (("lamp",),)
CHANGES = ("edit", "edit", "apply", "apply", "apply", "wait", "wake")
ANY = {}
BUSY = {"fleets": SLEEPER, "moves": (*("edit",) * 3, *("apply",) * 3, "order", "wait", "wake", "radio", "race")}
DYING = {"fleets": SLEEPER, "moves": ("edit", "edit", "order", "apply", "apply"), "befalls": deaths}
COPIED = {"fleets": SLEEPER, "moves": ("edit", "order", "apply", "apply", "wait"), "befalls": copies}
SHARED = {"fleets": LAMP, "moves": ("edit", "edit", "apply", "apply", "apply", "intrude", "race")}
UNHARMED = {"befalls": lambda _dice, _name: {}}
LATE = {"fleets": SLEEPER, "moves": ("edit", "edit", "stale"), **UNHARMED}
ON_AIR = {
    "fleets": SLEEPER,
    "moves": ("edit", "apply", "wait", "radio"),
    "switches": {"between_retries": "sent"},
    **UNHARMED,
}
ORDERED = {"fleets": SLEEPER, "moves": CHANGES, "rules": Rules(is_ordered=True)}
LEAVING = {"fleets": SLEEPER, "moves": (*CHANGES, "edit", "edit"), "rules": Rules(removes=True)}
RENEWED = {"fleets": SLEEPER, "moves": ("edit", "apply", "apply", "wake", "anew"), "rules": Rules(may_be_replaced=True)}


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

    set_payload = wire.set_payload
    patch.setattr(wire, "set_payload", lambda items, _versions: set_payload(items, ()))


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


def _waiting(delivery):
    return DeliveryState.QUEUED if delivery is DeliveryState.SENT else delivery


def what_is_on_the_air_is_flushed(patch):
    """A command that was sent is withdrawn like one that waits."""
    delivery_of = Situation.delivery_of
    patch.setattr(delta, "awaited", lambda _situation, _desired, verdict: verdict)
    patch.setattr(delta, "is_on_air", lambda _situation, _record: False)
    patch.setattr(Situation, "delivery_of", lambda self, record: _waiting(delivery_of(self, record)))


def order_is_forgotten(patch):
    """What follows a resource is queued with it."""
    from reconcile.planner import alike

    patch.setattr(alike, "keep_order", lambda _situation, _work: None)


def stale_plans_are_applied(patch):
    """A saved plan is carried out though what is recorded has moved since."""
    from reconcile.runs import saved_plan

    patch.setattr(saved_plan, "_has_moved", lambda *_facts, **_options: False)


def removal_rules_are_forgotten(patch):
    """What leaves the manifests is forgotten where it should be set once more."""
    release = delta._release

    def careless(situation, work, record):
        release(situation, work, replace(record, on_removal=OnRemoval()))

    patch.setattr(delta, "_release", careless)


def registrations_are_not_noticed(patch):
    """A device that was registered anew counts as the one it was."""
    from reconcile.apply import follow
    from reconcile.runs import plan

    def blind(record, _registered, _now):
        return replace(record, registered=_registered or record.registered)

    for module in (follow, plan, fold):
        patch.setattr(module, "noticed", blind)


MUTANTS = {
    blind_resend_of_execute: COPIED,
    set_without_versions: SHARED,
    set_over_any_version: SHARED,
    doubt_taken_for_success: COPIED,
    refusal_taken_for_success: ANY,
    execute_with_retries: ANY,
    cancel_without_looking: BUSY,
    queue_over_the_older: BUSY,
    write_before_the_withdrawal: BUSY,
    no_wait_for_valid_time: COPIED,
    no_valid_time: ANY,
    journal_after_the_request: DYING,
    lost_taken_for_delivered: BUSY,
    recovery_forgets: DYING,
    commands_are_not_owed: DYING,
    equal_expiries: BUSY,
    conflicts_are_overwritten: SHARED,
    what_is_on_the_air_is_flushed: ON_AIR,
    order_is_forgotten: ORDERED,
    stale_plans_are_applied: LATE,
    removal_rules_are_forgotten: LEAVING,
    registrations_are_not_noticed: RENEWED,
}
FOCUSES = {
    "any": ANY, "busy": BUSY, "dying": DYING, "copied": COPIED, "shared": SHARED,
    "late": LATE, "on_air": ON_AIR, "ordered": ORDERED, "leaving": LEAVING, "renewed": RENEWED,
}  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_mutant_is_caught(mutant, monkeypatch):
    mutant(monkeypatch)
    for seed in range(BUDGET):
        try:
            play(seed, **MUTANTS[mutant])
        except AssertionError as exc:
            sys.stdout.write(f"caught by history {seed}: {str(exc)[:200]}\n")
            return
    pytest.fail(f"{mutant.__name__} survived {BUDGET} histories")


@pytest.mark.parametrize("focus", FOCUSES)
def test_the_same_histories_find_nothing_in_the_program(focus):
    for seed in range(BUDGET):
        play(seed, **FOCUSES[focus])
