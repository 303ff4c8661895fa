"""What the clouds hold that was not recorded, from a plan: drift, conflicts, and what could not be read or compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconcile.model.plan import Notice, Plan
from reconcile.model.plan_json import timestamp
from reconcile.model.values import Json, JsonObject
from reconcile.report.document import document
from reconcile.report.drift_facts import coverage_facts
from reconcile.report.sanitise import inert
from reconcile.report.text import notice_lines
from reconcile.report.view import View, finish

FORMAT = "reconcile-drift/1"


def drift_text(
    plan: Plan, uncompared: Sequence[Notice] = (), *, lang: str = "en", color: bool = False, width: int = 80
) -> str:
    """How much was looked at; what differs from what was recorded, with all three values; what stayed unknown."""
    view = View.of(lang, color=color, width=width)
    found = _found(plan, uncompared)
    if any(notices for kind, notices in found if kind != "not_compared"):
        counts = {kind: view.texts.count("device", _devices(notices)) for kind, notices in found}
        lines = view.wrap(view.paint("bold", view.texts("drift.title", **counts)))
    else:
        devices = view.texts.count("device", plan.summary.devices)
        lines = [view.texts("drift.none", devices=devices, refresh=inert(plan.base.refresh))]
    if coverage := list(coverage_facts(plan.coverage, view.texts, is_always=True)):
        lines.extend(view.flow(coverage, "  "))
    for kind, notices in found:
        lines.extend(notice_lines(kind, notices, view))
    return finish(lines)


def drift_json(
    plan: Plan, uncompared: Sequence[Notice] = (), edits: Sequence[Mapping[str, str]] | None = None
) -> Iterator[str]:
    """The same as a JSON document in pieces. `edits` are manifest edits, file and diff, where they were asked for."""
    found = _found(plan, uncompared)
    counts: JsonObject = {kind: _devices(notices) for kind, notices in found if kind != "not_compared"}
    head: JsonObject = {
        "format": FORMAT,
        "created": timestamp(plan.created),
        "base": plan.base.to_json(),
        "devices": {"compared": plan.summary.devices, **counts},
        "coverage": None if plan.coverage is None else plan.coverage.to_json(),
    }
    told: list[tuple[str, Iterable[Json]]] = [(kind, map(Notice.to_json, notices)) for kind, notices in found]
    if edits is not None:
        told.append(("edits", [dict(edit) for edit in edits]))
    return document(head, told)


def _found(plan: Plan, uncompared: Sequence[Notice]) -> tuple[tuple[str, Sequence[Notice]], ...]:
    told = (("drift", plan.drift), ("conflicts", plan.conflicts), ("unknown", plan.unknown))
    return (*told, ("not_compared", uncompared))


def _devices(notices: Sequence[Notice]) -> int:
    return len({notice.device for notice in notices})
