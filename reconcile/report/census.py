"""The states of a fleet as text and JSON: totals, groups by label, and who was not heard of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from reconcile.model.plan_json import timestamp
from reconcile.model.values import JsonObject
from reconcile.report.sanitise import inert
from reconcile.report.standing import NO_LABEL, Census, Standing
from reconcile.report.style import table
from reconcile.report.view import View, when

_NAMED = 20


def census_lines(census: Census, view: View) -> Iterator[str]:
    """How many devices are in which state; by label where asked; long-silent devices by name."""
    states = _shown(census.states, view)
    devices = view.texts.count("device", census.states.total())
    yield from view.title(view.texts("census.title", devices=devices))
    yield from view.flow(states or [view.texts("value.none")], "  ")
    if census.by is not None:
        yield from view.title(view.texts("census.by", label=inert(census.by)))
        rows = [
            [inert(name) or view.texts("census.no_label"), f"{counts.total():,}", " · ".join(_shown(counts, view))]
            for name, counts in sorted(census.groups.items(), key=lambda group: (group[0] == NO_LABEL, group[0]))
        ]
        yield from table(rows, view.width, indent="  ")
    lost = [(ref, heard) for ref, is_long, heard in census.silent if is_long]
    if lost:
        yield from view.title(view.texts("census.long_silent"))
        rows = [[inert(str(ref)), _heard(heard, census.now, view)] for ref, heard in lost[:_NAMED]]
        yield from table(rows, view.width, indent="  ")
    if len(lost) > _NAMED:
        yield from view.wrap(view.texts("census.more", n=len(lost) - _NAMED), "  ")


def census_head(census: Census) -> JsonObject:
    """The members of the status document that count devices."""
    body: JsonObject = {"devices": _counts(census.states)}
    if census.by is not None:
        body["by"] = {
            "label": census.by,
            "groups": {name: _counts(counts) for name, counts in sorted(census.groups.items())},
        }
    return body


def census_silent(census: Census) -> Iterator[JsonObject]:
    """An entry of `silent` for each device that was not heard of."""
    for ref, is_long, heard in census.silent:
        yield {"device": str(ref), "long": is_long, "heard_at": None if heard is None else timestamp(heard)}


def _counts(states: Counter[Standing]) -> JsonObject:
    return {"total": states.total(), **{state.value: states[state] for state in Standing}}


def _shown(states: Counter[Standing], view: View) -> list[str]:
    return [
        view.paint(_ROLES.get(state, "bold"), f"{view.texts(f'standing.{state}')} {states[state]:,}")
        for state in reversed(Standing)
        if states[state]
    ]


def _heard(heard: datetime | None, now: datetime, view: View) -> str:
    return (
        view.texts("census.never") if heard is None else view.texts("census.heard", when=when(view.texts, heard, now))
    )


_ROLES = {Standing.CONFIRMED: "good", Standing.LOST: "error", Standing.LONG_SILENT: "warning"}
