"""From what a device needs to the requests that do it, in the order they must be sent.

Order inside a device: withdraw what is outdated, then write, then run commands. A write waits for the withdrawals of
what it replaces: a queued old value that outlives a newer one is the worst bug there can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconcile.model.actions import Action, CancelQueued, touched
from reconcile.model.desired import DeliveryMode
from reconcile.planner.delta import Delta, reachable_now
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect


@dataclass(frozen=True, slots=True)
class Draft:
    """An action without a name yet. `after` are positions of earlier drafts of the same device."""

    action: Action
    after: tuple[int, ...] = ()


def form(situation: Situation, work: Delta, dialect: Dialect) -> tuple[Draft, ...]:
    """The requests of one device."""
    drafts: list[Draft] = [Draft(CancelQueued(uuid, paths)) for uuid, paths in sorted(work.withdrawals.items())]
    drafts.extend(_writes(situation, work, dialect, drafts))
    drafts.extend(_runs(situation, work, dialect, drafts))
    return tuple(drafts)


def _writes(situation: Situation, work: Delta, dialect: Dialect, earlier: list[Draft]) -> Iterator[Draft]:
    if not work.writes:
        return
    versions = {write.path: situation.expected_version(write.path) for write in work.writes}
    delivery = situation.document.delivery
    for action in dialect.write_actions(work.writes, versions, delivery, is_now=_is_now(situation)):
        paths = set(touched(action))
        yield Draft(action, tuple(i for i, draft in enumerate(earlier) if paths & set(touched(draft.action))))


def _runs(situation: Situation, work: Delta, dialect: Dialect, earlier: list[Draft]) -> Iterator[Draft]:
    for command, key in work.runs:
        follows = {command.execute, *command.after}
        after = tuple(i for i, draft in enumerate(earlier) if follows & set(touched(draft.action)))
        # An instant Execute cannot be recovered when its answer is lost, so only an explicit `mode: now` asks for one.
        is_now = situation.document.delivery.mode is DeliveryMode.NOW
        delivery = situation.document.delivery
        if command.expire_after_s is not None:
            delivery = replace(delivery, expire_after_s=command.expire_after_s)
        yield Draft(dialect.run_action(command, key, delivery, is_now=is_now), after)


def _is_now(situation: Situation) -> bool:
    match situation.document.delivery.mode:
        case DeliveryMode.NOW:
            return True
        case DeliveryMode.QUEUE:
            return False
        case DeliveryMode.AUTO:
            return reachable_now(situation)
