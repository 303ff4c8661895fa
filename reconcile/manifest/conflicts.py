"""Two profiles of equal priority that want different things of one device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Generic, TypeVar

from reconcile.manifest.layer import Contribution, Rank
from reconcile.manifest.layer_codes import PROFILES_DISAGREE
from reconcile.manifest.resolve_faults import Fault
from reconcile.model.diagnostic import Span
from reconcile.model.late import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Claim(Generic[T]):
    """What one layer wants of one thing, and where it says so."""

    layer: Contribution
    wanted: T
    span: Span


def disagreements(
    about: str, claims: Sequence[Claim[T]], is_same: Callable[[T, T], bool], show: Callable[[T], str]
) -> Iterator[Fault]:
    """A fault for every profile that disagrees with another of its own priority; `claims` run low to high.

    A higher layer does not heal it: with that layer gone, chance would decide.
    """
    profiles = (claim for claim in claims if claim.layer.rank is Rank.PROFILE)
    for priority, peers in groupby(profiles, key=lambda claim: claim.layer.priority):
        first, *others = peers
        for other in others:
            if not is_same(first.wanted, other.wanted):
                detail = (
                    f"{first.layer.name} wants {show(first.wanted)} ({first.span}), "
                    f"{other.layer.name} wants {show(other.wanted)} ({other.span}), both with priority {priority}. "
                    "Give one a higher priority, or make their selectors exclude each other"
                )
                yield Fault.of(PROFILES_DISAGREE, other.span, about, detail)
