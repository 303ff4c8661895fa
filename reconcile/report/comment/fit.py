"""Parts of a text, fitted to a limit: whole items are left out and counted, nothing is ever cut.

Premise: a cut inside a table, a fence or a fold breaks everything after it, and a comment that is too long is refused.
Rule: every part can be had with none of its items, and says then how many are missing. All parts get a few items first,
by rank; then more; then all that fits. Which items comes from the plan alone, so the same plan gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from reconcile.report.sanitise import guarded

Measure = Callable[[str], int]
LeftOut = Callable[[int, int], str]

_ROUNDS = (3, 20)


def _none_left_out(_start: int, _stop: int) -> str:
    raise AssertionError("a part without items leaves none out")


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong together. `left_out` is the line for the items from `start` to `stop`, which stand there.

    `rank`: lower ones get room first. `is_ends_first`: both ends are kept and the middle goes; else the end goes.
    `is_spare`: without an item it is not there at all.
    """

    head: tuple[str, ...]
    items: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    left_out: LeftOut = _none_left_out
    rank: int = 0
    is_ends_first: bool = False
    is_spare: bool = False


def fit(parts: Sequence[Part], limit: int, measure: Measure) -> str:
    """The text of the parts, at most `limit` long by `measure`.

    Raises: ValueError when even the parts without items are longer than that.
    """
    fillings = [_Filling.of(part, measure) for part in parts]
    if sum(filling.whole for filling in fillings) <= limit:
        for filling in fillings:
            filling.first = len(filling.part.items)
    else:
        fillings = _that_can_stay(fillings, limit)
        total = sum(filling.size(0, 0) for filling in fillings)
        for most in (*_ROUNDS, None):
            for filling in sorted(fillings, key=lambda each: each.part.rank):
                total += filling.grow(limit - total, most)
    return "".join(f"{line}\n" for filling in fillings for line in filling.lines())


def clean(lines: Iterable[str]) -> tuple[str, ...]:
    """Lines that no runner takes for a command, without blanks at their ends; what `finish` does to a whole text."""
    return tuple("\n".join(guarded(each.rstrip()) for each in line.split("\n")) for line in lines)


def _that_can_stay(fillings: list[_Filling], limit: int) -> list[_Filling]:
    """Without those of the highest ranks, where the places of all do not fit."""
    staying = [*fillings]
    while sum(filling.size(0, 0) for filling in staying) > limit:
        last = max(staying, key=lambda each: (bool(each.part.items), each.part.rank))
        if not last.part.items:
            raise ValueError(f"no room for the fixed parts within {limit}")
        staying.remove(last)
    return staying


@dataclass(slots=True)
class _Filling:
    """A part and how many of its items are kept at either end; `sums` are sizes of the first so many items."""

    part: Part
    measure: Measure
    frame: int
    sums: Sequence[int]
    first: int = 0
    last: int = 0

    @classmethod
    def of(cls, part: Part, measure: Measure) -> _Filling:
        frame = sum(measure(line) + 1 for line in (*part.head, *part.tail))
        return cls(part, measure, frame, [0, *accumulate(measure(item) + 1 for item in part.items)])

    @property
    def whole(self) -> int:
        """Its size with all items."""
        return self.size(len(self.part.items), 0)

    def size(self, first: int, last: int) -> int:
        """With so many items at its ends, and the line that counts the others."""
        stop = len(self.part.items) - last
        if self.part.is_spare and first == 0 == last:
            return 0
        gap = self.measure(self.part.left_out(first, stop)) + 1 if first < stop else 0
        return self.frame + self.sums[first] + self.sums[-1] - self.sums[stop] + gap

    def grow(self, room: int, most: int | None) -> int:
        """Takes items while they fit, at most `most` in all; returns by how much the text grew."""
        count, before = len(self.part.items), self.size(self.first, self.last)
        wanted = count if most is None else min(most, count)
        if wanted == count and self.size(count, 0) - before <= room:
            self.first = count - self.last
        while self.first + self.last < wanted:
            at_end = self.part.is_ends_first and self.last < self.first
            first, last = self.first + (not at_end), self.last + at_end
            if self.size(first, last) - before > room:
                break
            self.first, self.last = first, last
        return self.size(self.first, self.last) - before

    def lines(self) -> Iterator[str]:
        """What is kept, in its order."""
        items, stop = self.part.items, len(self.part.items) - self.last
        if self.part.is_spare and self.first == 0 == self.last:
            return
        yield from (*self.part.head, *items[: self.first])
        if self.first < stop:
            yield self.part.left_out(self.first, stop)
        yield from (*items[stop:], *self.part.tail)
