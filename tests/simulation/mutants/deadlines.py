"""Deadlines and preconditions, broken one rule at a time."""

from reconcile.apply import attempt, deadlines, verdict
from reconcile.model.errors import Conflict
from reconcile.platforms.aliyun import wire as aliyun_wire
from reconcile.platforms.aliyun.client import AliyunClient
from reconcile.platforms.onenet import dialect
from reconcile.platforms.onenet.clock import ServerClock
from reconcile.platforms.onenet.transport import Transport
from reconcile.platforms.onenet.wire import requests


def set_without_versions(patch):
    """Desired values are set without the versions they were planned from."""
    set_payload = aliyun_wire.set_payload
    patch(aliyun_wire, "set_payload", lambda items, _versions: set_payload(items, ()))


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
