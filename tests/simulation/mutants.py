"""The program broken on purpose, one rule at a time: what the simulation must catch to prove anything.

Each mutant is a function that takes `patch(place, name, stand_in)`; its docstring says which rule it breaks.
"""

import asyncio
import contextlib

from reconcile.apply import attempt, deadlines, executor, fold, lane, recover, verdict
from reconcile.apply.pace import Pace
from reconcile.apply.writer import Writer, merged
from reconcile.model.errors import CallFailed, Conflict, InDoubt, Refused
from reconcile.model.recorded import DeliveryState
from reconcile.planner import budget, form
from reconcile.planner import verdict as judging
from reconcile.platforms.aliyun import wire as aliyun_wire
from reconcile.platforms.aliyun.client import AliyunClient
from reconcile.platforms.onenet import dialect
from reconcile.platforms.onenet.client import OneNetClient
from reconcile.platforms.onenet.clock import ServerClock
from reconcile.platforms.onenet.transport import Transport
from reconcile.platforms.onenet.wire import requests
from reconcile.ports import Accepted
from reconcile.runs import lanes, planfile, saved_plan, wiring
from reconcile.runs.throttling import Throttling
from reconcile.state import journal, lease

# What a lost or failed answer means.


def blind_resend_of_execute(patch):
    """An Execute in doubt goes again at once, without asking whether it landed."""
    settle = attempt.settle

    async def careless(own, doubt, emit, stop):
        return verdict.NotLanded() if doubt.action.kind == "queue_execute" else await settle(own, doubt, emit, stop)

    patch(attempt, "settle", careless)


def _taken_for_success(patch, client, failure):
    send = client.send

    async def hopeful(self, identity, action, stamp):
        try:
            return await send(self, identity, action, stamp)
        except failure:
            versions = {path: version + 1 for path, version in getattr(action, "versions", ())}
            return Accepted(versions=versions, is_confirmed=action.kind == "write_now")

    patch(client, "send", hopeful)


def doubt_taken_for_success(patch):
    """OneNET: a 5xx, a lost or an unreadable answer counts as done."""
    _taken_for_success(patch, OneNetClient, InDoubt)


def doubt_taken_for_success_at_aliyun(patch):
    """Aliyun: a 5xx, a lost or an unreadable answer counts as done."""
    _taken_for_success(patch, AliyunClient, InDoubt)


def refusal_taken_for_success(patch):
    """What the cloud refused counts as done."""
    _taken_for_success(patch, OneNetClient, Refused)


def doubt_taken_for_failure(patch):
    """An answer that was lost counts as proof that nothing happened, and the next attempt goes out."""

    async def careless(_lane, _doubt, _emit, _stop):
        return verdict.NotLanded()

    patch(attempt, "settle", careless)


def second_try_in_the_transport(patch):
    """The transport sends a request again when its answer is lost, as HTTP libraries do."""
    exchange = Transport._exchange

    async def stubborn(self, side, request, headers, patience):
        try:
            return await exchange(self, side, request, headers, patience)
        except InDoubt:
            return await exchange(self, side, request, headers, patience)

    patch(Transport, "_exchange", stubborn)


# Deadlines and preconditions.


def set_without_versions(patch):
    """Desired values are set without the versions they were planned from."""
    set_desired = aliyun_wire.set_desired
    patch(aliyun_wire, "set_desired", lambda identity, items, _versions: set_desired(identity, items, ()))


def set_over_any_version(patch):
    """A conflict is answered by setting again over whatever version is there."""
    send = AliyunClient.send

    async def forced(self, identity, action, stamp):
        try:
            return await send(self, identity, action, stamp)
        except Conflict:
            higher = tuple((path, version + 1) for path, version in action.versions)
            return await send(self, identity, type(action)(action.items, higher), stamp)

    patch(AliyunClient, "send", forced)


def no_valid_time(patch):
    """Queued commands carry no time after which the platform refuses a late copy."""
    validity = requests._validity
    patch(requests, "_validity", lambda _valid_from, expires_at: validity(None, expires_at))


def no_wait_for_valid_time(patch):
    """A queued command that is not listed yet counts as never landed, though a late copy may still land."""
    queued = verdict._queued

    def hasty(kind, not_after, marker, seen):
        found = queued(kind, not_after, marker, seen)
        return verdict.NotLanded() if isinstance(found, verdict.Undecided) and found.until else found

    patch(verdict, "_queued", hasty)


def no_et(patch):
    """An instant request is signed with a token that outlives it by an hour."""
    from datetime import timedelta

    patch(Transport, "_token_expiry", lambda self, _patience: self.clock.now() + timedelta(hours=1))


def no_wait_for_et(patch):
    """An instant write in doubt counts as never landed before its token has expired."""
    write_now = verdict._write_now

    def hasty(action, not_after, seen, same):
        found = write_now(action, not_after, seen, same)
        return verdict.NotLanded(is_partial=True) if isinstance(found, verdict.Undecided) else found

    patch(verdict, "_write_now", hasty)


def own_clock_for_deadlines(patch):
    """Deadlines are set by our own clock, which may be wrong."""
    patch(ServerClock, "learn", lambda _self, _date, _sent_at: None)


def equal_expiries(patch):
    """Two commands of one device may carry the same expiry, by which each of them is known again."""
    stamp = deadlines.stamp
    patch(attempt, "stamp_of", lambda action, now, timeout_s, _taken: stamp(action, now, timeout_s, frozenset()))


def execute_with_retries(patch):
    """A queued Execute is left with the platform's default of three retries."""
    queueing = dialect._queueing
    patch(dialect, "_queueing", lambda delivery, retry: queueing(delivery, retry or 3))


# Journal, recovery, leases.


def journal_after_the_request(patch):
    """What is begun becomes durable together with its outcome."""
    commit, kept = Writer.commit, []

    async def careless(self, begun_or_ended):
        if begun_or_ended.opened:
            kept.append(begun_or_ended)
        else:
            await commit(self, merged([*kept, begun_or_ended]))
            kept.clear()

    patch(Writer, "commit", careless)


def journal_without_waiting(patch):
    """A request leaves while its intent is still being written."""
    commit = Writer.commit

    async def careless(self, begun_or_ended):
        if begun_or_ended.opened:
            import asyncio

            self.kept = [*getattr(self, "kept", ()), asyncio.ensure_future(commit(self, begun_or_ended))]
        else:
            await commit(self, begun_or_ended)

    patch(Writer, "commit", careless)


def recovery_forgets(patch):
    """What a dead run left open is not settled before something new is sent."""

    async def careless(_job):
        return 0

    patch(lanes, "recover", careless)


def recovery_adopts_blindly(patch):
    """What a dead run left open counts as done."""

    async def hopeful(_lane, doubt, _emit, _stop):
        versions = {path: version + 1 for path, version in getattr(doubt.action, "versions", ())}
        return verdict.Landed(Accepted(versions=versions))

    patch(recover, "settle", hopeful)


def no_fence(patch):
    """A commit does not look whether the lease is still its own, and a lease is nobody's obstacle."""
    patch(lease, "is_ours", lambda _connection, _lane, _fence: True)
    patch(lease.Held, "is_over", lambda *_facts, **_options: True)


def no_lease(patch):
    """Whoever asks gets the lane, and fences do not grow."""

    def acquire(connection, claim):
        connection.execute("DELETE FROM lease WHERE lane = ?", (claim.lane,))
        return _acquire(connection, claim)

    _acquire = lease.acquire
    patch(lease, "acquire", acquire)


def fences_begin_anew(patch):
    """A lease that is given back takes its fence with it."""
    patch(
        lease,
        "release",
        lambda connection, lane, fence: connection.execute(
            "DELETE FROM lease WHERE lane = ? AND fence = ?", (lane, fence)
        ),
    )


def recorded_before_it_is_sent(patch):
    """The new value is recorded when its request is begun."""
    begin = attempt._begin

    async def ahead(run, own, work, step, number):
        close = await begin(run, own, work, step, number)
        versions = {path: version + 1 for path, version in getattr(step.action, "versions", ())}
        work.record = fold.accept(
            work.record, work.planned, step.action, Accepted(versions=versions), close.stamp, run.now()
        )
        return close

    patch(attempt, "_begin", ahead)


def lost_taken_for_delivered(patch):
    """A command that expired, failed or was cancelled counts as delivered."""
    patch(DeliveryState, "is_lost", property(lambda _state: False))


def commands_are_not_owed(patch):
    """A death between a write and the command that follows it loses the command."""
    patch(fold, "owe_runs", lambda record, _left, _now: record)


def chain_is_not_checked(patch):
    """The journal's hashes are written and never compared."""
    patch(journal, "_broken", lambda _seq, _why: StopIteration())
    patch(journal, "read_links", _unchecked_links)


def _unchecked_links(connection):
    for seq, found, body in connection.execute("SELECT seq, hash, body FROM journal ORDER BY seq"):
        yield journal.Link(seq, found, body)


# What may be sent, when, and how often.


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
    read_lines, end, last = planfile._read_lines, planfile._end, []

    def unchecked(path):
        lines, content, found = read_lines(path)
        last[:] = [planfile.json.loads(found)]
        return lines, content, found

    patch(planfile, "_read_lines", unchecked)
    patch(planfile, "_end", lambda plan, content: last.pop() if last else end(plan, content))
    patch(planfile, "plan_digest", lambda plan: plan.digest)


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

    async def hopeful(job, run, own, planned, tally, health):
        await work(job, run, own, planned, tally, health)
        from reconcile.ports import Commit

        for record in job.store.devices([planned.ref]):
            await run.writer.commit(Commit(devices=(fold.finish(record, planned),)))

    patch(executor, "_work", hopeful)


# Faults that the simulation found in the program, put back.


def lost_sets_are_forgotten(patch):
    """Nothing remembers that a copy of a set that was given up may still arrive."""
    patch(fold, "stray", lambda record, _action: record)


def wall_clock_for_deadlines(patch):
    """Deadlines follow our wall clock when it is set anew in a run."""
    patch(wiring, "steady_clock", lambda: wiring.utc_now)


def older_manifests_after_a_wait(patch):
    """A run that waited for a lease applies whatever it read before."""
    patch(lanes.LeaseWatched, "__init__", _forgetful)


def _forgetful(self, message, left_s, _fence=None):
    lanes.LeaseHeld.__init__(self, message)
    self.left_s, self.fence = left_s, None


def quota_begins_anew(patch):
    """A run sends its first request at once, whatever the run before it sent just now."""
    begin = Pace.__init__

    def hasty(self, requests_per_second, clock):
        begin(self, requests_per_second, clock)
        self._next_s = 0.0

    patch(Pace, "__init__", hasty)
    patch(Throttling, "keep", lambda _self, _platform: None)


def parts_that_go_on(patch):
    """A run that fails on one account goes on asking on another, after it gave back its leases."""

    async def loosely(*works):
        return await asyncio.gather(*works)

    patch(lanes, "side_by_side", loosely)


MUTANTS = tuple(
    found
    for name, found in list(globals().items())
    if callable(found) and getattr(found, "__module__", "") == __name__ and not name.startswith("_")
)
