"""What the clouds hold that was not recorded, from a plan: drift, conflicts, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconcile.model.plan import Notice, Plan
from reconcile.model.plan_json import timestamp
from reconcile.model.values import JsonObject
from reconcile.report.document import document
from reconcile.report.sanitise import inert
from reconcile.report.text import notice_lines
from reconcile.report.view import View, finish

FORMAT = "reconcile-drift/1"


def drift_text(plan: Plan, *, lang: str = "en", color: bool = False, width: int = 80) -> str:
    """Devices that differ from what was recorded, with all three values; one line when none does."""
    view = View.of(lang, color=color, width=width)
    found = _found(plan)
    if not any(notices for _, notices in found):
        devices = view.texts.count("device", plan.summary.devices)
        return finish([view.texts("drift.none", devices=devices, refresh=inert(plan.base.refresh))])
    counts = {kind: view.texts.count("device", _devices(notices)) for kind, notices in found}
    lines = view.wrap(view.paint("bold", view.texts("drift.title", **counts)))
    for kind, notices in found:
        lines.extend(notice_lines(kind, notices, view))
    return finish(lines)


def drift_json(plan: Plan) -> Iterator[str]:
    """The same as a JSON document in pieces."""
    found = _found(plan)
    counts: JsonObject = {kind: _devices(notices) for kind, notices in found}
    head: JsonObject = {
        "format": FORMAT,
        "created": timestamp(plan.created),
        "base": plan.base.to_json(),
        "devices": {"compared": plan.summary.devices, **counts},
    }
    return document(head, ((kind, map(Notice.to_json, notices)) for kind, notices in found))


def _found(plan: Plan) -> tuple[tuple[str, tuple[Notice, ...]], ...]:
    return (("drift", plan.drift), ("conflicts", plan.conflicts), ("unknown", plan.unknown))


def _devices(notices: Sequence[Notice]) -> int:
    return len({notice.device for notice in notices})
