"""Leases in the ref: they move with the state, in one compare-and-swap, and so are taken by trying again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from reconcile.ports import Reservation
from reconcile.state.heartbeat import Heartbeat
from reconcile.state.lease import Claim, renew
from reconcile.state.leasing import Leasing

T = TypeVar("T")
Again = Callable[[Callable[[], T]], T]


class RefLeasing(Leasing):
    """As `Leasing`; `again` runs what writes once more when somebody else moved the ref first."""

    def __init__(self, again: Again[Any], *rest: Any) -> None:
        super().__init__(*rest)
        self._again = again
        self.beating = self._beating

    def take(self, lane: str, owner: str, now: datetime) -> tuple[Claim, int]:
        """Takes the lane."""
        taken: tuple[Claim, int] = self._again(lambda: super(RefLeasing, self).take(lane, owner, now))
        return taken

    def give_back(self, lane: str, fence: int) -> None:
        """Lets go of the lane."""
        self._again(lambda: super(RefLeasing, self).give_back(lane, fence))

    def end(self, lane: str, fence: int) -> bool:
        """Ends a lease that is still held under that fence."""
        return bool(self._again(lambda: super(RefLeasing, self).end(lane, fence)))

    def reserve(self, lane: str, fence: int, reservation: Reservation) -> None:
        """Keeps where the quota of a lane stands, with the lease."""
        self._again(lambda: super(RefLeasing, self).reserve(lane, fence, reservation))

    def _beating(self, claim: Claim, fence: int) -> Heartbeat:
        def renewed(expires: str) -> bool:
            with self._writing() as connection:
                return renew(connection, claim.lane, fence, expires)

        return RefHeartbeat(lambda expires: bool(self._again(lambda: renewed(expires))), claim, fence)


class RefHeartbeat(Heartbeat):
    """As `Heartbeat`; every beat is a push."""

    def __init__(self, renewing: Callable[[str], bool], claim: Claim, fence: int) -> None:
        self._renewing = renewing
        super().__init__(Path(), claim, fence)

    def _renew(self, expires: str) -> bool:
        return self._renewing(expires)
