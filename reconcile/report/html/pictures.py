"""Pictures as inline SVG: shares of a whole, bars, and a time line. What a picture shows stands beside it as text.

Colours are classes of the style sheet, so light, dark and paper each have their own; no attribute is a style.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from reconcile.model.late import dataclass
from reconcile.report.html.both import BOTH, TAGS, Say
from reconcile.report.sanitise import html_text
from reconcile.report.view import age

_WIDTH, _ROW, _LEFT, _RIGHT, _TOP = 1000, 34, 190, 40, 26
_TICKS = (1, 10, 60, 600, 3600, 21_600, 86_400, 259_200, 604_800, 2_592_000, 31_536_000)


def shares(counts: Mapping[str, int]) -> str:
    """One bar, divided; a share is never too narrow to be seen."""
    total = sum(counts.values())
    if not total:
        return ""
    widths = [max(count / total * _WIDTH, 4.0) for count in counts.values()]
    scale = _WIDTH / sum(widths)
    x, parts = 0.0, []
    for name, width in zip(counts, widths, strict=True):
        parts.append(f'<rect class="f-{name}" x="{x:.1f}" width="{width * scale:.1f}" height="28"/>')
        x += width * scale
    return _svg("".join(parts), 28, "shares", fills=True)


def bar(count: int, most: int, name: str = "bar") -> str:
    """One bar of a list of bars."""
    width = max(count / most * _WIDTH, 3.0)
    return _svg(f'<rect class="f-{name}" width="{width:.1f}" height="14" rx="3"/>', 14, "bar", fills=True)


@dataclass(frozen=True, slots=True)
class Span:
    """A row of a time line: what it is about, and seconds from the start; `half_s` lies between start and end."""

    label: Say
    name: str
    end_s: float
    half_s: float | None = None
    begin_s: float = 0.0


def timeline(spans: Sequence[Span], end: tuple[Say, float]) -> str:
    """Rows over one logarithmic axis; `end` is a line through all of them."""
    last_s = max([end[1], *(span.end_s for span in spans)])
    height = _TOP + _ROW * len(spans) + 24
    parts = [*_axis(last_s, height), *_end(end, last_s, height)]
    for number, span in enumerate(spans):
        parts += _span(span, _TOP + _ROW * number, last_s)
    return _svg("".join(parts), height, "timeline")


def _axis(last_s: float, height: int) -> Iterator[str]:
    for tick in _TICKS:
        if tick <= last_s:
            x = _x(tick, last_s)
            yield f'<path class="tick" d="M{x:.1f} {_TOP - 6}V{height - 22}"/>'
            yield from _text(partial(age, tick), x, height - 6, "middle")


def _end(end: tuple[Say, float], last_s: float, height: int) -> Iterator[str]:
    x = _x(end[1], last_s)
    yield f'<path class="end" d="M{x:.1f} {_TOP - 8}V{height - 22}"/>'
    yield from _text(end[0], x, 12, "end", "end-text")


def _span(span: Span, y: int, last_s: float) -> Iterator[str]:
    begin, end = _x(span.begin_s, last_s), _x(span.end_s, last_s)
    yield from _text(span.label, _LEFT - 12, y + 18, "end", "row")
    middle = end if span.half_s is None else _x(span.half_s, last_s)
    yield _rect(f"f-{span.name}", begin, middle, y + 5)
    if span.half_s is not None:
        yield _rect(f"f-{span.name} faint", middle, end, y + 5)


def _rect(name: str, begin: float, end: float, y: int) -> str:
    return f'<rect class="{name}" x="{begin:.1f}" y="{y}" width="{max(end - begin, 3):.1f}" height="18" rx="3"/>'


def _x(at_s: float, last_s: float) -> float:
    part = math.log10(1 + max(at_s, 0.0)) / math.log10(1 + max(last_s, 1.0))
    return _LEFT + part * (_WIDTH - _LEFT - _RIGHT)


def _text(say: Say, x: float, y: int, anchor: str, name: str = "label") -> Iterator[str]:
    for texts in BOTH:
        said = html_text(say(texts), 60)
        yield f'<text class="{name}" lang="{TAGS[texts.lang]}" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{said}</text>'


def _svg(inside: str, height: int, name: str, *, fills: bool = False) -> str:
    stretch = ' preserveAspectRatio="none"' if fills else ""
    return (
        f'<svg class="{name}" viewBox="0 0 {_WIDTH} {height}"{stretch} aria-hidden="true" focusable="false">'
        f"{inside}</svg>"
    )
