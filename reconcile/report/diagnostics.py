"""Diagnostics as text: code, severity and summary; then the place; then what was found and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.model.diagnostic import Diagnostic
from reconcile.report.sanitise import inert
from reconcile.report.style import columns_of
from reconcile.report.view import View, finish

_DETAIL_LIMIT = 2000


def diagnostics_text(
    diagnostics: Sequence[Diagnostic], *, lang: str = "en", color: bool = False, width: int = 80
) -> str:
    """All diagnostics in the order given, and a closing line that counts them."""
    view = View.of(lang, color=color, width=width)
    if not diagnostics:
        return finish([view.texts("problems.none")])
    lines = [line for diagnostic in diagnostics for line in [*diagnostic_lines(diagnostic, view), ""]]
    return finish([*lines, count_line(diagnostics, view)])


def diagnostic_lines(diagnostic: Diagnostic, view: View) -> list[str]:
    """One diagnostic."""
    severity = diagnostic.severity.value
    head = view.texts("problem.head", code=inert(diagnostic.code), severity=view.texts(f"severity.{severity}"))
    place = inert(str(diagnostic.span))
    detail = inert(diagnostic.detail, _DETAIL_LIMIT)
    together = f"  {place}  {detail}"
    summary = view.texts.summary(diagnostic)
    lines = view.wrap(view.texts("problem.line", head=view.paint(severity, head), summary=summary), "", "  ")
    if place and columns_of(together) <= view.width:
        return [*lines, together]
    if place:
        lines.append(f"  {place}")
    return [*lines, *view.wrap(detail, "  ")] if detail else lines


def count_line(diagnostics: Sequence[Diagnostic], view: View) -> str:
    """`2 errors, 1 warning.`"""
    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    counted = view.texts.count("error", errors), view.texts.count("warning", len(diagnostics) - errors)
    return view.texts("problems.count", errors=counted[0], warnings=counted[1])
