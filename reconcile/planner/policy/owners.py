"""Which owners have to look at a change: of the paths of a rule that a file lies in, the longest counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconcile.model.policy import Look, Rule


def looks_of(rules: Sequence[Rule], changed: Iterable[str]) -> list[Look]:
    """Changed files by who owns them, sorted; files that nobody owns are left out."""
    found: dict[tuple[str, ...], list[str]] = {}
    for file in changed:
        for rule in rules:
            owned = max((one for one in rule.owned if one.has(file)), key=lambda one: len(one.path), default=None)
            if owned is not None:
                found.setdefault(owned.owners, []).append(file)
    return [Look(owners, tuple(dict.fromkeys(files))) for owners, files in sorted(found.items())]
