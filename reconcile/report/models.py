"""The versions of the device models that a plan was checked against: one that is published anew has other rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reconcile.model.plan import Plan
from reconcile.report.messages import Texts
from reconcile.report.sanitise import inert
from reconcile.report.view import View

_SHOWN = 8


def model_entries(plan: Plan, texts: Texts, quote: Callable[[str], str]) -> list[str]:
    """A line for each model that tells its version, foreign words quoted; nothing where none does."""
    models = plan.base.models
    lines = [f"{quote(one.name)} {texts('models.version', version=quote(one.version))}" for one in models[:_SHOWN]]
    return [*lines, texts("models.more", n=len(models) - _SHOWN)] if len(models) > _SHOWN else lines


def model_lines(plan: Plan, view: View) -> Iterator[str]:
    """The section of a plan for the terminal."""
    entries = model_entries(plan, view.texts, inert)
    if entries:
        yield from view.title(view.texts("models.title"))
        for entry in entries:
            yield from view.wrap(entry, "  ", "    ")
