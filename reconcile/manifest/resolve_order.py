"""`after` of resources: which of them the device must be known to hold before one is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconcile.manifest.layer_codes import ORDER_CIRCLE, ORDER_UNWRITTEN
from reconcile.manifest.layer_entries import Entry
from reconcile.manifest.resolve_faults import Fault
from reconcile.manifest.resolve_reading import Reading
from reconcile.model.desired import DesiredResource, Ownership
from reconcile.ports import Problem

_WRITTEN = (Ownership.ENFORCE, Ownership.SEED)


def resolve_after(entry: Entry, reading: Reading, about: str) -> tuple[tuple[str, ...], tuple[Fault, ...]]:
    """The resources that the entry follows, by canonical path, and what cannot be read of them."""
    read = [reading.path(text) for text in entry.after]
    faults = tuple(Fault.from_problem(path, entry.span, about) for path in read if isinstance(path, Problem))
    return tuple(dict.fromkeys(path for path in read if not isinstance(path, Problem))), faults


def order_faults(resources: Sequence[DesiredResource], reading: Reading) -> Iterator[Fault]:
    """What no run could ever satisfy: an order that goes in a circle, or that waits for what nobody writes."""
    if not any(resource.after for resource in resources):
        return
    declared = {resource.path: resource for resource in resources}
    for resource in resources:
        about = f"resource {reading.shown(resource.path)}"
        for path in resource.after:
            advice = _never_written(path, declared.get(path))
            if advice is not None:
                yield Fault.of(ORDER_UNWRITTEN, resource.span, about, advice)
    for circle in _circles({path: declared[path].after for path in sorted(declared)}):
        way = " -> ".join(f"{path} ({declared[path].span})" for path in circle)
        detail = f"{way} -> {circle[0]}. Take one of these out of an `after`"
        yield Fault.of(ORDER_CIRCLE, declared[circle[0]].span, f"resource {reading.shown(circle[0])}", detail)


def _never_written(path: str, followed: DesiredResource | None) -> str | None:
    if followed is None:
        return f"No layer of this device sets {path}. Set it, or remove it from `after`"
    if followed.ownership in _WRITTEN:
        return None
    return f"{path} has `mode: {followed.ownership}` ({followed.span}): nobody writes it. Remove it from `after`"


def _circles(after: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """One circle for each set of resources that follow each other: the way from one to what it follows, and so on."""
    finished: set[str] = set()
    for start in after:
        way: list[str] = []
        left: list[tuple[str, bool]] = [(start, True)]
        while left:
            path, is_entered = left.pop()
            if not is_entered:
                finished.add(way.pop())
            elif path in finished:
                continue
            elif path in way:
                yield way[way.index(path) :]
                finished.update(way)
            else:
                way.append(path)
                left.append((path, False))
                left += [(earlier, True) for earlier in reversed(after.get(path, ()))]
