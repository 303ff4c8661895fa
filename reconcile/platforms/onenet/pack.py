"""Fewest write requests for one object instance.

Premise: one request is one radio exchange, and the `data` array of a request is limited to 2k.
Rule: bin packing of the items' exact bytes. First-fit-decreasing is accepted when it meets the lower bound; otherwise
an exact branch and bound looks for fewer bins. Filling one request after the other, the obvious way, wastes some:
1200, 1200, 800 and 800 bytes would take three requests instead of two.
Order: resource id, inside a request and (by the first id) between requests, whatever the order of the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from reconcile.model.actions import Write
from reconcile.platforms.onenet.model import ids
from reconcile.platforms.onenet.wire import body

_EXACT_ITEMS = 60
_EXACT_NODES = 20_000
"""Beyond these many items or search nodes the best packing found so far is kept."""


def pack(writes: Sequence[Write], limit_bytes: int = body.LIMIT_BYTES) -> tuple[tuple[Write, ...], ...]:
    """Fewest requests that carry all writes of one object instance.

    `limit_bytes` counts the UTF-8 JSON of the `data` array.
    Raises: ValueError if one write alone exceeds the limit.
    Source: OneNET, write device resources: the data array is limited to 2k.
    """
    by_id = sorted(writes, key=lambda write: ids(write.path)[2])
    # k items take 2 brackets and k-1 commas: each item costs its bytes and a comma, a request offers limit - 1.
    costs = [len(body.item(write)) + 1 for write in by_id]
    room = limit_bytes - 1
    if any(cost > room for cost in costs):
        raise ValueError("one write alone exceeds the limit of a request")
    bins = fewest_bins(costs, room)
    return tuple(tuple(by_id[index] for index in chosen) for chosen in bins)


def fewest_bins(costs: Sequence[int], room: int) -> list[list[int]]:
    """Indices of `costs` in as few bins of `room` as possible; each bin ascending, bins by their first index."""
    largest_first = sorted(range(len(costs)), key=lambda index: (-costs[index], index))
    best = _first_fit(costs, room, largest_first)
    may_improve = len(best) > -(-sum(costs) // room) and len(costs) <= _EXACT_ITEMS
    if may_improve and len(best) > _lower_bound([costs[index] for index in largest_first], room):
        best = _Search(costs, room, largest_first, best).run()
    return sorted(sorted(chosen) for chosen in best)


def _first_fit(costs: Sequence[int], room: int, order: Sequence[int]) -> list[list[int]]:
    bins: list[list[int]] = []
    left: list[int] = []
    for index in order:
        fitting = next((at for at, free in enumerate(left) if free >= costs[index]), None)
        if fitting is None:
            bins.append([index])
            left.append(room - costs[index])
        else:
            bins[fitting].append(index)
            left[fitting] -= costs[index]
    return bins


def _lower_bound(descending: Sequence[int], room: int) -> int:
    """Martello and Toth's L2: no packing has fewer bins. With threshold 0 it is the total divided by the room."""
    best = -(-sum(descending) // room)
    for threshold in {cost for cost in descending if cost * 2 <= room}:
        alone = sum(1 for cost in descending if cost > room - threshold)
        halves = [cost for cost in descending if room - threshold >= cost > room // 2]
        small = sum(cost for cost in descending if threshold <= cost <= room // 2)
        over = small - (len(halves) * room - sum(halves))
        best = max(best, alone + len(halves) + max(0, -(-over // room)))
    return best


class _Search:
    """Branch and bound: the largest item goes into each bin with different free room, or into a new one."""

    def __init__(self, costs: Sequence[int], room: int, order: Sequence[int], best: list[list[int]]) -> None:
        self._costs, self._room, self._order, self._best = costs, room, order, best
        self._goal = _lower_bound([costs[index] for index in order], room)
        ahead = [costs[index] for index in reversed(order)]
        self._still_to_come = [*reversed(list(accumulate(ahead))), 0]
        self._nodes_left = _EXACT_NODES

    def run(self) -> list[list[int]]:
        self._place(0, [], [])
        return self._best

    def _place(self, depth: int, bins: list[list[int]], left: list[int]) -> None:
        self._nodes_left -= 1
        if self._nodes_left < 0 or len(self._best) == self._goal:
            return
        if depth == len(self._order):
            if len(bins) < len(self._best):
                self._best = [list(chosen) for chosen in bins]
            return
        missing = self._still_to_come[depth] - sum(left)
        if len(bins) + max(0, -(-missing // self._room)) >= len(self._best):
            return
        self._try_open_bins(depth, bins, left)
        bins.append([self._order[depth]])
        left.append(self._room - self._costs[self._order[depth]])
        self._place(depth + 1, bins, left)
        bins.pop()
        left.pop()

    def _try_open_bins(self, depth: int, bins: list[list[int]], left: list[int]) -> None:
        index, tried = self._order[depth], set[int]()
        for at, free in enumerate(left):
            if free >= self._costs[index] and free not in tried:
                tried.add(free)
                bins[at].append(index)
                left[at] -= self._costs[index]
                self._place(depth + 1, bins, left)
                left[at] += self._costs[index]
                bins[at].pop()
