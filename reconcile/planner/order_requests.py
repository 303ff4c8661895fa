"""Fewest requests for writes of which some must go before others.

Premise: a write may share a request with whatever its cloud packs together, but not with what it follows.
Rule: a request carries what may go now; which request goes first decides how many there are. A best-first search over
what is already written counts requests done and, as the least still to come, the requests that the rest would take
without any order. Above `_NODES` states the sequence found by always taking the request that helps most is kept.
The obvious way, one round for each length of the chains, sends a free write in an early request of its own though a
later one would have carried it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import TypeAlias

from reconcile.model.actions import Action, Write, touched

_NODES = 300

Pack: TypeAlias = Callable[[Sequence[Write]], Sequence[Action]]
"""The fewest requests for writes in any order."""


def in_turn(writes: Sequence[Write], before: Mapping[str, frozenset[str]], pack: Pack) -> Sequence[Action]:
    """Requests in the order in which they must be sent; `before` says what each path follows, directly or not."""
    pending = {write.path for write in writes}
    follows = {path: before.get(path, frozenset()) & pending for path in pending}
    if not any(follows.values()):
        return pack(writes)
    return _Search(writes, follows, pack).run()


class _Search:
    """States are the sets of paths that are written so far."""

    def __init__(self, writes: Sequence[Write], follows: Mapping[str, frozenset[str]], pack: Pack) -> None:
        self._writes, self._follows, self._pack = writes, follows, pack
        self._least: dict[frozenset[str], int] = {}

    def run(self) -> Sequence[Action]:
        greedy = self._greedy()
        start: frozenset[str] = frozenset()
        best = {start: 0}
        queue: list[tuple[int, int, int, frozenset[str], tuple[Action, ...]]] = [(self._rest(start), 0, 0, start, ())]
        number = 0
        while queue and queue[0][0] < len(greedy) and number < _NODES:
            _, _, _, done, sent = heappop(queue)
            if len(done) == len(self._writes):
                return sent
            for action in self._moves(done):
                then = done | set(touched(action))
                if best.get(then, len(greedy)) > len(sent) + 1:
                    best[then] = len(sent) + 1
                    number += 1
                    cost = len(sent) + 1 + self._rest(then)
                    heappush(queue, (cost, -len(then), number, then, (*sent, action)))
        return greedy

    def _greedy(self) -> list[Action]:
        done: frozenset[str] = frozenset()
        sent: list[Action] = []
        while len(done) < len(self._writes):
            moves = [
                (self._rest(done | set(touched(a))), -len(touched(a)), n, a) for n, a in enumerate(self._moves(done))
            ]
            action = min(moves, key=lambda move: move[:3])[3]
            sent.append(action)
            done |= set(touched(action))
        return sent

    def _moves(self, done: frozenset[str]) -> Iterator[Action]:
        ready = [write for write in self._writes if write.path not in done and self._follows[write.path] <= done]
        assert ready, "resources follow each other in a circle"
        yield from self._pack(ready)

    def _rest(self, done: frozenset[str]) -> int:
        if done not in self._least:
            self._least[done] = len(self._pack([write for write in self._writes if write.path not in done]))
        return self._least[done]
