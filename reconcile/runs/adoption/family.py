"""Families: devices of one platform and device model. Only within one do equal values mean the same.

Premise: a profile reaches every device its labels fit, of whatever platform.
Rule: a profile of one family must miss all others; where its own labels do not see to that, one more label does. It is
one that the devices bear already, or else a new column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from reconcile.model.late import dataclass
from reconcile.runs.adoption.factor import Conditions
from reconcile.runs.adoption.subject import Subject

_SLUG = re.compile(r"[^A-Za-z0-9]+")


@dataclass(slots=True)
class Family:
    """Devices of one platform and model. `mark` is the label that only they bear; `is_new`: as a column to be added."""

    name: str
    section: str
    model_key: str
    subjects: list[Subject]
    mark: tuple[str, str] | None = None
    is_new: bool = False

    @property
    def platform(self) -> str:
        """The platform they live on."""
        return self.subjects[0].chosen.ref.platform


def families_of(subjects: Sequence[Subject], kinds: Mapping[tuple[str, str], str], keys: Sequence[str]) -> list[Family]:
    """The families, in order; `keys` are the subjects' model keys, `kinds` the sections by platform and model key."""
    grouped: dict[tuple[str, str], list[Subject]] = {}
    for subject, key in zip(subjects, keys, strict=True):
        grouped.setdefault((subject.chosen.ref.platform, key), []).append(subject)
    names: set[str] = set()
    families = []
    for platform, key in sorted(grouped):
        name = _named("-".join(part for part in (platform, _SLUG.sub("-", key).strip("-").lower()) if part), names)
        families.append(Family(name, kinds[platform, key], key, grouped[platform, key]))
    for family in families:
        _mark(family, families)
    return families


def apart(family: Family, families: Sequence[Family], conditions: Conditions) -> Conditions:
    """The conditions, with the family's mark where devices of another family would meet them."""
    others = [one.chosen.labels for other in families if other is not family for one in other.subjects]
    if not any(all(labels.get(key) == value for key, value in conditions) for labels in others):
        return conditions
    assert family.mark is not None, "families that meet have marks"
    return tuple(sorted({*conditions, family.mark}))


def _named(wanted: str, names: set[str]) -> str:
    name, number = wanted, 1
    while name in names:
        number += 1
        name = f"{wanted}-{number}"
    names.add(name)
    return name


def _mark(family: Family, families: Sequence[Family]) -> None:
    if len(families) == 1:
        return
    first = family.subjects[0].chosen.labels
    others = [one.chosen.labels for other in families if other is not family for one in other.subjects]
    for key, value in sorted(first.items()):
        is_ours = all(one.chosen.labels.get(key) == value for one in family.subjects)
        if value and is_ours and not any(labels.get(key) == value for labels in others):
            family.mark = key, value
            return
    label = "family"
    while any(label in one.chosen.labels for other in families for one in other.subjects):
        label += "-"
    family.mark, family.is_new = (label, family.name), True
