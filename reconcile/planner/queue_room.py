"""Room in a device's queue: what still fits is sent, the rest waits for a later run.

Premise: a cloud holds a limited number of commands for a device, whoever queued them; one too many is refused, or
pushes out the oldest (OneNET: ten, FAQ api#5; which of the two is not said: emulator switch `cached_limit`).
Rule: count what is listed as waiting and what of ours is recorded as waiting, withdraw what is superseded first, then
fill up: writes that replace a withdrawn command, other writes, commands to run. A request that takes the place of a
withdrawn one is sent only after that many withdrawals succeeded.
The obvious way, to send all and let the cloud refuse, loses the oldest command where the cloud evicts instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconcile.model.actions import CancelQueued, QueueExecute, QueueWrite, Write, touched
from reconcile.model.desired import DeliveryMode, DesiredDocument, DesiredResource, Ownership
from reconcile.model.recorded import RecordedDevice, RecordedResource
from reconcile.model.values import Missing, same
from reconcile.planner.delta import Delta
from reconcile.planner.form import Draft
from reconcile.planner.later import put_off
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect

_WRITTEN = (Ownership.ENFORCE, Ownership.SEED)
_LATER = "withdrawn now, written when the queue has room"


def live_commands(situation: Situation) -> frozenset[str]:
    """Commands that wait for the device: as its queue lists them, and of ours what the list does not know yet."""
    seen = None if situation.observed is None else situation.observed.queue
    listed = {} if seen is None or isinstance(seen, Missing) else {command.uuid: command for command in seen}
    live = {uuid for uuid, command in listed.items() if command.delivery.is_open}
    ours = {} if situation.recorded is None else situation.recorded.open_commands()
    return frozenset(live | {uuid for uuid in ours if uuid not in listed})


def may_crowd(dialect: Dialect, document: DesiredDocument, recorded: RecordedDevice | None, limit: int) -> bool:
    """Whether a plan may queue more than half of what the queue takes: others may have queued the rest.

    Asked before anybody looks at the device; the most a plan can queue is counted.
    """
    if document.delivery.mode is DeliveryMode.NOW:
        return False
    known = {} if recorded is None else recorded.timeless
    moved = [r for r in document.resources if r.ownership in _WRITTEN and not _is_recorded(r, known.get(r.path))]
    declared = {resource.path for resource in document.resources}
    writes = [Write(r.path, r.value, r.value_type) for r in moved]
    writes += [Write(path, r.on_removal.value, r.on_removal.value_type) for path, r in _leaving(known, declared)]
    runs = len(document.commands)
    if 2 * (len(writes) + runs) <= limit:  # a request carries one write at least
        return False
    return 2 * (len(dialect.write_actions(writes, {}, document.delivery, is_now=False)) + runs) > limit


def _is_recorded(desired: DesiredResource, known: RecordedResource | None) -> bool:
    return known is not None and not known.delivery.is_lost and same(desired.value, known.value)


def _leaving(known: Mapping[str, RecordedResource], declared: set[str]) -> list[tuple[str, RecordedResource]]:
    return [(path, r) for path, r in sorted(known.items()) if path not in declared and r.on_removal.kind == "set"]


def fit(situation: Situation, work: Delta, drafts: tuple[Draft, ...]) -> tuple[Draft, ...]:
    """The drafts that the queue has room for; what the others were for is moved to `work.waiting`."""
    limit = situation.capabilities.queue_limit
    queued = [position for position, draft in enumerate(drafts) if _is_queued(draft)]
    if limit is None or not queued:
        return drafts
    live = live_commands(situation)
    free = limit - len(live)
    freeing = [position for position, draft in enumerate(drafts) if _frees(draft, live)]
    kept = set(sorted(queued, key=lambda position: _rank(drafts, position))[: max(0, free + len(freeing))])
    put_off = [drafts[position] for position in queued if position not in kept]
    if put_off:
        after = len(live) - len(freeing) + len(kept)
        _put_off(situation, work, put_off, f"queue full: {after} of {limit}")
    return _renumbered(_behind_withdrawals(drafts, sorted(kept), freeing, free), set(queued) - kept)


def _is_queued(draft: Draft) -> bool:
    return isinstance(draft.action, QueueWrite | QueueExecute)


def _frees(draft: Draft, live: frozenset[str]) -> bool:
    return isinstance(draft.action, CancelQueued) and draft.action.uuid in live


def _rank(drafts: Sequence[Draft], position: int) -> tuple[int, int]:
    """What goes first. A write whose old command is withdrawn held a place before; a run may hang on every write."""
    if isinstance(drafts[position].action, QueueExecute):
        return 2, position
    replaces = any(isinstance(drafts[earlier].action, CancelQueued) for earlier in drafts[position].after)
    return (0 if replaces else 1), position


def _behind_withdrawals(
    drafts: Sequence[Draft], kept: Sequence[int], freeing: Sequence[int], free: int
) -> tuple[Draft, ...]:
    """The drafts, each queued one after as many withdrawals as its place in the queue takes."""
    behind = list(drafts)
    for rank, position in enumerate(kept, start=1):
        needed = freeing[: max(0, rank - free)]
        behind[position] = replace(behind[position], after=tuple(sorted({*behind[position].after, *needed})))
    return tuple(behind)


def _renumbered(drafts: Sequence[Draft], dropped: set[int]) -> tuple[Draft, ...]:
    """Without the dropped ones. Nothing kept follows a dropped draft: writes come before the runs that follow them."""
    places = {position: place for place, position in enumerate(p for p in range(len(drafts)) if p not in dropped)}
    return tuple(
        replace(draft, after=tuple(places[earlier] for earlier in draft.after))
        for position, draft in enumerate(drafts)
        if position in places
    )


def _put_off(situation: Situation, work: Delta, drafts: Sequence[Draft], reason: str) -> None:
    paths = {path for draft in drafts if isinstance(draft.action, QueueWrite) for path in touched(draft.action)}
    names = {draft.action.command for draft in drafts if isinstance(draft.action, QueueExecute)}
    put_off(situation, work, paths, names, reason=reason, then=_LATER)
