"""Journal, recovery and leases, broken one rule at a time."""

from reconcile.apply import attempt, fold, recover, verdict
from reconcile.apply.writer import Writer, merged
from reconcile.model.recorded import DeliveryState
from reconcile.ports import Accepted
from reconcile.runs import lanes
from reconcile.state import journal, lease


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
