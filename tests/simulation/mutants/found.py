"""Faults that the simulation found in the program, put back."""

import asyncio

from reconcile.apply import fold
from reconcile.apply.pace import Pace
from reconcile.runs import lanes, wiring
from reconcile.runs.throttling import Throttling


def lost_sets_are_forgotten(patch):
    """Nothing remembers that a copy of a set that was given up may still arrive."""
    patch(fold, "stray", lambda record, _action: record)


def wall_clock_for_deadlines(patch):
    """Deadlines follow our wall clock when it is set anew in a run."""
    patch(wiring, "steady_clock", lambda: wiring.utc_now)


def older_manifests_after_a_wait(patch):
    """A run that waited for a lease applies whatever it read before."""
    patch(lanes.LeaseWatched, "__init__", _forgetful)


def _forgetful(self, message, left_s, _fence=None):
    lanes.LeaseHeld.__init__(self, message)
    self.left_s, self.fence = left_s, None


def quota_begins_anew(patch):
    """A run sends its first request at once, whatever the run before it sent just now."""
    begin = Pace.__init__

    def hasty(self, requests_per_second, clock):
        begin(self, requests_per_second, clock)
        self._next_s = 0.0

    patch(Pace, "__init__", hasty)
    patch(Throttling, "keep", lambda _self, _platform: None)


def parts_that_go_on(patch):
    """A run that fails on one account goes on asking on another, after it gave back its leases."""

    async def loosely(*works):
        return await asyncio.gather(*works)

    patch(lanes, "side_by_side", loosely)
