"""What a look could not compare, and why: unknown is never taken for in step, and never for absent."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.desired import DesiredResource, Ownership
from reconcile.model.plan import Notice
from reconcile.model.values import ABSENT, UNKNOWN
from reconcile.planner.situation import Situation

ASLEEP = "asleep or out of reach: what it holds itself could not be read"
SILENT = "it was asked and told no value"
UNREAD = "this value could not be read, though others of the device could"
NEW = "never recorded: there is nothing to compare it with"

_COMPARED = (Ownership.ENFORCE, Ownership.OBSERVE)


def uncompared(situation: Situation) -> Iterator[Notice]:
    """Notices of a device that was looked at and could be read, for what stayed unknown. A device that could not be
    read at all is told by the plan itself.
    """
    observed, ref = situation.observed, situation.device.ref
    if observed is None or observed.problem is not None:
        return
    if situation.recorded is None:
        yield Notice(ref, NEW)
        return
    wanted = [one for one in situation.document.resources if _is_compared(situation, one)]
    unread = [one for one in wanted if _seen_nothing(situation, one)]
    if not unread:
        return
    if len(unread) == len(wanted):
        yield Notice(ref, SILENT if observed.is_online is True else ASLEEP)
        return
    for one in unread:
        record = situation.recorded_resource(one.path)
        known = ABSENT if record is None else record.value
        yield Notice(ref, UNREAD, one.path, one.value, known, UNKNOWN)


def _is_compared(situation: Situation, resource: DesiredResource) -> bool:
    """Declared, in scope, and not on its way: of that the queue tells."""
    if resource.ownership not in _COMPARED or not situation.covers(resource.path):
        return False
    record = situation.recorded_resource(resource.path)
    return record is None or not situation.delivery_of(record).is_open


def _seen_nothing(situation: Situation, resource: DesiredResource) -> bool:
    seen = situation.observed_resource(resource.path)
    return seen.cloud is UNKNOWN and seen.reported is UNKNOWN
