"""Which profiles cover a device: one bit a profile, one lookup for each label that selectors mention.

Premise: labels of a million devices combine in hundreds of thousands of ways, while the sets of profiles they come to
are a few dozen. Rule: for every mentioned label, remember per value which profiles do not object to it; a device's
profiles are the bits that no label objects to. Trying every selector on every combination of labels costs a hundred
times more, and keying documents by labels makes as many documents as there are combinations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from reconcile.manifest.select import Requirement, Selector
from reconcile.model.late import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Which selectors object to a value of one label: what is `known` so far, and how to find out."""

    key: str
    objections: Callable[[str | None], int]
    known: dict[str | None, int] = field(default_factory=dict)


class Matcher:
    """The selectors of a fleet's profiles, in order."""

    __slots__ = ("_all", "tables")

    def __init__(self, selectors: Sequence[Selector]) -> None:
        self._all = (1 << len(selectors)) - 1
        by_key: dict[str, list[tuple[int, Requirement]]] = {}
        for number, selector in enumerate(selectors):
            for requirement in selector.requirements:
                by_key.setdefault(requirement.key, []).append((number, requirement))
        self.tables: Sequence[Table] = [
            Table(key, _objections(key, requirements)) for key, requirements in sorted(by_key.items())
        ]

    @property
    def all_bits(self) -> int:
        """Every selector, as a set of bits."""
        return self._all

    def covering(self, labels: Mapping[str, str]) -> int:
        """The selectors that match these labels, as a set of bits."""
        mask = self._all
        for table in self.tables:
            value = labels.get(table.key)
            against = table.known.get(value)
            if against is None:
                against = table.known[value] = table.objections(value)
            mask &= ~against
        return mask


def _objections(key: str, requirements: Sequence[tuple[int, Requirement]]) -> Callable[[str | None], int]:
    def against(value: str | None) -> int:
        labels = {} if value is None else {key: value}
        return sum(1 << number for number in {n for n, requirement in requirements if not requirement.holds(labels)})

    return against
