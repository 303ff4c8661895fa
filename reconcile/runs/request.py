"""What a run is asked to plan, and what it hands to whoever applies it: nouns, without the planner behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum

from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.manifest.select import EVERYTHING
from reconcile.model.device import DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedDevice
from reconcile.model.plan import Notice, Plan
from reconcile.model.recorded import RecordedDevice
from reconcile.runs.asked import Asked


class Refresh(StrEnum):
    """none: ask nobody; changed: look at devices with changes or open deliveries; all: look at every device."""

    NONE = "none"
    CHANGED = "changed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the command line says over the Fleet's `refresh`; None leaves the Fleet's word."""

    budget: int | None = None
    max_age_s: int | None = None

    def over(self, rule: RefreshRule) -> RefreshRule:
        """The rule that holds."""
        if self.budget is not None:
            rule = replace(rule, budget=self.budget)
        return rule if self.max_age_s is None else replace(rule, max_age=((EVERYTHING, self.max_age_s),))


def _no_progress(_done: int, _total: int) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the fleet. None means all of it; then devices that left the manifests are planned too.

    `asked`: names or labels beside which `has_device` has none; None where neither limits it.
    """

    has_device: Callable[[DesiredDevice], bool] | None = None
    has_resource: Callable[[str], bool] | None = None
    asked: Asked | None = None

    @property
    def is_whole(self) -> bool:
        """True when nothing is left out."""
        return self.has_device is None and self.has_resource is None


@dataclass(frozen=True, slots=True)
class Request:
    """How to plan. `progress` is told how many devices were looked at, of how many.

    `retries_lost`: what was lost on its way is queued again at once, given up or not. `sends`: the plan is to be
    applied at once, so what forbids sending now blocks it.
    """

    refresh: Refresh = Refresh.CHANGED
    scope: Scope = field(default_factory=Scope)
    progress: Callable[[int, int], None] = _no_progress
    retries_lost: bool = False
    limits: Limits = field(default_factory=Limits)
    sends: bool = False


@dataclass(frozen=True, slots=True, repr=False)  # asyncio.run words what a coroutine returns, whole and twice
class Planned:
    """A plan with what it was made from, for whoever applies it at once.

    `uncompared`: what a full refresh looked at and could not compare. `keeps_looks`: when devices were looked at is
    worth recording, because the next refresh is limited.
    """

    plan: Plan
    recorded: Mapping[DeviceRef, RecordedDevice]
    observed: Mapping[DeviceRef, ObservedDevice]
    uncompared: Sequence[Notice] = ()
    keeps_looks: bool = False
