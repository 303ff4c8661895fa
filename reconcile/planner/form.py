"""From what a device needs to the requests that do it, in the order they must be sent.

Order inside a device: withdraw what is outdated, run commands that writes of this plan wait for, write, run the other
commands. A write waits for the withdrawals of what it replaces (a queued old value that outlives a newer one is the
worst bug there can be), and for what it follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from reconcile.model.actions import Action, CancelQueued, Write, touched
from reconcile.model.desired import Command, DeliveryMode
from reconcile.model.late import dataclass
from reconcile.planner import reach
from reconcile.planner.delta import Delta
from reconcile.planner.order import followed_by, followed_by_command, runs_first
from reconcile.planner.order_requests import in_turn
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect


@dataclass(frozen=True, slots=True)
class Draft:
    """An action without a name yet. `after` are positions of earlier drafts of the same device.

    `otherwise` takes the place of an instant write to a device that proves unreachable. `confirmed` are resources that
    the device must be known to hold before it is sent.
    """

    action: Action
    after: tuple[int, ...] = ()
    otherwise: Action | None = None
    confirmed: tuple[str, ...] = ()


def form(situation: Situation, work: Delta, dialect: Dialect) -> tuple[Draft, ...]:
    """The requests of one device."""
    if not situation.capabilities.has_cloud_copy and (work.writes or work.runs):
        work.choice = reach.choose(situation)
    drafts: list[Draft] = [Draft(CancelQueued(uuid, paths)) for uuid, paths in sorted(work.withdrawals.items())]
    first = [run for run in work.runs if runs_first(situation, run[0])]
    drafts.extend(_runs(situation, work, dialect, drafts, first))
    drafts.extend(_writes(situation, work, dialect, drafts))
    drafts.extend(_runs(situation, work, dialect, drafts, [run for run in work.runs if run not in first]))
    return tuple(drafts)


def _writes(situation: Situation, work: Delta, dialect: Dialect, earlier: list[Draft]) -> Iterator[Draft]:
    if not work.writes:
        return
    versions = {write.path: situation.expected_version(write.path) for write in work.writes}
    delivery = situation.document.delivery
    is_now = work.choice is not None and work.choice.is_now

    def pack(writes: Sequence[Write], *, is_now: bool = is_now) -> Sequence[Action]:
        return dialect.write_actions(writes, versions, delivery, is_now=is_now)

    before = followed_by(situation.document.resources)
    actions = in_turn(work.writes, before, pack)
    queued = (
        [other for batch in _batches(work.writes, actions) for other in pack(batch, is_now=False)] if is_now else ()
    )
    drafted = list(earlier)
    for action, later in zip(actions, reach.otherwise(situation, actions, queued), strict=True):
        paths = set(touched(action))
        follows = {each for path in paths for each in before.get(path, ())}
        prepared = {c.execute for c, _ in work.runs if not (paths | follows).isdisjoint(c.before)}
        drafted.append(Draft(action, _touching(drafted, paths | follows | prepared), later, _among(drafted, follows)))
        yield drafted[-1]


def _batches(writes: Sequence[Write], actions: Sequence[Action]) -> Iterator[list[Write]]:
    for action in actions:
        paths = set(touched(action))
        yield [write for write in writes if write.path in paths]


def _touching(drafts: Sequence[Draft], paths: Collection[str]) -> tuple[int, ...]:
    return tuple(i for i, draft in enumerate(drafts) if not set(touched(draft.action)).isdisjoint(paths))


def _among(drafts: Sequence[Draft], paths: Collection[str]) -> tuple[str, ...]:
    """Those of the resources that earlier requests bring about."""
    return tuple(sorted({path for draft in drafts for path in touched(draft.action) if path in paths}))


def _runs(
    situation: Situation, work: Delta, dialect: Dialect, earlier: list[Draft], runs: Sequence[tuple[Command, str]]
) -> Iterator[Draft]:
    drafted = list(earlier)
    for command, key in runs:
        follows = {command.execute, *command.after}
        confirmed: tuple[str, ...] = ()
        if command.waits_for_confirmation:
            awaited = followed_by_command(situation.document, command)
            follows |= {*awaited, *(each.execute for each, _ in runs[: len(drafted) - len(earlier)])}
            confirmed = _among(earlier, awaited)
        # An instant Execute cannot be recovered when its answer is lost, so only an explicit `mode: now` asks for one.
        delivery = situation.document.delivery
        is_now = delivery.mode is DeliveryMode.NOW and work.choice is not None and work.choice.is_now
        if command.expire_after_s is not None:
            delivery = replace(delivery, expire_after_s=command.expire_after_s)
        action = dialect.run_action(command, key, delivery, is_now=is_now)
        drafted.append(Draft(action, _touching(drafted, follows), None, confirmed))
        yield drafted[-1]
