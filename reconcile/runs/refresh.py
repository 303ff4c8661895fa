"""The looks of one plan within the limits of a full refresh: what must be looked at, then what is due, in turn.

Calls are counted where they are paced, so what is spent is what the cloud saw. Before a batch its looks are booked at
what they cost at most; what they did not use is there for the next batch. A look that turns out dearer than it should
(a queue of several pages) is finished, so a run may end a few calls above its budget, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.model.device import DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.model.refresh import Coverage
from reconcile.model.values import UNKNOWN
from reconcile.planner.due import Candidate, in_turn
from reconcile.runs.booking import Booking
from reconcile.runs.look import Target, look_at
from reconcile.runs.session import Session


@dataclass(frozen=True, slots=True)
class Portion:
    """What one run may look at: `required` whatever it costs, `due` in turn as far as `budget` goes."""

    required: Sequence[Target]
    due: Sequence[Target] = ()
    budget: int | None = None
    fresh: int = 0

    @property
    def is_empty(self) -> bool:
        """True when nobody is asked."""
        return not (self.required or self.due)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen, and the calls it took on settled devices (with a budget), or on all."""

    observed: Mapping[DeviceRef, ObservedDevice]
    calls: int = 0


def portion_of(
    session: Session,
    rule: RefreshRule,
    resting: Sequence[DesiredDevice],
    recorded: Mapping[DeviceRef, RecordedDevice],
    targets: Sequence[Target],
) -> Portion:
    """The targets of a full refresh, those of settled (`resting`) devices limited by the rule."""
    if not rule.is_limited:
        return Portion(targets)
    labels = {device.device.ref: device.device.labels for device in resting}
    optional = {target.ref: target for target in targets if target.ref in labels}
    candidates = (Candidate(ref, recorded.get(ref), rule.max_age_s(labels[ref])) for ref in optional)
    turn = in_turn(candidates, session.options.now())
    required = [target for target in targets if target.ref not in optional]
    return Portion(required, [optional[ref] for ref in turn], rule.budget, len(optional) - len(turn))


async def look_within(session: Session, portion: Portion, progress: Callable[[int, int], None]) -> Looked:
    """Looks at what the portion allows. Raises: as `look_at`."""
    total = len(portion.required) + len(portion.due)
    if portion.budget is None:
        seen = await look_at(session, [*portion.required, *portion.due], progress)
        return Looked(seen, _calls(session))
    seen = await look_at(session, portion.required, progress) if portion.required else {}
    begun, left = _calls(session), list(portion.due)
    while True:
        is_first, unspent = len(left) == len(portion.due), portion.budget - (_calls(session) - begun)
        batch = _fitting(session, left, unspent, is_first=is_first)
        if not batch:
            break
        seen |= await look_at(session, batch, _onwards(progress, len(seen), total))
        left = left[len(batch) :]
    return Looked(seen, _calls(session) - begun)


def _onwards(progress: Callable[[int, int], None], done: int, total: int) -> Callable[[int, int], None]:
    return lambda n, _of: progress(done + n, total)


def coverage_of(
    session: Session,
    portion: Portion,
    examined: Sequence[DesiredDevice],
    recorded: Mapping[DeviceRef, RecordedDevice],
    looked: Looked,
) -> Coverage:
    """What the looks came to, for people and for CI."""
    now = session.options.now()
    seen = {ref: one for ref, one in looked.observed.items() if one.problem is None}
    refs = [device.device.ref for device in examined]
    earlier = [record.looked_at for ref in refs if ref not in seen and (record := recorded.get(ref)) is not None]
    ages = [int((now - at).total_seconds()) for at in earlier if at is not None]
    asked = [ref for ref in refs if ref in looked.observed]
    return Coverage(
        devices=len(refs),
        looked=len(asked),
        unreadable=sum(ref not in seen for ref in asked),
        silent=sum(ref in seen and ref in recorded and not has_values(seen[ref]) for ref in asked),
        fresh=portion.fresh,
        left=sum(target.ref not in looked.observed for target in portion.due),
        never=len(refs) - sum(ref in seen for ref in refs) - len(ages),
        oldest_s=max(ages, default=None),
        calls=looked.calls,
        budget=portion.budget,
    )


def has_values(observed: ObservedDevice) -> bool:
    """Whether any value was to be had of the device."""
    return any(one.cloud is not UNKNOWN or one.reported is not UNKNOWN for one in observed.resources.values())


def _fitting(session: Session, due: Sequence[Target], calls: int, *, is_first: bool) -> Sequence[Target]:
    """As many as are sure to fit into so many calls; at least one when nothing was looked at yet."""
    booking, booked = Booking(session), 0
    for position, target in enumerate(due):
        booked += booking.book(target)
        if booked > calls:
            return due[: max(position, 1 if is_first and calls > 0 else 0)]
    return due


def _calls(session: Session) -> int:
    return sum(pace.calls for pace in session.paces.values())
