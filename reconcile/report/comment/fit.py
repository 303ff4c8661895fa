"""Parts of a text, fitted to a limit: whole items are left out and counted, nothing is ever cut.

Premise: a cut inside a table, a fence or a fold breaks everything after it, and a comment that is too long is refused.
Rule: every part can be had with none of its items, and says then how many are missing. All parts get a few items first,
by rank; then more; then all that fits. Which items comes from the plan alone, so the same plan gives the same bytes.
Items are made when they are first looked at: of 100,000 classes a few hundred fit, and the others cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from reconcile.model.late import dataclass
from reconcile.report.sanitise import guarded

Measure = Callable[[str], int]
LeftOut = Callable[[int, int], str]

MOST = 2000
"""Items of one part in one text, however much room there is: nobody reads more, and making them takes time."""

_ROUNDS = (3, 20, MOST)


def _none_left_out(_start: int, _stop: int) -> str:
    raise AssertionError("a part without items leaves none out")


class Lazy(Sequence[str]):
    """Items that are made, and made clean, when they are asked for, each once."""

    def __init__(self, make: Callable[[int], str], count: int) -> None:
        self._make, self._count = make, count
        self._made: dict[int, str] = {}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(self._count))]
        if not 0 <= at < self._count:
            raise IndexError(at)
        if at not in self._made:
            (self._made[at],) = clean([self._make(at)])
        return self._made[at]


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong together. `left_out` is the line for the items from `start` to `stop`, which stand there.

    `rank`: lower ones get room first. `is_ends_first`: both ends are kept and the middle goes; else the end goes.
    `is_spare`: without an item it is not there at all.
    """

    head: tuple[str, ...]
    items: Sequence[str] = ()
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
    if not _take_all(fillings, limit):
        fillings = _that_can_stay(fillings, limit)
        total = sum(filling.size for filling in fillings)
        for most in _ROUNDS:
            for filling in sorted(fillings, key=lambda each: each.part.rank):
                total += filling.grow(limit - total, most)
    return "".join(f"{line}\n" for filling in fillings for line in filling.lines())


def clean(lines: Iterable[str]) -> tuple[str, ...]:
    """Lines that no runner takes for a command, without blanks at their ends; what `finish` does to a whole text."""
    return tuple("\n".join(guarded(each.rstrip()) for each in line.split("\n")) for line in lines)


def _take_all(fillings: Sequence[_Filling], limit: int) -> bool:
    """Keeps every item of every part where all of that fits; else nothing."""
    if any(len(filling.part.items) > MOST for filling in fillings):
        return False
    kept, room = [], limit - sum(filling.frame for filling in fillings)
    for filling in fillings:
        kept.append(filling.take_all(room))
        room -= kept[-1]
        if room < 0:
            return False
    for filling, size in zip(fillings, kept, strict=True):
        filling.first, filling.kept = len(filling.part.items), size
    return True


def _that_can_stay(fillings: list[_Filling], limit: int) -> list[_Filling]:
    """Without those of the highest ranks, where the places of all do not fit."""
    staying = [*fillings]
    while sum(filling.size for filling in staying) > limit:
        last = max(staying, key=lambda each: (bool(each.part.items), each.part.rank))
        if not last.part.items:
            raise ValueError(f"no room for the fixed parts within {limit}")
        staying.remove(last)
    return staying


@dataclass(slots=True)
class _Filling:
    """A part and how many of its items are kept at either end; `kept` is their size."""

    part: Part
    measure: Measure
    frame: int
    first: int = 0
    last: int = 0
    kept: int = 0

    @classmethod
    def of(cls, part: Part, measure: Measure) -> _Filling:
        return cls(part, measure, sum(measure(line) + 1 for line in (*part.head, *part.tail)))

    @property
    def size(self) -> int:
        """With what is kept, and the line that counts the others."""
        if self.part.is_spare and self.first == 0 == self.last:
            return 0
        stop = len(self.part.items) - self.last
        gap = self.measure(self.part.left_out(self.first, stop)) + 1 if self.first < stop else 0
        return self.frame + self.kept + gap

    def take_all(self, room: int) -> int:
        """The size with every item; stops where they take more than `room`."""
        kept = 0
        for item in self.part.items:
            kept += self.measure(item) + 1
            if kept > room:
                break
        return kept

    def grow(self, room: int, most: int) -> int:
        """Takes items while they fit, at most `most` in all; returns by how much the text grew."""
        count, before = len(self.part.items), self.size
        while self.first + self.last < min(most, count):
            at_end = self.part.is_ends_first and self.last < self.first
            item = self.part.items[count - self.last - 1 if at_end else self.first]
            kept = (self.first, self.last, self.kept)
            self.first, self.last = self.first + (not at_end), self.last + at_end
            self.kept += self.measure(item) + 1
            if self.size - before > room:
                self.first, self.last, self.kept = kept
                break
        return self.size - before

    def lines(self) -> Iterator[str]:
        """What is kept, in its order."""
        items, stop = self.part.items, len(self.part.items) - self.last
        if self.part.is_spare and self.first == 0 == self.last:
            return
        yield from (*self.part.head, *items[: self.first])
        if self.first < stop:
            yield self.part.left_out(self.first, stop)
        yield from (*items[stop:], *self.part.tail)
