"""Which labels explain which values: the rules that make the text of a fleet's manifests shortest.

Premise: values differ by site, model or firmware far more often than by device.
Rule: begin with nothing declared; again and again take the label set (none, one label, two labels) whose profile saves
the most text against writing the exceptions out, until none saves any. A later rule stands over an earlier one.
Deterministic: ties go to the fewer labels, then to their names. It is greedy, so a shorter text may exist. A profile
says only what at least half of its devices hold, and more than one: it will be read as what such devices should hold.

Cost of a text is its length in bytes, as it will be written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import combinations, product
from typing import Final, TypeAlias

from reconcile.model.late import dataclass

Conditions: TypeAlias = "tuple[tuple[str, str], ...]"
"""Labels that must all hold, sorted by name."""

_PROFILE_BYTES: Final = 130
_LABEL_BYTES: Final = 6
_ENTRY_BYTES: Final = 7
_EXCEPTION_BYTES: Final = 45
"""An exception needs a document of its own, or shares one: somewhere between a line and a document."""

_MOST_VALUES: Final = 200
"""A label with more values names devices, not groups."""
_MOST_PAIRS: Final = 3_000
_IGNORED: Final = "{mode: ignore}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One profile: all devices with these labels hold these values (text by path)."""

    conditions: Conditions
    entries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """What factoring sees of a device: labels, and the text of each value by path."""

    labels: Mapping[str, str]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Group:
    """Devices with equal labels: how many hold which text of each path; the text None counts those without it."""

    labels: Mapping[str, str]
    counts: Mapping[str, Counter[str | None]]


@dataclass(slots=True)
class _State:
    """What the rules so far say, by group and path; gains that are still true."""

    groups: Sequence[_Group]
    said: list[dict[str, str]]
    moved: Counter[str] = field(default_factory=Counter)
    gains: dict[tuple[int, str], tuple[int, int, str]] = field(default_factory=dict)


def factor(rows: Sequence[Row]) -> list[Rule]:
    """The rules, low to high."""
    groups = _grouped(rows)
    paths = sorted({path for row in rows for path in row.values})
    candidates = list(_candidates(groups))
    state = _State(groups, [{} for _ in groups])
    rules: list[Rule] = []
    while (found := _best(state, candidates, paths)) is not None:
        conditions, members, entries = found
        rules.append(Rule(conditions, entries))
        for number in members:
            state.said[number] |= entries
        state.moved.update(entries.keys())
    return rules


def said_of(rules: Sequence[Rule], labels: Mapping[str, str]) -> dict[str, str]:
    """What rules say of a device with those labels, the last winning."""
    said: dict[str, str] = {}
    for rule in rules:
        if all(labels.get(key) == value for key, value in rule.conditions):
            said |= rule.entries
    return said


def exceptions(said: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """What a device must say itself, so that rules and it come to just its values."""
    own = {path: text for path, text in values.items() if said.get(path) != text}
    return own | {path: _IGNORED for path in said if path not in values and said[path] != _IGNORED}


def _grouped(rows: Sequence[Row]) -> list[_Group]:
    keys = _keys(rows)
    paths = sorted({path for row in rows for path in row.values})
    groups: dict[tuple[str | None, ...], _Group] = {}
    for row in rows:
        signature = tuple(row.labels.get(key) for key in keys)
        group = groups.get(signature)
        if group is None:
            labels = {key: value for key, value in zip(keys, signature, strict=True) if value is not None}
            group = groups[signature] = _Group(labels, {path: Counter() for path in paths})
        for path in paths:
            group.counts[path][row.values.get(path)] += 1
    return list(groups.values())


def _keys(rows: Sequence[Row]) -> list[str]:
    """Labels that may name a group of devices."""
    values: dict[str, set[str]] = {}
    for row in rows:
        for key, value in row.labels.items():
            if value:
                values.setdefault(key, set()).add(value)
    most = min(_MOST_VALUES, max(2, len(rows) // 2))
    return sorted(key for key, found in values.items() if len(found) <= most)


def _candidates(groups: Sequence[_Group]) -> Iterator[tuple[Conditions, tuple[int, ...]]]:
    """Label sets and the groups they cover; of those that cover the same groups the first."""
    members: dict[tuple[str, str], set[int]] = {}
    for number, group in enumerate(groups):
        for pair in group.labels.items():
            members.setdefault(pair, set()).add(number)
    seen: set[tuple[int, ...]] = set()

    def once(conditions: Conditions, covered: set[int]) -> Iterator[tuple[Conditions, tuple[int, ...]]]:
        key = tuple(sorted(covered))
        if key and key not in seen:
            seen.add(key)
            yield conditions, key

    yield from once((), set(range(len(groups))))
    for pair in sorted(members):
        yield from once((pair,), members[pair])
    by_key: dict[str, list[tuple[str, str]]] = {}
    for pair in sorted(members):
        by_key.setdefault(pair[0], []).append(pair)
    pairs = 0
    for left, right in combinations(sorted(by_key), 2):
        pairs += len(by_key[left]) * len(by_key[right])
        if pairs > _MOST_PAIRS:
            return
        for one, other in product(by_key[left], by_key[right]):
            yield from once((one, other), members[one] & members[other])


def _best(
    state: _State, candidates: Sequence[tuple[Conditions, tuple[int, ...]]], paths: Sequence[str]
) -> tuple[Conditions, tuple[int, ...], dict[str, str]] | None:
    best: tuple[int, int] | None = None
    for number, (conditions, members) in enumerate(candidates):
        saved = sum(gain for path in paths if (gain := _gain(state, number, members, path)[0]) > 0)
        saved -= _PROFILE_BYTES + sum(len(key) + len(value) + _LABEL_BYTES for key, value in conditions)
        if saved > 0 and (best is None or saved > best[0]):
            best = saved, number
    if best is None:
        return None
    conditions, members = candidates[best[1]]
    gains = {path: _gain(state, best[1], members, path) for path in paths}
    return conditions, members, {path: text for path, (gain, text) in gains.items() if gain > 0}


def _gain(state: _State, number: int, members: Sequence[int], path: str) -> tuple[int, str]:
    """Bytes saved when these groups were told the best text for the path, and that text."""
    known = state.gains.get((number, path))
    if known is not None and known[0] == state.moved[path]:
        return known[1], known[2]
    held: Counter[str | None] = Counter()
    now = 0
    for member in members:
        counts = state.groups[member].counts[path]
        held.update(counts)
        now += _exceptions(path, counts, state.said[member].get(path))
    gain, text = 0, ""
    whole = sum(_weight(path, one) * count for one, count in held.items())
    covered = sum(held.values())
    for one in sorted(filter(None, held)):
        if held[one] == 1 or 2 * held[one] < covered:
            continue
        # All that differ from it are exceptions then; those without the path must say that they are left alone.
        then = whole - _weight(path, one) * held[one]
        saved = now - then - (len(path) + len(one) + _ENTRY_BYTES)
        if saved > gain:
            gain, text = saved, one
    state.gains[number, path] = state.moved[path], gain, text
    return gain, text


def _exceptions(path: str, counts: Counter[str | None], said: str | None) -> int:
    return sum(
        _weight(path, text) * count
        for text, count in counts.items()
        if text != said and not (text is None and said is None)
    )


def _weight(path: str, text: str | None) -> int:
    return len(path) + len(_IGNORED if text is None else text) + _EXCEPTION_BYTES
