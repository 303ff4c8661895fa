"""Draws docs/images/plan-growth.svg: how long plans take against how many devices they are of, on two logarithmic axes.

Every point is one of the tables of `docs/performance.md`, read from the page. Run: `python -m benchmarks.plan_growth`;
`python -m benchmarks` draws it anew where it writes tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log10
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.measure import ROOT, Failed, log
from benchmarks.page_tables import wall_times

PAGE: Final = ROOT / "docs" / "performance.md"
PICTURE: Final = ROOT / "docs" / "images" / "plan-growth.svg"
LINES: Final = {
    "`reconcile plan`, 1 % changed": "#d97706",
    "`reconcile plan`, unchanged": "#2f81f7",
    "the floor": "#7d8590",
    "again, nothing touched": "#2da44e",
}
"""The cases of `Plan of N devices beside the floor` that are drawn, each a line over all sizes, and their colours."""
POINTS: Final = {
    "Plan of 10,000 devices": ("afternoon script, unchanged", "the script tuned, unchanged"),
    "Beside Terraform": ("`terraform plan`",),
    "Beside octoDNS": ("`octodns-sync`",),
}
"""The cases of other tables that are drawn, each a point."""

_FLOOR = re.compile(r"Plan of ([\d,]+) devices beside the floor")
_COUNT = re.compile(r"^([\d,]+) (?:devices|records)", re.MULTILINE)
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 780, 420, 64, 238, 20, 48
_GREY, _GRID, _OTHERS = "#7d8590", "#7d859055", "#a371f7"

Point = tuple[int, float]


def points_of(page: str) -> Mapping[str, Sequence[Point]]:
    """Devices and seconds of every case that is drawn, by name. Raises: Failed when the page lacks one."""
    tables = wall_times(page)
    sizes = {title: int(found[1].replace(",", "")) for title in tables if (found := _FLOOR.fullmatch(title))}
    by_size = sorted(sizes.items(), key=lambda one: one[1])
    try:
        lines = {case: [(devices, tables[title][case]) for title, devices in by_size] for case in LINES}
        points = {
            case: [(_devices(page, title), tables[title][case])] for title, cases in POINTS.items() for case in cases
        }
    except KeyError as exc:
        raise Failed(f"{PAGE.name} has no {exc.args[0]!r} to draw") from exc
    if not by_size:
        raise Failed(f"{PAGE.name} has no plan beside the floor to draw")
    return {**lines, **points}


def draw(points: Mapping[str, Sequence[Point]]) -> str:
    """The picture as SVG, readable on a light ground and on a dark one."""
    every = [point for some in points.values() for point in some]
    plane = _Plane([devices for devices, _ in every], [seconds for _, seconds in every])
    body = [*plane.grid(), *(mark for name, some in points.items() for mark in _marks(plane, name, some))]
    body += _labels(plane, points)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
    title = "Seconds of wall clock of a plan against the number of devices, both logarithmic"
    return "\n".join([f'{head}font-size="12" role="img">', f"<title>{title}</title>", *body, "</svg>", ""])


def redraw() -> None:
    """Draws what the page says now. Raises: Failed when it lacks a case."""
    PICTURE.write_text(draw(points_of(PAGE.read_text(encoding="utf-8"))), encoding="utf-8")
    log(f"drawn: {PICTURE.relative_to(ROOT)}")


class _Plane:
    """Where numbers lie; the axes end at whole powers of ten."""

    def __init__(self, devices: Sequence[int], seconds: Sequence[float]) -> None:
        self.x = (_floor(min(devices)), _ceiling(max(devices)))
        self.y = (_floor(min(seconds)), _ceiling(max(seconds)))

    def at(self, point: Point) -> tuple[float, float]:
        across = (log10(point[0]) - self.x[0]) / (self.x[1] - self.x[0])
        up = (log10(point[1]) - self.y[0]) / (self.y[1] - self.y[0])
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)

    def grid(self) -> Iterator[str]:
        for power in range(self.x[0], self.x[1] + 1):
            x, y = self.at((10**power, 10 ** self.y[0]))
            yield f'<path d="M{x:.1f} {_TOP}V{y:.1f}" stroke="{_GRID}"/>'
            yield _text(x, y + 18, f"{10**power:,}", "middle")
        for power in range(self.y[0], self.y[1] + 1):
            x, y = self.at((10 ** self.x[0], 10.0**power))
            yield f'<path d="M{x:.1f} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{_GRID}"/>'
            yield _text(x - 8, y + 4, f"{10.0**power:g} s", "end")
        yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, "devices", "middle")


def _marks(plane: _Plane, name: str, points: Iterable[Point]) -> Iterator[str]:
    colour, places = LINES.get(name, _OTHERS), [plane.at(point) for point in points]
    if len(places) > 1:
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'


def _labels(plane: _Plane, points: Mapping[str, Sequence[Point]]) -> Iterator[str]:
    """Names beside the last points, from the top, none over another."""
    lowest: dict[float, float] = {}
    for name, some in sorted(points.items(), key=lambda one: -one[1][-1][1]):
        x, y = plane.at(some[-1])
        y = lowest[x] = max(y + 4, lowest.get(x, 0.0) + 15)
        yield _text(x + 10, y, f"{name.replace('`', '')}: {some[-1][1]:.3g} s", "start", LINES.get(name, _OTHERS))


def _text(x: float, y: float, text: str, anchor: str, colour: str = _GREY) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def _devices(page: str, title: str) -> int:
    found = _COUNT.search(page.partition(f"## {title}\n")[2])
    if found is None:
        raise Failed(f"{PAGE.name} does not say of how many devices {title!r} is")
    return int(found[1].replace(",", ""))


def _floor(value: float) -> int:
    return int(log10(value) // 1)


def _ceiling(value: float) -> int:
    return -int(-log10(value) // 1)


if __name__ == "__main__":
    redraw()
