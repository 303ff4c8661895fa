"""Which settled devices a full refresh looks at first: those nobody looked at for longest. Pure and deterministic.

A device whose last look failed waits its turn like any other, or one that never answers would be asked in every run
before all the rest; but it stays due until a look at it could be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.recorded import RecordedDevice


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device that a refresh could look at; `max_age_s`: how old the last look may become."""

    ref: DeviceRef
    record: RecordedDevice | None
    max_age_s: int

    def is_due(self, now: datetime) -> bool:
        """Whether the last look that could be read is too old, or there is none."""
        seen = None if self.record is None else self.record.looked_at
        return seen is None or (now - seen).total_seconds() >= self.max_age_s

    @property
    def turn(self) -> tuple[float, DeviceRef]:
        """Sorts those never asked first, then by when they were last asked, then by name."""
        if self.record is None:
            return 0.0, self.ref
        asked = [at.timestamp() for at in (self.record.looked_at, self.record.look_failed_at) if at is not None]
        return max(asked, default=0.0), self.ref


def in_turn(candidates: Iterable[Candidate], now: datetime) -> list[DeviceRef]:
    """The devices that are due, in the order in which to look at them."""
    return [each.ref for each in sorted((c for c in candidates if c.is_due(now)), key=lambda c: c.turn)]
