"""A rollout as those see it who look: where it stands, and the place of each of its devices. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.rollout import Rollout
from reconcile.model.rollout_note import RolloutNote


@dataclass(frozen=True, slots=True)
class Place:
    """One device in a rollout: its wave, None where no wave touches it, and what it is known to have done since `at`:
    unsent, silent, confirmed, failed or parked.
    """

    wave: int | None = None
    did: str = "unsent"
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A rollout by recorded state at `now`. `places` are those of devices that were sent, or are still to be."""

    rollout: Rollout
    note: RolloutNote
    places: Mapping[DeviceRef, Place]
    now: datetime

    def place_of(self, ref: DeviceRef) -> Place:
        """Where a device is in it."""
        return self.places.get(ref, Place())
