"""Limits of one plan: a wrong selector or a truncated inventory must stop before it is sent, not after.

Devices that were never under management do not count: the first plan of a fleet touches all of it by nature.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.diagnostic import Diagnostic
from reconcile.model.fleet import Safety

_ADVICE = (
    "Look at the classes of this plan; if they are meant, raise the limit in the Fleet manifest, where it is reviewed."
)


def check(safety: Safety, *, managed: int, changed_managed: int, gone: int) -> Iterator[Diagnostic]:
    """Errors RCL701-703 for limits that the plan exceeds.

    managed: devices recorded and still declared; changed_managed: those of them with changes; gone: recorded devices
    that no manifest declares any more.
    """
    limit = safety.max_changed_devices
    if limit is not None and changed_managed > limit:
        yield Diagnostic(
            "RCL701",
            "too many devices would change",
            f"{changed_managed} managed devices would change, safety.maxChangedDevices is {limit}. {_ADVICE}",
            safety.span,
        )
    percent = safety.max_changed_percent
    if percent is not None and managed >= safety.min_population and changed_managed * 100 > percent * managed:
        yield Diagnostic(
            "RCL702",
            "too large a part of the fleet would change",
            f"{changed_managed} of {managed} managed devices ({changed_managed * 100 / managed:.2f} %) would change, "
            f"safety.maxChangedPercent is {percent:g}. {_ADVICE}",
            safety.span,
        )
    known = managed + gone
    shrink = safety.max_inventory_shrink_percent
    if shrink is not None and known >= safety.min_population and gone * 100 > shrink * known:
        yield Diagnostic(
            "RCL703",
            "the inventory shrank too much",
            f"{gone} of {known} recorded devices ({gone * 100 / known:.2f} %) are declared nowhere any more, "
            f"safety.maxInventoryShrinkPercent is {shrink:g}. Is an inventory file incomplete? {_ADVICE}",
            safety.span,
        )
