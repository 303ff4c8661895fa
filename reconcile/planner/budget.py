"""What a device's budget leaves for a later run.

Premise: a change is worth little beside the battery of a device that shall live ten years; most changes can wait a day.
Rule: within a day, which begins with the first thing the device was asked to take, `wakeUpsPerDay` radio sessions and
`bytesPerDay` payload bytes are asked for; the rest waits, and says until when. What joins commands that wait for the
device already costs no session. The first request of a day always goes, so that a budget smaller than one request
delays and never starves. Urgency `immediate` is held back by no budget, and still counts.
The obvious way, a limit on requests, would hold back what rides along for nothing and let through what wakes a device.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta

from reconcile.model.actions import ExecuteNow, QueueExecute, touched
from reconcile.model.desired import Urgency
from reconcile.model.energy import payload_bytes, reaches_device
from reconcile.model.wakes import A_DAY, Spent
from reconcile.planner.delta import Delta
from reconcile.planner.energy import has_something_waiting
from reconcile.planner.form import Draft, form
from reconcile.planner.later import put_off
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect

_LATER = "withdrawn now, written when the budget is whole again"


def affordable(situation: Situation, work: Delta, dialect: Dialect) -> tuple[Draft, ...]:
    """The requests of one device that its budget allows; what the others were for is moved to `work.waiting`."""
    drafts = form(situation, work, dialect)
    delivery = situation.document.delivery
    if not delivery.budget.is_limited or delivery.urgency is Urgency.IMMEDIATE:
        return drafts
    spent = spent_today(situation)
    beyond, reason = _beyond(situation, drafts, spent)
    if not beyond:
        return drafts
    runs = [draft.action for draft in beyond if isinstance(draft.action, QueueExecute | ExecuteNow)]
    paths = {path for draft in beyond if draft.action not in runs for path in touched(draft.action)}
    put_off(situation, work, paths, {run.command for run in runs}, reason=reason, then=_LATER)
    return form(situation, work, dialect)


def spent_today(situation: Situation) -> Spent | None:
    """What the device was asked to take in the day that runs; None when it may begin a new one."""
    spent = None if situation.recorded is None else situation.recorded.spent
    return spent if spent is not None and situation.server_now < spent.since + A_DAY else None


def _beyond(situation: Situation, drafts: Sequence[Draft], spent: Spent | None) -> tuple[list[Draft], str]:
    budget = situation.document.delivery.budget
    taken = [draft for draft in drafts if reaches_device(draft.action)]
    wakeups, size = budget.wakeups_per_day, budget.bytes_per_day
    is_awake_for = spent is None or wakeups is None or spent.wakeups < wakeups or has_something_waiting(situation)
    if not is_awake_for:
        return taken, f"wake-up budget ({wakeups} a day) is spent until {_until(situation, spent)}"
    if size is None:
        return [], ""
    beyond = _too_large(drafts, size - (0 if spent is None else spent.payload_bytes), is_first=spent is None)
    return beyond, f"byte budget ({size} a day) is spent until {_until(situation, spent)}"


def _too_large(drafts: Sequence[Draft], left: int, *, is_first: bool) -> list[Draft]:
    """What does not fit into the bytes that are left, and what follows that; smaller ones behind may still fit."""
    beyond: set[int] = set()
    for position, draft in enumerate(drafts):
        if not reaches_device(draft.action):
            continue
        size = payload_bytes(draft.action)
        if not beyond.isdisjoint(draft.after) or (size > left and not is_first):
            beyond.add(position)
        else:
            left, is_first = left - size, False
    return [drafts[position] for position in sorted(beyond)]


def _until(situation: Situation, spent: Spent | None) -> str:
    """The hour in which the day ends at the latest: whole hours, so that devices can be told together."""
    ends = (situation.server_now if spent is None else spent.since) + A_DAY
    whole = ends.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return (whole if whole == ends else whole + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%MZ")
