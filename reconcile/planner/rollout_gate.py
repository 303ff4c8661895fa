"""The gate between two waves: go on, wait, or stop, from what devices are known to have done with the change.

Premise: CI looks whenever it likes, and most devices sleep. A rule that is looked at again and again must stay right
however often that is, and must not wait for devices that may never speak.
Rule: each direction has two ways. Certain: the share holds whatever the devices still silent will say. Sequential: the
evidence of those heard is strong (Ville's inequality on a uniform mixture; wrong in at most 1 of 20 rollouts however
often one looks). docs/decisions/0016 says why this one.
"""

from __future__ import annotations

from enum import StrEnum
from math import inf, lgamma, log

from reconcile.model.late import dataclass
from reconcile.model.rollout import Rollout

_DOUBT = 0.05
"""How often, at the most, the sequential way may be wrong in a whole rollout."""


class Standing(StrEnum):
    """Where a rollout stands. sending: its wave is not sent yet; waiting: for answers; done: nothing is left."""

    SENDING = "sending"
    WAITING = "waiting"
    CLOSED = "closed"
    ABORTED = "aborted"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Devices of the waves so far. `silent` were sent the change and may still answer; `parked` were silent for longer
    than their own expireAfter, and nobody waits for them; `unsent` are still to be sent.
    """

    confirmed: int = 0
    failed: int = 0
    silent: int = 0
    parked: int = 0
    unsent: int = 0

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(
            self.confirmed + other.confirmed,
            self.failed + other.failed,
            self.silent + other.silent,
            self.parked + other.parked,
            self.unsent + other.unsent,
        )

    def __sub__(self, other: Evidence) -> Evidence:
        return Evidence(
            self.confirmed - other.confirmed,
            self.failed - other.failed,
            self.silent - other.silent,
            self.parked - other.parked,
            self.unsent - other.unsent,
        )

    @property
    def sent(self) -> int:
        """Devices that answered or may still answer."""
        return self.confirmed + self.failed + self.silent


def may_advance(rollout: Rollout, seen: Evidence) -> bool:
    """Whether the next wave may be sent, given all devices of the waves up to now."""
    if seen.unsent:
        return False
    if not seen.sent and not seen.parked:
        return True  # nobody is in these waves
    if not seen.confirmed:
        return False
    is_certain = 100 * seen.confirmed >= rollout.confirmed_percent * seen.sent
    return is_certain or exceeds(seen.confirmed, seen.failed, rollout.confirmed_percent / 100)


def must_abort(rollout: Rollout, seen: Evidence) -> bool:
    """Whether the evidence of all devices sent so far stops the rollout."""
    if rollout.failed_percent is None or seen.failed <= rollout.minimum:
        return False
    is_certain = 100 * seen.failed > rollout.failed_percent * seen.sent
    return is_certain or exceeds(seen.failed, seen.confirmed, rollout.failed_percent / 100)


def exceeds(hits: int, misses: int, share: float) -> bool:
    """Whether the true share of hits is above `share`, at any number of looks.

    The likelihood of what was seen, averaged over all shares, must be 20 times that under `share`; under `share` this
    ratio is a martingale, so it ever gets there with a chance of at most 1/20 (Ville 1939).
    """
    seen = hits + misses
    if not seen or hits <= share * seen:
        return False
    mixture = lgamma(hits + 1) + lgamma(misses + 1) - lgamma(seen + 2)
    under = _times_log(hits, share) + _times_log(misses, 1 - share)
    return mixture - under >= -log(_DOUBT)


def _times_log(count: int, chance: float) -> float:
    if not count:
        return 0.0
    return count * log(chance) if chance > 0 else -inf
