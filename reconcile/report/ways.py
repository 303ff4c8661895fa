"""Why devices with a queue are written to now or by it, in words: for a class, and for a whole plan."""

from __future__ import annotations

from collections import Counter

from reconcile.model.plan import ChangeClass, Plan
from reconcile.report.messages import Texts

AT_ONCE = "sent now: "
"""What a reason for an instant call begins with (`planner/reach.py`)."""


def class_ways(group: ChangeClass, texts: Texts) -> list[str]:
    """The sentences of a class; with how many devices each is about, unless it is about all of them."""
    if list(group.ways.values()) == [group.devices]:
        return [texts.reason(why) for why in group.ways]
    return [
        texts("ways.counted", why=texts.reason(why), devices=texts.count("device", n)) for why, n in group.ways.items()
    ]


def plan_ways(plan: Plan, texts: Texts) -> list[str]:
    """How many devices are called at once, and how many written to by their queue, where there are both."""
    found: Counter[bool] = Counter()
    for group in plan.classes:
        for why, devices in group.ways.items():
            found[why.startswith(AT_ONCE)] += devices
    if not (found[True] and found[False]):
        return []
    return [texts("plan.ways", now=texts.count("device", found[True]), queued=texts.count("device", found[False]))]
