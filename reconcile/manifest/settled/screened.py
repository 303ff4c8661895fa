"""What may be left out at all, and the signal that nothing may.

Premise: a plan asks nothing about a settled device but how many there are.
Rule: a fleet with words that speak about settled devices is compiled whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from reconcile.manifest.document import Document
from reconcile.manifest.select import Selector, read_selector
from reconcile.model.policy import Policies
from reconcile.model.values import Json


class NotScreenedError(Exception):
    """The fleet must be compiled whole."""


class UnsortedError(NotScreenedError):
    """Rows come in no order, or two are of one device."""


class OutOfOrderError(Exception):
    """Identities come in no order: they must be remembered to know that each is there once."""


class Screening(Enum):
    """How much is taken as known: blocks of inventories, that identities come in order, that rows do, or nothing."""

    BLOCKS = "blocks"
    ORDER = "order"
    NOTHING = "nothing"
    SORTED = "sorted"

    def after(self, why: Exception) -> Screening | None:
        """How to try again; None when the fleet must be compiled whole."""
        if self is Screening.SORTED:
            return None
        if isinstance(why, UnsortedError):
            return Screening.SORTED
        if isinstance(why, OutOfOrderError):
            return {Screening.BLOCKS: Screening.ORDER, Screening.ORDER: Screening.NOTHING}.get(self)
        return Screening.ORDER if self is Screening.BLOCKS else None


def held_by(holds: Sequence[Document]) -> tuple[frozenset[str], tuple[Selector, ...]]:
    """The names in holds, with and without their platform, and their selectors."""
    specs = [spec for hold in holds if isinstance(spec := hold.body.get("spec"), dict)]
    listed = [devices for spec in specs if isinstance(devices := spec.get("devices"), list)]
    names = {str(name) for devices in listed for name in devices}
    bare = {name.partition("/")[2] for name in names}
    return frozenset(names | bare), tuple(read_selector(spec["selector"]) for spec in specs if "selector" in spec)


def may_leave_out(by_kind: Mapping[str, Sequence[Document]], policies: Policies) -> bool:
    """Whether nothing in these documents speaks about devices that are settled; those of a hold are not left out.
    `policies` are those that count.
    """
    if policies.judges_declared:
        return False
    specs = [document.body.get("spec") for kind in ("Profile", "Device") for document in by_kind.get(kind, ())]
    if any(isinstance(spec, dict) and ("rollout" in spec or _counts_settled(spec.get("safety"))) for spec in specs):
        return False
    fleet = [document.body.get("spec") for document in by_kind.get("Fleet", ())]
    safety = [spec.get("safety") for spec in fleet if isinstance(spec, dict)]
    return not any(isinstance(body, dict) and ("protected" in body or "allow" in body) for body in safety)


def _counts_settled(safety: Json) -> bool:
    """Whether limits of a profile ask how many devices there are, or more; how many change is known without."""
    return safety is not None and not (isinstance(safety, dict) and safety.keys() <= {"maxChangedDevices"})
