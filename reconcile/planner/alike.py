"""Devices that stand alike need the same work: it is found once, and shared.

Premise: ten thousand devices change by a few edits of a few profiles, so nearly all of them start from the same values
and go to the same document. Rule: where nobody looked, and nothing is on its way, lost, drifting or begun anew, what a
device needs follows from its document, from what is recorded of its resources besides times, and from whether it is
reached now; its requests follow from that and from the versions that guard them. The first of a kind is planned as any
device is, and where that left nothing to tell of it by name, the rest take its work over.
What counts devices, or judges one by its name, labels or clock, is asked for each of them as before.
The obvious way, to compare devices by the digests they come from and go to, would take one whose value was adopted,
or whose removal rule is another, for its neighbour.
"""

from __future__ import annotations

import marshal
from collections.abc import Hashable, Mapping
from dataclasses import field, replace

from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.shared_resources import Form, SharedResources
from reconcile.model.values import ABSENT, Json, Missing
from reconcile.planner import reach
from reconcile.planner.budget import affordable
from reconcile.planner.delta import Delta, delta
from reconcile.planner.form import Draft
from reconcile.planner.order import keep_order
from reconcile.planner.queue_room import fit
from reconcile.planner.reach import Choice
from reconcile.planner.situation import Situation
from reconcile.ports import Dialect

_ARRIVED = (DeliveryState.ACCEPTED, DeliveryState.CONFIRMED)
_NO_REFERENCES = 2
"""The form of `marshal` in which equal values of equal types are equal bytes."""


@dataclass(slots=True)
class _Kind:
    """What devices of one kind need, and the requests for it by the versions that guard them."""

    work: Delta
    drafts: dict[tuple[int, ...], tuple[Draft, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a device belongs, and how it is reached."""

    key: Hashable
    choice: Choice | None


@dataclass(frozen=True, slots=True)
class Worked:
    """The work of a device. `drafts`: its requests, None where they are still to be formed. `place`: where it belongs,
    None where it is planned by itself.
    """

    work: Delta
    drafts: tuple[Draft, ...] | None = None
    place: Place | None = None


class Alike:
    """The work of one plan by kinds of devices. The documents of all its situations outlive it."""

    def __init__(self, *, is_shared: bool = True) -> None:
        self._is_shared = is_shared
        self._kinds: dict[Hashable, _Kind] = {}
        self._held: dict[Form, bytes | None] = {}

    def worked(self, situation: Situation) -> Worked:
        """What a device needs: as one like it left it, with its requests, or found for itself."""
        place = self._place_of(situation) if self._is_shared else None
        kind = None if place is None else self._kinds.get(place.key)
        drafts = None if kind is None else kind.drafts.get(_guards(situation, kind.work))
        if place is None or kind is None or drafts is None:
            return Worked(delta(situation), place=place)
        work = kind.work if kind.work.choice is None else replace(kind.work, choice=place.choice)
        return Worked(work, drafts)

    def _place_of(self, situation: Situation) -> Place | None:
        """Where a device belongs; None for one that is planned by itself."""
        document, record = situation.document, situation.recorded
        if situation.observed is not None or situation.in_scope is not None or situation.stored is not None:
            return None
        if situation.is_swapped or situation.retries_lost or document.delivery.budget.is_limited:
            return None
        held = b"" if record is None else self._held_by(record)
        if held is None:
            return None
        capabilities = situation.capabilities
        choice = None if capabilities.has_cloud_copy and not document.commands else reach.choose(situation)
        reached = None if choice is None else choice.is_now, situation.may_queue
        is_unsettled = record is not None and record.digest is None
        # One document is shared by all devices of one configuration, so that which it is says it all.
        key = (
            situation.device.ref.platform,
            id(document),
            id(capabilities),
            situation.same,
            reached,
            is_unsettled,
            held,
        )
        return Place(key, choice)

    def _held_by(self, record: RecordedDevice) -> bytes | None:
        """All of a record that its work may follow from, but for whether it is settled. None where more may."""
        if record.runs or record.drifts or record.reset_at is not None or record.ends is not None:
            return None
        resources = record.resources
        if not isinstance(resources, SharedResources):
            return _values(resources)
        form = resources.form
        if form not in self._held:
            self._held[form] = _values(form.resources)
        return self._held[form]

    def formed(self, situation: Situation, worked: Worked, dialect: Dialect) -> tuple[Draft, ...]:
        """The requests of a device whose turn has come, that its budget and its queue have room for; the rest waits.

        They are kept for those like it, but where there is something to tell of it by name.
        """
        if worked.drafts is not None:
            return worked.drafts
        work, place = worked.work, worked.place
        keep_order(situation, work)
        drafts = fit(situation, work, affordable(situation, work, dialect))
        if place is not None and not (work.drift or work.conflicts or work.waiting):
            self._kinds.setdefault(place.key, _Kind(work)).drafts[_guards(situation, work)] = drafts
        return drafts


def _values(resources: Mapping[str, RecordedResource]) -> bytes | None:
    """All of recorded resources that work may follow from; None where more may."""
    held: list[Json] = []
    for path, one in resources.items():
        if one.delivery not in _ARRIVED or one.is_leaving or one.has_stray or one.gave_way is not ABSENT:
            return None
        rule = one.on_removal
        confirmed = one.confirmed
        held += (path, one.path, one.value, one.value_type, one.delivery is DeliveryState.ACCEPTED)
        held += (rule.kind, rule.value, rule.value_type)
        held += (confirmed.value,) if isinstance(confirmed, Missing) else (None, confirmed)
    return marshal.dumps(held, _NO_REFERENCES)


def _guards(situation: Situation, work: Delta) -> tuple[int, ...]:
    return tuple(situation.expected_version(write.path) for write in work.writes)
