"""How a change spreads over the devices of a profile: waves, gates, windows; and the mark it leaves on a device."""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime, timedelta, tzinfo

from reconcile.model.diagnostic import NOWHERE, Span
from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class Wave:
    """How many of the devices that a rollout touches are to be changed once this wave is sent, earlier ones included:
    `percent` of them, or `count`; or one device for each combination of the labels in `cover`, `at_most` so many.
    """

    percent: float | None = None
    count: int | None = None
    cover: tuple[str, ...] = ()
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the day in which a wave may be sent: minutes after local midnight; weekdays are 0 (Monday) to 6.

    `ends` before `begins` runs over midnight; the weekday is that of its beginning.
    """

    begins: int
    ends: int
    days: frozenset[int] = frozenset(range(7))

    def opening(self, day: datetime) -> tuple[datetime, datetime] | None:
        """When it opens and closes on the day that begins at local midnight `day`; None when it stays shut."""
        if day.weekday() not in self.days:
            return None
        last = self.ends if self.ends > self.begins else self.ends + 24 * 60
        return _at(day, self.begins), _at(day, last)


def _at(day: datetime, minutes: int) -> datetime:
    """Wall-clock minutes after midnight, whatever the clocks do that day: of a time that comes twice the first, and for
    one that is skipped the moment at which the clocks jump over it.
    """
    days, rest = divmod(minutes, 24 * 60)
    wall = (day + timedelta(days=days)).replace(hour=rest // 60, minute=rest % 60, fold=0)
    late, early = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    jumped = late.astimezone(wall.tzinfo).utcoffset()
    while late - early > timedelta(seconds=1):  # early comes before late only where the time is skipped
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(wall.tzinfo).utcoffset() == jumped:
            late = middle
        else:
            early = middle
    return late


@dataclass(frozen=True, slots=True)
class Hours:
    """Windows of local time in a zone; without any, always open."""

    windows: tuple[Window, ...] = ()
    zone: tzinfo = UTC

    def is_open(self, now: datetime) -> bool:
        """Whether one is open now. Without windows, always."""
        return not self.windows or any(begin <= now < end for begin, end in self._openings(now))

    def opens(self, now: datetime) -> datetime | None:
        """When the next window opens (UTC), within eight days; None when one is open."""
        if self.is_open(now):
            return None
        return min((begin for begin, _ in self._openings(now) if begin > now), default=None)

    def _openings(self, now: datetime) -> list[tuple[datetime, datetime]]:
        today = now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        days = [today + timedelta(days=offset) for offset in range(-1, 9)]
        found = (window.opening(day) for day in days for window in self.windows)
        return [opening for opening in found if opening is not None]


@dataclass(frozen=True, slots=True)
class Rollout:
    """The rollout of one profile. `id` is the digest of what the profile says: another commit is another rollout.

    Percentages are of devices that were heard from: a silent device is neither success nor failure. Without
    `failed_percent` it never aborts by itself; more than `minimum` devices must have failed before it does.
    `order`: a label, and its values in the order in which devices come; others come last.
    """

    profile: str
    id: str
    waves: tuple[Wave, ...]
    confirmed_percent: float = 100.0
    failed_percent: float | None = None
    minimum: int = 1
    order: tuple[str, tuple[str, ...]] = ("", ())
    windows: tuple[Window, ...] = ()
    zone: tzinfo = UTC
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def hours(self) -> Hours:
        """When a wave may be sent."""
        return Hours(self.windows, self.zone)

    def is_open(self, now: datetime) -> bool:
        """Whether a wave may be sent now. Without windows, always."""
        return self.hours.is_open(now)

    def opens(self, now: datetime) -> datetime | None:
        """When the next window opens (UTC), within eight days; None when one is open."""
        return self.hours.opens(now)


@dataclass(frozen=True, slots=True)
class RolloutMark:
    """What a device keeps of the rollout that changed it last: the profile and the rollout's id, its wave, the digest
    of the document it was changed to, and since when (our clock).

    `has_failed`: it refused the change, until it confirms it. `is_aborted`: the rollout was stopped on evidence that
    includes this device, until a person clears it. Not `is_told`: it was begun, and as far as is known nothing of the
    change left; such a device is neither silent nor sent.
    """

    profile: str
    id: str
    wave: int
    document: str
    at: datetime
    has_failed: bool = False
    is_aborted: bool = False
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class Ticket:
    """A planned device's place in a rollout: what is marked on it when its wave is sent. It holds no time."""

    profile: str
    id: str
    wave: int
    document: str

    def to_json(self) -> JsonObject:
        """The member `rollout` of an entry of `records`."""
        return {"profile": self.profile, "id": self.id, "wave": self.wave, "document": self.document}

    @classmethod
    def from_json(cls, body: JsonObject) -> Ticket:
        """The reverse of `to_json`. Raises: KeyError or ValueError when it is not one."""
        return cls(str(body["profile"]), str(body["id"]), int(str(body["wave"])), str(body["document"]))

    def mark(self, at: datetime) -> RolloutMark:
        """The mark of a device whose wave is sent now, before anything of it left."""
        return RolloutMark(self.profile, self.id, self.wave, self.document, at, is_told=False)
