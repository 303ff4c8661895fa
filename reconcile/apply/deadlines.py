"""The deadlines a request carries, on the server's clock: what makes a lost answer decidable afterwards.

instant write, execute   token expiry  = now + our wait + 5 s: a later copy is refused
cached write, execute    valid_time    = now + validAfter:     a later copy is refused
                         expired_time  = now + expireAfter, its second unique on the device: finds it in the history
desired properties       the versions themselves
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import datetime, timedelta

from reconcile.model.actions import Action, ExecuteNow, QueueExecute, QueueWrite, WriteNow
from reconcile.ports import Stamp

TOKEN_MARGIN = timedelta(seconds=5)


def stamp(action: Action, server_now: datetime, answer_timeout_s: float, taken: Container[datetime]) -> Stamp:
    """The deadlines of one attempt. `taken` are expiries already used on this device; whole seconds, UTC."""
    match action:
        case WriteNow() | ExecuteNow():
            return Stamp(server_now, not_after=_ceil(server_now + timedelta(seconds=answer_timeout_s) + TOKEN_MARGIN))
        case QueueWrite() | QueueExecute():
            valid_from = _ceil(server_now + timedelta(seconds=action.queueing.valid_after_s))
            expires_at = _ceil(server_now + timedelta(seconds=action.queueing.expire_after_s))
            while expires_at in taken:
                expires_at += timedelta(seconds=1)
            return Stamp(server_now, valid_from=valid_from, expires_at=expires_at, not_after=valid_from)
        case _:
            return Stamp(server_now)


def together(stamp: Stamp, first: datetime | None) -> Stamp:
    """With the valid_time of the device's first queued step of this run, so that one uplink releases all of them.

    Only while half of `validAfter` is left: a request that arrives after its valid_time is refused.
    """
    if first is None or stamp.valid_from is None:
        return stamp
    left, own = first - stamp.server_now, stamp.valid_from - stamp.server_now
    return stamp if 2 * left < own else replace(stamp, valid_from=first, not_after=first)


def _ceil(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + timedelta(seconds=1)
