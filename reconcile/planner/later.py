"""What a plan leaves for a later run: taken out of the work, told as waiting, owed where it must not be lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from reconcile.model.plan import Change, Notice
from reconcile.model.recorded import TRIGGERED
from reconcile.model.values import ABSENT
from reconcile.planner.delta import Delta
from reconcile.planner.situation import Situation


def put_off(
    situation: Situation, work: Delta, paths: Collection[str], names: Collection[str], *, reason: str, then: str
) -> None:
    """Moves the writes of `paths` and the runs of the commands `names` to `work.waiting`, for `reason`.

    What of them is outdated in the queue is withdrawn all the same; that change stays, and says what comes `then`.
    """
    name_of = {id(work.run_changes[name]): name for name in names}
    withdrawn = {path for uuid_paths in work.withdrawals.values() for path in uuid_paths}
    stays: list[Change] = []
    for change in work.changes:
        name = name_of.get(id(change))
        if name is None and (change.action == "run" or change.resource not in paths):
            stays.append(change)
            continue
        work.waiting.append(_notice(situation, change, reason))
        if change.resource in withdrawn if name is None else name in work.withdrawn_runs:
            stays.append(replace(change, reason=f"{change.reason}; {then}"))
    work.changes[:] = stays
    work.writes[:] = [write for write in work.writes if write.path not in paths]
    work.releases[:] = [path for path in work.releases if path not in paths]
    work.owed_runs += [
        (command.name, key) for command, key in work.runs if command.name in names and not key.startswith(TRIGGERED)
    ]
    work.runs[:] = [(command, key) for command, key in work.runs if command.name not in names]


def _notice(situation: Situation, change: Change, reason: str) -> Notice:
    record = situation.recorded_resource(change.resource)
    known = ABSENT if record is None else record.value
    desired = ABSENT if change.action == "run" and change.after is None else change.after
    return Notice(situation.device.ref, reason, change.resource, desired, known)
