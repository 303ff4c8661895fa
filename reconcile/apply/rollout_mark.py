"""What an attempt says of the rollout that its device is part of. Pure: the record in, the record with its mark out.

Premise: a gate judges a change by what devices do with it. A bad key, a throttled account or an outage tell of the
account, and would stop every rollout that meets them.
Rule: a refusal counts against the change only when device or values were refused; it is kept in the transaction that
ends the attempt, so no crash comes between.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconcile.model.actions import Action, CancelQueued
from reconcile.model.errors import Refused
from reconcile.model.plan import PlannedDevice
from reconcile.model.recorded import RecordedDevice


def no_later(record: RecordedDevice, now: datetime) -> RecordedDevice:
    """The record with a mark that is not later than what is recorded now.

    Clocks of two machines differ, and one may be set back in a run: what a change sent must not look older than it.
    """
    mark = record.rollout
    if mark is None or mark.at <= now:
        return record
    return replace(record, rollout=replace(mark, at=now))


def told(record: RecordedDevice) -> RecordedDevice:
    """The record of a device of which the change is on its way, or that needs nothing more of it."""
    mark = record.rollout
    return record if mark is None or mark.is_told else replace(record, rollout=replace(mark, is_told=True))


def untold(record: RecordedDevice) -> RecordedDevice:
    """The record after a request that provably never left, or of which no copy landed and nobody saw an answer.

    What left before it, under the same mark, is not unsaid.
    """
    mark = record.rollout
    if mark is None or mark.has_failed:
        return record
    times = [resource.accepted_at for resource in record.resources.values()]
    times += [run.at for run in record.runs.values() if not run.is_owed]
    return record if any(at >= mark.at for at in times) else replace(record, rollout=replace(mark, is_told=False))


def after_refusal(record: RecordedDevice, planned: PlannedDevice, action: Action, refused: Refused) -> RecordedDevice:
    """The record after the cloud said no. A device out of reach is silent; a withdrawal says nothing of the change."""
    if refused.is_unreachable or refused.is_account_wide or isinstance(action, CancelQueued):
        return record
    return as_failed(record, planned)


def as_failed(record: RecordedDevice, planned: PlannedDevice) -> RecordedDevice:
    """The record of a device that did not take what its wave sent; outside a rollout, as it was."""
    mark = record.rollout
    if planned.rollout is None or mark is None or mark.has_failed:
        return record
    return replace(record, rollout=replace(mark, has_failed=True))
